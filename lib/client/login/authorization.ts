/** Whether the user is logged in, and who wants to know. */
export class Authorization {
  readonly #callbacks: { readonly answer: boolean; readonly callback: () => void }[] = []
  readonly #call: (callback: () => void) => void
  #isAuthorized: boolean | undefined

  /** `call` calls a callback of the page. */
  constructor(call: (callback: () => void) => void) {
    this.#call = call
  }

  /** Undefined while the server has not said. */
  get isAuthorized(): boolean | undefined {
    return this.#isAuthorized
  }

  /** Tells the callbacks where this is news. */
  set(isAuthorized: boolean | undefined): void {
    if (this.#isAuthorized === isAuthorized) return
    this.#isAuthorized = isAuthorized
    for (const { answer, callback } of this.#callbacks) if (answer === isAuthorized) this.#call(callback)
  }

  /** Calls `callback` whenever `answer` becomes true of the user; now, where it is known to be so already. */
  on(answer: boolean, callback: () => void): void {
    this.#callbacks.push({ answer, callback })
    if (this.#isAuthorized === answer) this.#call(callback)
  }
}
