import type { DeferredResult, OkResult, Value } from './handler.ts'
import type { ReplyPlace, Steps } from './wire.ts'

/** So many statements of one connection may wait for their answers, and so many characters and bytes of theirs. */
const maxReplies = 1000
const maxSize = 1024 * 1024

/** A statement that was begun ahead of the answers to those before it. */
export interface Begun {
  /** Where its reply goes. */
  readonly place: ReplyPlace
  readonly sql: string
  readonly params: readonly Value[]
  /** When it came. */
  readonly since: number
}

interface Reply extends Begun {
  readonly size: number
  /** Undefined until the result is there. */
  tell: (() => OkResult) | undefined
}

/** The replies that are still to come while further commands are run already. They leave in the order of the commands. */
export class DeferredReplies {
  readonly #send: (place: ReplyPlace, tell: () => OkResult) => void
  #replies: Reply[] = []
  #size = 0
  #whenEmpty: (() => void) | undefined

  /** `send` writes the reply that goes to `place`: what `tell` returns or throws. */
  constructor(send: (place: ReplyPlace, tell: () => OkResult) => void) {
    this.#send = send
  }

  get isEmpty(): boolean {
    return this.#replies.length === 0
  }

  /** Whether the next command has to wait, so that memory is bounded. */
  get isFull(): boolean {
    return this.#replies.length >= maxReplies || this.#size >= maxSize
  }

  /** The statement whose reply is next. */
  get first(): Begun | undefined {
    return this.#replies[0]
  }

  add(begun: Begun, { deferred }: DeferredResult): void {
    const { place, sql, params, since } = begun
    const reply: Reply = { place, sql, params, since, size: sizeOf(begun), tell: undefined }
    this.#replies.push(reply)
    this.#size += reply.size
    deferred.then(
      (tell) => this.#settle(reply, tell),
      (error: unknown) =>
        this.#settle(reply, () => {
          throw error
        }),
    )
  }

  /** Waits until all are sent. */
  *settled(): Steps<void> {
    if (this.isEmpty) return
    yield new Promise<void>((resolve) => {
      this.#whenEmpty = resolve
    })
  }

  /** The connection is gone: nobody waits for the replies. */
  drop(): void {
    this.#replies = []
    this.#size = 0
  }

  #settle(reply: Reply, tell: () => OkResult): void {
    reply.tell = tell
    const replies = this.#replies
    for (let first = replies[0]; first?.tell !== undefined; first = replies[0]) {
      replies.shift()
      this.#size -= first.size
      this.#send(first.place, first.tell)
    }
    if (!this.isEmpty) return
    this.#whenEmpty?.()
    this.#whenEmpty = undefined
  }
}

function sizeOf({ sql, params }: Begun): number {
  let size = sql.length
  for (const value of params) {
    if (typeof value === 'string' || (typeof value === 'object' && value !== null)) size += value.length
  }
  return size
}
