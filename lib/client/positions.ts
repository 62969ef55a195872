import type { Position } from '../wire/commands.ts'
import type { ServerMessage } from './server-message.ts'
import { reportPrefix } from './subscription-name.ts'

interface PipeMemory {
  /** Of the last messages, oldest first. */
  readonly ids: Set<string>
  position: Position | undefined
  /** From a new connection until the server's word: what comes may be older than `position`, or numbered anew. */
  isCatchingUp: boolean
}

/** How many ids of a pipe are remembered. */
const maxIds = 1000
/** No server has this one: it sends all that it keeps, and says that this may not be all. */
const unknownEpoch = '?'

/** How far each pipe has come, and which messages were there. Source: browser protocol, "Protocol 5". */
export class Positions {
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
  entries(): [string, Position][] {
    return Array.from(this.#pipes).flatMap(([pipe, { position }]) =>
      position === undefined ? [] : [[pipe, position] as [string, Position]],
    )
  }

  /** Takes over what another tab knows. */
  set(entries: Iterable<readonly [string, Position]>): void {
    for (const [pipe, position] of entries) this.#memory(pipe).position = position
  }

  /** The page has left a pipe: when it comes again, it begins with what is new then. */
  forget(pipe: string): void {
    this.#pipes.delete(pipe)
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
    if (pipe === 'sys' && event === 'subscribed') this.#confirm(data)
    if (pipe === 'sys' && event === 'recovering') this.#follow(data)
    if (pipe === 'sys' && event === 'skipped') this.#reportGaps(data)
    if (history === true || (id === undefined && offset === undefined)) return true
    if (pipe.startsWith(reportPrefix)) {
      this.#noteOwn(pipe.slice(reportPrefix.length), id)
      return true
    }
    const memory = this.#memory(pipe)
    if (id !== undefined && memory.ids.has(id)) return false
    if (offset !== undefined && !memory.isCatchingUp) {
      if (offset <= (memory.position?.offset ?? 0)) return false
      memory.position = { epoch: memory.position?.epoch ?? unknownEpoch, offset }
    }
    if (id !== undefined) remember(memory, id)
    return true
  }

  /** What the page has published itself is not sent back to it; what it missed would contain it after a reconnect. */
  #noteOwn(pipe: string, id: string | undefined): void {
    const memory = this.#pipes.get(pipe)
    if (memory !== undefined && id !== undefined) remember(memory, id)
  }

  #confirm(data: unknown): void {
    for (const [pipe, { epoch, offset, recovered }] of Object.entries(pipesOf(data))) {
      const memory = this.#memory(pipe)
      memory.isCatchingUp = false
      memory.position = typeof epoch === 'string' && typeof offset === 'number' ? { epoch, offset } : undefined
      if (recovered === false) this.#onGap(pipe)
    }
  }

  /** All that was missed follows, in order: the position goes with it, and a connection that breaks costs no more. */
  #follow(data: unknown): void {
    for (const [pipe, { epoch }] of Object.entries(pipesOf(data))) {
      const memory = this.#memory(pipe)
      if (memory.position?.epoch === epoch) memory.isCatchingUp = false
    }
  }

  /** This client did not keep up, and the server has left out what newer messages replace. */
  #reportGaps(data: unknown): void {
    for (const [pipe, { recovered }] of Object.entries(pipesOf(data))) if (recovered === false) this.#onGap(pipe)
  }

  #memory(pipe: string): PipeMemory {
    let memory = this.#pipes.get(pipe)
    if (memory === undefined) {
      memory = { ids: new Set(), position: undefined, isCatchingUp: false }
      this.#pipes.set(pipe, memory)
    }
    return memory
  }
}

/** What the server says of a pipe. */
interface PipeState extends Partial<Position> {
  readonly recovered?: boolean
}

/** The pipes in the data of `subscribed`. */
export function pipesOf(data: unknown): Readonly<Record<string, PipeState>> {
  const hasPipes = typeof data === 'object' && data !== null && 'pipes' in data
  return hasPipes && typeof data.pipes === 'object' && data.pipes !== null ? { ...data.pipes } : {}
}

function remember({ ids, isCatchingUp, position }: PipeMemory, id: string): void {
  ids.add(id)
  // A connection that breaks while it catches up does so again from the start: then every id is needed.
  if (isCatchingUp && position !== undefined) return
  for (const oldest of ids) {
    if (ids.size <= maxIds) return
    ids.delete(oldest)
  }
}
