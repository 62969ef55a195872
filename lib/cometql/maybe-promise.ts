/** A value that is there at once where nothing has to be waited for. */
export type MaybePromise<T> = T | Promise<T>

/** Goes on with `next` once `value` is there: in the same turn if it already is. */
export function andThen<T, U>(value: MaybePromise<T>, next: (value: T) => MaybePromise<U>): MaybePromise<U> {
  return value instanceof Promise ? value.then(next) : next(value)
}

/** All of `values`, without a promise if none of them is one. */
export function all<T>(values: readonly MaybePromise<T>[]): MaybePromise<readonly T[]> {
  return values.some((value) => value instanceof Promise) ? Promise.all(values) : (values as readonly T[])
}
