/** What goes over one connection: the client would hide what the server sends twice. */
export class Wire {
  readonly #offsets = new Map<string, number>()
  readonly #wrong: (what: string) => void

  constructor(wrong: (what: string) => void) {
    this.#wrong = wrong
  }

  received(frame: string): void {
    for (const line of frame.split('\n')) {
      const { pipe, offset } = JSON.parse(line) as { readonly pipe: string; readonly offset?: number }
      if (offset === undefined || pipe.startsWith('_')) continue
      const last = this.#offsets.get(pipe) ?? 0
      if (offset <= last) this.#wrong(`the server sent ${pipe} ${offset} after ${last}`)
      this.#offsets.set(pipe, offset)
    }
  }
}
