/** Whether the user is logged in, and who wants to know. */
export class Authorization {
  readonly #success: (() => void)[] = []
  readonly #failure: (() => void)[] = []
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
    if (isAuthorized === undefined) return
    for (const callback of isAuthorized ? this.#success : this.#failure) this.#call(callback)
  }

  /** Calls `callback` whenever the user gets logged in; now, where that is so already. */
  onSuccess(callback: () => void): void {
    this.#success.push(callback)
    if (this.#isAuthorized === true) this.#call(callback)
  }

  /** Calls `callback` whenever the user turns out not to be logged in; now, where that is known already. */
  onFailure(callback: () => void): void {
    this.#failure.push(callback)
    if (this.#isAuthorized === false) this.#call(callback)
  }
}
