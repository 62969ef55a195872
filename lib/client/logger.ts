/** How much the client tells: 0 nothing, 1 what went wrong, 2 also connects and disconnects, 3 also every frame. */
export type LogLevel = 0 | 1 | 2 | 3

/** Tells the developer of the page what happens. */
export class Logger {
  /** Default 1. */
  level: LogLevel = 1
  readonly #print: (text: string) => void

  constructor(print: (text: string) => void) {
    this.#print = print
  }

  /** Something went wrong; the text says what to do. */
  problem(text: string): void {
    this.#log(1, text)
  }

  connection(text: string): void {
    this.#log(2, text)
  }

  frame(text: string): void {
    this.#log(3, text)
  }

  #log(level: LogLevel, text: string): void {
    if (level <= this.level) this.#print(`CometServerApi: ${text}`)
  }
}
