interface Reader<Message> {
  readonly resolve: (result: IteratorResult<Message, undefined>) => void
  readonly reject: (error: Error) => void
}

/** The most messages that wait for a slow reader. */
const maxWaiting = 10_000

/** What `for await` reads. */
export interface MessageIterator<Message> extends AsyncIterableIterator<Message> {
  next(): Promise<IteratorResult<Message, undefined>>
  return(): Promise<IteratorResult<Message, undefined>>
}

/** Messages that come by themselves, to be read one after the other. */
export class MessageStream<Message> implements MessageIterator<Message> {
  readonly #ended: () => void
  #waiting: Message[] = []
  #readers: Reader<Message>[] = []
  #isOver = false
  #error: Error | undefined

  /** `ended` is called when nobody reads any more. */
  constructor(ended: () => void) {
    this.#ended = ended
  }

  /** A message has come. Of a reader who is too slow the stream breaks off: it never leaves any out. */
  push(message: Message): void {
    const reader = this.#readers.shift()
    if (reader !== undefined) reader.resolve({ done: false, value: message })
    else if (this.#waiting.push(message) > maxWaiting) {
      this.#error = new Error(`More than ${maxWaiting} messages wait for the loop that reads them: read faster`)
      this.#end()
    }
  }

  /** What has come is read to its end, also after the end. */
  next(): Promise<IteratorResult<Message, undefined>> {
    const [message] = this.#waiting
    if (message !== undefined || this.#waiting.length > 0) {
      return Promise.resolve({ done: false, value: this.#waiting.shift() as Message })
    }
    const error = this.#error
    this.#error = undefined
    if (error !== undefined) return Promise.reject(error)
    if (this.#isOver) return Promise.resolve({ done: true, value: undefined })
    return new Promise((resolve, reject) => this.#readers.push({ resolve, reject }))
  }

  return(): Promise<IteratorResult<Message, undefined>> {
    this.#end()
    return Promise.resolve({ done: true, value: undefined })
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #end(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#ended()
    for (const { resolve } of this.#readers.splice(0)) resolve({ done: true, value: undefined })
  }
}
