import type { Position } from '../../wire/commands.ts'
import { memberOf, type ServerMessage } from '../server-message.ts'
import { isLocalPipe, reportPrefix } from './subscription-name.ts'

interface PipeMemory {
  /** Of the last messages, oldest first. */
  readonly ids: Set<string>
  position: Position | undefined
  /** Until the server's word about it on this connection: what comes may be older than `position`, or numbered anew. */
  isCatchingUp: boolean
}

/** What one tab knows of a pipe, for another one. */
export type KnownPipe = readonly [pipe: string, position: Position | undefined, isCatchingUp: boolean]

/** How many ids of a pipe are remembered. */
const maxIds = 1000
/** No server has this one: it sends all that it keeps, and says that this may not be all. */
const unknownEpoch = '?'

/** How far each pipe has come, and which messages were there. Source: browser protocol, "Protocol 5". */
export class Positions {
  /** No id is forgotten, however many come: messages come by two connections, and by one of them later. */
  remembersAll = false
  readonly #pipes = new Map<string, PipeMemory>()
  readonly #onGap: (pipe: string) => void

  /** `onGap` is told each pipe whose missed messages the server could not send. */
  constructor(onGap: (pipe: string) => void) {
    this.#onGap = onGap
  }

  /** The last message that is here; undefined for a pipe that is new or keeps nothing. */
  of(pipe: string): Position | undefined {
    return this.#pipes.get(pipe)?.position
  }

  /** All of them, for another tab. */
  entries(): KnownPipe[] {
    return [...this.#pipes].map(([pipe, { position, isCatchingUp }]) => [pipe, position, isCatchingUp])
  }

  /** Takes over what another tab knows. */
  set(entries: readonly KnownPipe[]): void {
    for (const [pipe, position, isCatchingUp] of entries) this.#goOn(pipe, position, isCatchingUp)
  }

  /** A tab comes into a pipe, and has it up to `position`; undefined: it begins with what is new. */
  resume(pipe: string, position: Position | undefined): void {
    this.forget(pipe)
    if (position !== undefined) this.#memory(pipe).position = position
  }

  /** The page has left a pipe: when it comes again, it begins with what is new then. */
  forget(pipe: string): void {
    this.#pipes.delete(pipe)
  }

  /** Nobody is in any other pipe. */
  retain(pipes: readonly string[]): void {
    for (const pipe of this.#pipes.keys()) if (!pipes.includes(pipe) && !isLocalPipe(pipe)) this.forget(pipe)
  }

  clear(): void {
    this.#pipes.clear()
  }

  /** The server has let a new connection in. */
  connected(): void {
    for (const memory of this.#pipes.values()) memory.isCatchingUp = true
  }

  /** Notes a message. Returns false for one that was here before. */
  admit({ pipe, event, data, id, offset, history }: ServerMessage): boolean {
    if (pipe === 'sys') this.#takeNews(event, data)
    if (history === true || (id === undefined && offset === undefined)) return true
    if (pipe.startsWith(reportPrefix)) {
      this.#noteOwn(pipe.slice(reportPrefix.length), id)
      return true
    }
    const memory = this.#memory(pipe)
    if (id !== undefined && memory.ids.has(id)) return false
    if (offset !== undefined && memory.isCatchingUp) {
      // What is older than the server's first word is not for this page: more of it may be missing.
      if (memory.position === undefined) return false
    } else if (offset !== undefined) {
      if (offset <= (memory.position?.offset ?? 0)) return false
      memory.position = { epoch: memory.position?.epoch ?? unknownEpoch, offset }
    }
    if (id !== undefined) this.#remember(memory, id)
    return true
  }

  /** What the page has published itself is not sent back to it; what it missed would contain it after a reconnect. */
  #noteOwn(pipe: string, id: string | undefined): void {
    const memory = this.#pipes.get(pipe)
    if (memory !== undefined && id !== undefined) this.#remember(memory, id)
  }

  #remember({ ids, isCatchingUp, position }: PipeMemory, id: string): void {
    ids.add(id)
    // A connection that breaks while it catches up does so again from the start: then every id is needed.
    if (this.remembersAll || (isCatchingUp && position !== undefined)) return
    for (const oldest of ids) {
      if (ids.size <= maxIds) return
      ids.delete(oldest)
    }
  }

  /** What the server says of pipes. */
  #takeNews(event: string, data: unknown): void {
    for (const [pipe, state] of Object.entries(pipesOf(data))) {
      if (event === 'subscribed') this.#confirm(pipe, state)
      if (event === 'recovering') this.#follow(pipe, state)
      // This client did not keep up, and the server has left out what newer messages replace.
      if (event === 'skipped' && state.recovered === false) this.#onGap(pipe)
    }
  }

  #confirm(pipe: string, { epoch, offset, recovered }: PipeState): void {
    const position = typeof epoch === 'string' && typeof offset === 'number' ? { epoch, offset } : undefined
    this.#goOn(pipe, position, false, recovered)
  }

  /** Goes on at `position`. What lies before it has not come where nobody says so, as when it was asked for by another tab. */
  #goOn(pipe: string, position: Position | undefined, isCatchingUp: boolean, recovered?: boolean): void {
    const memory = this.#memory(pipe)
    const hasAll = memory.position === undefined || isUpTo(memory.position, position)
    Object.assign(memory, { position, isCatchingUp })
    if (!(recovered ?? hasAll)) this.#onGap(pipe)
  }

  /** All that was missed follows, in order: the position goes with it, and a connection that breaks costs no more. */
  #follow(pipe: string, { epoch }: PipeState): void {
    const memory = this.#memory(pipe)
    if (memory.position?.epoch === epoch) memory.isCatchingUp = false
  }

  #memory(pipe: string): PipeMemory {
    let memory = this.#pipes.get(pipe)
    if (memory === undefined) {
      memory = { ids: new Set(), position: undefined, isCatchingUp: true }
      this.#pipes.set(pipe, memory)
    }
    return memory
  }
}

/** Whether who has all up to `known` has all up to `position`. */
function isUpTo(known: Position, position: Position | undefined): boolean {
  return position?.epoch === known.epoch && position.offset <= known.offset
}

/** What the server says of a pipe. */
interface PipeState extends Partial<Position> {
  readonly recovered?: boolean
}

/** The pipes in the data of `subscribed`. */
export function pipesOf(data: unknown): Readonly<Record<string, PipeState>> {
  const pipes = memberOf(data, 'pipes')
  return typeof pipes === 'object' ? { ...pipes } : {}
}
