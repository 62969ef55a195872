import { isDeepStrictEqual } from 'node:util'

/** A line that the server sent, parsed. */
export type Message = Readonly<Record<string, unknown>>

interface Waiting {
  readonly expected: Message
  readonly resolve: (message: Message) => void
}

/** A message that does not come within this time, in milliseconds, fails the test with what came instead. */
const patienceMs = 5000

/** What a browser received. */
export class Inbox {
  /** The frames, each with its lines joined by line breaks. */
  readonly frames: string[] = []
  #unread: Message[] = []
  readonly #waiting = new Set<Waiting>()

  /** Every line that came until now. */
  get lines(): string[] {
    return this.frames.flatMap((frame) => frame.split('\n'))
  }

  /** The same, parsed. */
  get messages(): Message[] {
    return this.lines.map((line) => JSON.parse(line) as Message)
  }

  /** The data of the messages of one pipe, in the order in which they came. */
  dataOf(pipe: string): unknown[] {
    return this.messages.filter((message) => message.pipe === pipe).map(({ data }) => data)
  }

  /** Takes the text of a frame. */
  receive(frame: string): void {
    this.frames.push(frame)
    for (const line of frame.split('\n')) this.#take(JSON.parse(line) as Message)
  }

  /** Resolves to the first message with all members of `expected` that no earlier call got: one that came, or comes. */
  next(expected: Message): Promise<Message> {
    const at = this.#unread.findIndex((message) => fits(message, expected))
    if (at !== -1) return Promise.resolve(this.#unread.splice(at, 1)[0]!)
    return new Promise((resolve, reject) => {
      const waiting = {
        expected,
        resolve: (message: Message): void => {
          clearTimeout(patience)
          resolve(message)
        },
      }
      const patience = setTimeout(() => {
        this.#waiting.delete(waiting)
        reject(new Error(`No message like ${JSON.stringify(expected)}; unread: ${JSON.stringify(this.#unread)}`))
      }, patienceMs)
      this.#waiting.add(waiting)
    })
  }

  #take(message: Message): void {
    for (const waiting of this.#waiting) {
      if (!fits(message, waiting.expected)) continue
      this.#waiting.delete(waiting)
      waiting.resolve(message)
      return
    }
    this.#unread.push(message)
  }
}

function fits(message: Message, expected: Message): boolean {
  return Object.entries(expected).every(([name, value]) => isDeepStrictEqual(message[name], value))
}
