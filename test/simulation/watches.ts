import type { Truth } from './truth.ts'

/** What the server says of a pipe when it answers a subscription. */
export interface PipeState {
  readonly epoch?: string
  readonly offset?: number
  readonly recovered?: boolean
}

/** What one page sees of one pipe, from its subscription on; judged with each message. */
export interface Watch {
  message(text: string): void
  /** The server says how far the pipe got. */
  confirmed(state: PipeState): void
  /** The page was told that messages are lost. */
  gap(): void
  /** The connection has ended. */
  lost(): void
  /** All faults are over, and all has come that was to come. */
  end(): void
}

/** Where a watch looks, and whom it tells what is wrong. */
export interface Watched {
  readonly truth: Truth
  readonly key: string
  /** Whether the page has sent a message itself: the server does not send it back. */
  readonly isOwn: (text: string) => boolean
  readonly wrong: (what: string) => void
}

/** Of a pipe that keeps messages every one comes, once, in order; or the page is told. */
export class KeptWatch implements Watch {
  readonly #watched: Watched
  readonly #isBack: boolean
  /** The place of the last message that the page has, or needs not have; undefined before the server's first word. */
  #last: number | undefined
  #isCatchingUp = true
  /** A message that was left out, and nobody has said so yet. */
  #owed: string | undefined
  #isTold = false
  #epoch: string | undefined
  /** Whether there were messages of its own, which the server cannot know to be here. */
  #hasPassedOwn = false

  /** `isBack`: the page was in the pipe before. */
  constructor(watched: Watched, isBack: boolean) {
    this.#watched = watched
    this.#isBack = isBack
  }

  message(text: string): void {
    const { truth, key, wrong } = this.#watched
    const index = truth.indexOf(key, text)
    if (index === undefined) {
      wrong(`${key} ${text} was never kept`)
      return
    }
    if (this.#last === undefined) {
      // What was on its way when the page left the pipe, and comes when it is back already.
      if (!this.#isBack) wrong(`${key} ${text} came before the answer to the subscription`)
      return
    }
    if (index <= this.#last) {
      wrong(`${key} ${text} came again, or late`)
      return
    }
    const missing = this.#missing(index)
    if (missing !== undefined && !this.#isCatchingUp) wrong(`${key} ${missing} is missing before ${text}`)
    this.#owed ??= missing
    if (index > this.#last + 1) this.#hasPassedOwn = true
    this.#last = index
  }

  confirmed({ epoch, offset, recovered }: PipeState): void {
    const { truth, key, wrong } = this.#watched
    if (epoch === undefined || offset === undefined) return
    const target = offset === 0 ? truth.startOf(key, epoch) : truth.indexAt(key, epoch, offset)
    const isFirst = this.#last === undefined
    const missing = isFirst ? undefined : (this.#owed ?? this.#missing(target + 1))
    if (recovered === true && missing !== undefined)
      wrong(`${key} ${missing} is missing, which is said to be recovered`)
    if (recovered === undefined && missing !== undefined)
      wrong(`${key} ${missing} is missing, and nothing is said of it`)
    if (recovered === false && !this.#isTold) wrong(`${key} has a gap, and the page was not told`)
    const isWhole = missing === undefined && !this.#hasPassedOwn && target <= (this.#last ?? -1)
    const isFalseAlarm = recovered === false && isWhole && epoch === this.#epoch
    if (isFalseAlarm) wrong(`${key} is said to have a gap, and has none`)
    this.#last = Math.max(this.#last ?? -1, target)
    this.#owed = undefined
    this.#isCatchingUp = false
    this.#epoch = epoch
    this.#hasPassedOwn = false
  }

  gap(): void {
    this.#isTold = true
  }

  lost(): void {
    this.#isCatchingUp = true
    this.#isTold = false
  }

  end(): void {
    const { truth, key, wrong } = this.#watched
    const missing = this.#owed ?? this.#missing(truth.of(key).length)
    if (missing !== undefined) wrong(`${key} ${missing} never came, and nobody was told`)
    if (this.#last === undefined) wrong(`${key}: no answer to the subscription ever came`)
  }

  /** The first message of others between the last one and `before`. */
  #missing(before: number): string | undefined {
    const { truth, key, isOwn } = this.#watched
    const between = truth.of(key).slice((this.#last ?? -1) + 1, before)
    return between.find(({ text }) => !isOwn(text))?.text
  }
}

/** Of other pipes each message comes at most once, in order, and all of them while the connection holds. */
export class LiveWatch implements Watch {
  readonly #watched: Watched
  readonly #isComplete: boolean
  #last = -1
  #isUnbroken = false

  /** `isComplete`: whether all come; else newer ones may stand for older ones. */
  constructor(watched: Watched, isComplete: boolean) {
    this.#watched = watched
    this.#isComplete = isComplete
  }

  message(text: string): void {
    const { truth, key, wrong } = this.#watched
    const index = truth.indexOf(key, text)
    if (index === undefined) {
      wrong(`${key} ${text} was never sent`)
      return
    }
    if (index <= this.#last) {
      wrong(`${key} ${text} came again, or late`)
      return
    }
    if (this.#isComplete && this.#isUnbroken && index > this.#last + 1) wrong(`${key} lacks what was before ${text}`)
    this.#last = index
    this.#isUnbroken = true
  }

  confirmed(): void {
    // Of what is not kept there is nothing to say.
  }

  gap(): void {
    // The same.
  }

  lost(): void {
    this.#isUnbroken = false
  }

  end(): void {
    const { truth, key, wrong } = this.#watched
    const newest = truth.of(key).length - 1
    if (this.#last !== newest) wrong(`${key} ${truth.of(key)[newest]?.text ?? ''}, the newest, did not come`)
  }
}
