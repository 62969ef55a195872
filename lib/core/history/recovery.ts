import type { StoredEntry } from '../../storage/storage.ts'
import type { Position } from '../../wire/commands.ts'
import { dataOf } from '../../wire/messages.ts'
import { Line } from '../frame.ts'
import type { History } from './history.ts'
import type { Pipe } from '../pipe.ts'
import { PortionReader, type Portion } from './portions.ts'
import type { Session } from '../session.ts'

/** What a client of protocol 5 hears about a pipe that keeps history, when it subscribes. */
export interface PipeState extends Position {
  /** Whether it has got everything since the position that it named; undefined where it named none. */
  readonly recovered?: boolean
}

/** As an `after`, behind every entry. */
const end = Number.MAX_SAFE_INTEGER

/**
 * Sends a session what it missed in one pipe, oldest first. The pipe MUST hold back what comes for it since it joined;
 * `pipe.release(session, state.offset)` lets that go: so nothing is sent twice, out of order or not at all.
 */
export class Recovery {
  readonly #session: Session
  readonly #pipe: Pipe
  readonly #history: History
  readonly #reader: PortionReader
  readonly #isFirstVisit: boolean
  #epoch = ''
  /** Up to here it was sent what there is. */
  #offset = end
  /** Where the log ended when its first portion was read: what came later is held back. */
  #through: number | undefined
  #isWhole = true
  /** The client's position goes with what comes: it has to hear at once what is not there any more. */
  #isFollowed = false

  /** `position`: up to there the client has it; undefined where it begins with what is new. */
  constructor(session: Session, pipe: Pipe, history: History, position: Position | undefined) {
    this.#session = session
    this.#pipe = pipe
    this.#history = history
    this.#reader = new PortionReader((after, limit) => history.log(pipe.name, after, limit))
    this.#isFirstVisit = position === undefined
    if (position === undefined) return
    this.#epoch = position.epoch
    this.#offset = position.offset
  }

  get state(): PipeState {
    const position = { epoch: this.#epoch, offset: this.#offset }
    return this.#isFirstVisit && this.#isWhole ? position : { ...position, recovered: this.#isWhole }
  }

  /** Sends what was missed when this was called. */
  async begin(): Promise<void> {
    if (this.#isFirstVisit) await this.#findEnd()
    else await this.#send()
    await this.#reach()
    this.#isFollowed = true
  }

  /** Whether more came meanwhile than the pipe holds back for one session: then `goOn` MUST come before `release`. */
  isBehind(): boolean {
    return this.#session.isOpen && this.#pipe.hasOverflowed(this.#session)
  }

  /** Sends what came since, as far as that was not held back. */
  async goOn(): Promise<void> {
    await this.#send()
    await this.#reach()
  }

  async #findEnd(): Promise<void> {
    const { epoch, lastSeq } = await this.#history.log(this.#pipe.name, end, 1)
    this.#epoch = epoch
    this.#offset = lastSeq
  }

  /** The others in the pipe get it, too: else what is on its way from another node would come to this session once more. */
  async #reach(): Promise<void> {
    const { cluster } = this.#session.tenant
    if (cluster !== undefined) await cluster.reach(this.#pipe.name, this.#epoch, this.#offset)
  }

  async #send(): Promise<void> {
    this.#through = undefined
    for (let isLast = false; !isLast;) {
      const sent = await this.#sendPortion()
      if (sent.count > 0 && !(await this.#session.taken())) return
      isLast = sent.isLast
    }
  }

  /** Resolves to numbers only: they are all that is held until the network has taken the portion. */
  async #sendPortion(): Promise<{ readonly count: number; readonly isLast: boolean }> {
    const { entries, isLast, lastSeq } = await this.#next()
    this.#through ??= lastSeq
    const reached = isLast ? this.#through : (entries.at(-1)?.seq ?? this.#through)
    if (entries.length !== reached - this.#offset) this.#lose()
    else if (entries.length > 0 && this.#isWhole) this.#follow()
    for (const entry of entries) this.#session.send(keptLine(this.#pipe.name, entry))
    this.#offset = reached
    return { count: entries.length, isLast }
  }

  /** Of another numbering, also of one that began since the portion before, the client has seen nothing. */
  async #next(): Promise<Portion> {
    const portion = await this.#reader.next(this.#offset, this.#through)
    if (portion.epoch === this.#epoch) return portion
    this.#lose()
    this.#epoch = portion.epoch
    this.#offset = 0
    this.#through = undefined
    return await this.#next()
  }

  /** Its position may go with what comes: if the connection breaks before the end, it goes on there. */
  #follow(): void {
    if (this.#isFollowed) return
    this.#isFollowed = true
    this.#session.sendSystem('recovering', { pipes: { [this.#pipe.name]: { epoch: this.#epoch } } })
  }

  /** Something that it missed is not there any more. */
  #lose(): void {
    this.#isWhole = false
    if (this.#isFollowed) this.#session.skipped([this.#pipe.name])
  }
}

/** A kept message as it was sent when it was new. */
function keptLine(pipe: string, { id, seq, event, message, json, userId, time }: StoredEntry): Line {
  const members5 = `,"id":${JSON.stringify(id)},"offset":${seq}`
  return new Line({ pipe, event, data: dataOf(message, json), userId, time, members5 }, seq)
}
