import type { CometCallback } from '../server-message.ts'
import { isForEverybody, isLocalPipe, type SubscriptionName } from './subscription-name.ts'

interface Subscription {
  readonly names: readonly SubscriptionName[]
  /** Undefined where the page only joins the pipe. */
  readonly callback: CometCallback | undefined
}

/** Which callbacks of the page wait for what. */
export class Subscriptions {
  readonly #byId = new Map<string, Subscription>()
  readonly #byName = new Map<string, Set<Subscription>>()
  #lastId = 0

  /** Returns an id for `remove`. */
  add(names: readonly SubscriptionName[], callback: CometCallback | undefined): string {
    const id = `subscription_${++this.#lastId}`
    const subscription = { names, callback }
    this.#byId.set(id, subscription)
    for (const name of names) this.#named(keyOf(name)).add(subscription)
    return id
  }

  /** Returns false where there is no such subscription. */
  remove(id: string): boolean {
    const subscription = this.#byId.get(id)
    if (subscription === undefined) return false
    this.#byId.delete(id)
    for (const key of subscription.names.map(keyOf)) {
      const named = this.#named(key)
      named.delete(subscription)
      if (named.size === 0) this.#byName.delete(key)
    }
    return true
  }

  clear(): void {
    this.#byId.clear()
    this.#byName.clear()
  }

  /** The pipes to which the connection has to be subscribed, and `msg` where private messages are listened to. */
  pipes(): string[] {
    const pipes = new Set<string>()
    for (const { names } of this.#byId.values()) {
      for (const { pipe } of names) {
        if (pipe === '' || pipe === 'msg') pipes.add('msg')
        else if (!isLocalPipe(pipe)) pipes.add(pipe)
      }
    }
    return [...pipes]
  }

  /** Who wants a message: those of its event first, then those of its pipe, then those of everything; each once. */
  callbacks(pipe: string, event: string): CometCallback[] {
    const keys = event === '' ? [pipe] : [keyOf({ pipe, event }), pipe]
    if (isForEverybody(pipe)) keys.push('')
    const subscriptions = new Set(keys.flatMap((key) => [...(this.#byName.get(key) ?? [])]))
    return [...subscriptions].flatMap(({ callback }) => callback ?? [])
  }

  #named(key: string): Set<Subscription> {
    const named = this.#byName.get(key) ?? new Set<Subscription>()
    this.#byName.set(key, named)
    return named
  }
}

function keyOf({ pipe, event }: SubscriptionName): string {
  return event === '' ? pipe : `${pipe}.${event}`
}
