import type { StoredEntry, StoredLog } from '../../storage/storage.ts'
import type { Position } from '../../wire/commands.ts'
import { dataOf } from '../../wire/messages.ts'
import { Line } from '../frame.ts'
import type { History } from './history.ts'
import type { Pipe } from '../pipe.ts'
import { portions } from './portions.ts'
import type { Session } from '../session.ts'

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
  const isWhole = position !== undefined && isComplete(log, position)
  // Its position may follow what comes: if the connection breaks before the end, it goes on there.
  if (isWhole && log.entries.length > 0)
    session.sendSystem('recovering', { pipes: { [pipe.name]: { epoch: log.epoch } } })
  await sendEntries(session, pipe.name, log)
  const { offset, isWhole: isRestWhole } = await catchUp(session, pipe, history, log)
  const state = { epoch: log.epoch, offset }
  return position === undefined && isRestWhole ? state : { ...state, recovered: isWhole && isRestWhole }
}

/** Sends what came while `sent` was on its way, as long as that is more than the pipe holds back for one session. */
async function catchUp(session: Session, pipe: Pipe, history: History, sent: StoredLog) {
  let [offset, isWhole] = [sent.lastSeq, true]
  await reach(session, pipe, sent)
  while (session.isOpen && pipe.hasOverflowed(session)) {
    const log = await history.log(pipe.name, offset)
    const isRestWhole = isComplete(log, { epoch: sent.epoch, offset })
    // At once: its position goes with what comes now, over what is not there any more.
    if (!isRestWhole) session.skipped([pipe.name])
    isWhole &&= isRestWhole
    await sendEntries(session, pipe.name, log)
    offset = log.lastSeq
    await reach(session, pipe, log)
  }
  return { offset, isWhole }
}

/** The others in the pipe get it, too: else what is on its way from another node would come to this session once more. */
async function reach({ tenant }: Session, { name }: Pipe, { epoch, lastSeq }: StoredLog): Promise<void> {
  if (tenant.cluster !== undefined) await tenant.cluster.reach(name, epoch, lastSeq)
}

async function sendEntries(session: Session, pipe: string, { entries }: StoredLog): Promise<void> {
  for (const portion of portions(entries)) {
    for (const entry of portion) session.send(keptLine(pipe, entry))
    if (!(await session.taken())) return
  }
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
