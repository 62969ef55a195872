import type { StoredEntry, StoredLog } from '../storage/storage.ts'
import type { Position } from '../wire/commands.ts'
import { dataOf } from '../wire/messages.ts'
import { Line } from './frame.ts'
import type { History } from './history.ts'
import type { Pipe } from './pipe.ts'
import { portions } from './portions.ts'
import type { Session } from './session.ts'

/** What a client of protocol 5 hears about a pipe that keeps history, when it subscribes. */
export interface PipeState extends Position {
  /** Whether it has got everything since the position that it named; undefined where it named none. */
  readonly recovered?: boolean
}

/** As an `after`, behind every entry. */
const end = Number.MAX_SAFE_INTEGER

/**
 * Sends `session` what it missed in `pipe` since `position`, oldest first. The pipe MUST hold back what comes for it since
 * it joined; `pipe.release(session, state.offset)` lets that go: so nothing is sent twice, out of order or not at all.
 */
export async function recover(
  session: Session,
  pipe: Pipe,
  history: History,
  position: Position | undefined,
): Promise<PipeState> {
  const log = await missed(pipe.name, history, position)
  for (const portion of portions(log.entries)) {
    for (const entry of portion) session.send(keptLine(pipe.name, entry))
    if (!(await session.taken())) break
  }
  const state = { epoch: log.epoch, offset: log.lastSeq }
  // The others in the pipe, too: else what is on its way from another node would come to this session once more.
  await session.tenant.cluster?.reach(pipe.name, state.epoch, state.offset)
  return position === undefined ? state : { ...state, recovered: isComplete(log, position) }
}

/** A kept message as it was sent when it was new. */
export function keptLine(pipe: string, { id, seq, event, message, json, userId, time }: StoredEntry): Line {
  const members5 = `,"id":${JSON.stringify(id)},"offset":${seq}`
  return new Line({ pipe, event, data: dataOf(message, json), userId, time, members5 }, seq)
}

/** Of another numbering the client has seen nothing. */
async function missed(pipe: string, history: History, position: Position | undefined): Promise<StoredLog> {
  const log = await history.log(pipe, position?.offset ?? end)
  return position === undefined || log.epoch === position.epoch ? log : await history.log(pipe)
}

function isComplete({ epoch, lastSeq, entries }: StoredLog, { epoch: known, offset }: Position): boolean {
  return epoch === known && entries.length === lastSeq - offset
}
