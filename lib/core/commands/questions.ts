import { cometError } from '../../errors.ts'
import { parsePipeQuestion, parseUserData } from '../../wire/commands.ts'
import { dataOf } from '../../wire/messages.ts'
import { Line } from '../frame.ts'
import type { Host } from '../host.ts'
import { checkUserId, isMarker, pipeKind } from '../names.ts'
import { attempt, checkBrowserPipe, checkPrivate, whenAllowed } from './permissions.ts'
import { PortionReader } from '../history/portions.ts'
import type { Session } from '../session.ts'

/** A question with what it asks about, and the member that its answer carries back. */
type Question = (session: Session, subject: string, member: string, host: Host) => void | Promise<void>

/** Commands that a browser sends to be told something; see runCommand for their form. */
type Command = (session: Session, fields: string, host: Host) => void | Promise<void>

/** Sends the stored history of a pipe to this session. */
export const pipeLog: Command = aboutPipe((session, pipe, member, host) => {
  checkPrivate(session, pipe)
  return whenAllowed(host, { session, action: 'history', pipe }, () => sendHistory(session, pipe, member))
})

/** How many sessions are subscribed. */
export const pipeCount: Command = aboutPipe((session, pipe, members) => {
  if (!pipeKind.isWeb(pipe) && !pipeKind.isTracked(pipe)) {
    throw cometError('COMET_ERR_DENIED', { what: `browsers count in pipes called web_… or track_…, not in "${pipe}"` })
  }
  const data = `{"user_in_pipe":${session.tenant.audience(pipe).size}}`
  session.send(new Line({ pipe: '_answer_pipe_count', event: 'user_in_pipe', data, userId: 0, members }))
})

/** Who is in a track_ pipe. */
export const trackPipeUsers: Command = aboutPipe((session, pipe, members) => {
  if (!pipeKind.isTracked(pipe)) {
    const what = `the list of members is kept for pipes called track_…, not for "${pipe}"`
    throw cometError('COMET_ERR_DENIED', { what })
  }
  session.tenant.pipe(pipe)?.settle() // who came or left in this turn is told before the list, which counts it already
  const sessions = [...session.tenant.audience(pipe).sessions]
  answer(
    session,
    sessions.map(({ userId, uuid }) => ({ user_id: userId, uuid })),
    members,
  )
})

/** The users_data text of a user. */
export const userData: Command = (session, fields) => {
  const { marker, userId } = parseUserData(fields)
  return withMarker(session, marker, async (members) => {
    const id = checkUserId(userId)
    const text = (await session.tenant.userData.get([id])).get(id) ?? ''
    answer(session, { user_data: text, user_id: id }, members)
  })
}

/** How many seconds ago a user was online: 0 is now, -1 never. It has no marker: the answer's event names the user. */
export const userStatus: Command = async (session, fields, host) => {
  const userId = checkUserId(fields)
  const last = (await session.tenant.presence.lastOnline([userId])).get(userId) ?? -1
  const ago = last > 0 ? Math.max(0, Math.floor(host.clock.now() / 1000) - last) : last
  const data = `{"last_online_time":${ago}}`
  session.send(new Line({ pipe: '_answer_user_status', event: `user_status_${userId}`, data, userId: 0 }))
}

function aboutPipe(question: Question): Command {
  return (session, fields, host) => {
    const { pipe, marker } = parsePipeQuestion(fields)
    return withMarker(session, marker, (member) => {
      checkBrowserPipe(pipe)
      return question(session, pipe, member, host)
    })
  }
}

/** Runs `work` with the member for the marker; its error carries the marker, too, so that whoever asked hears of it. */
function withMarker(
  session: Session,
  marker: string,
  work: (member: string) => void | Promise<void>,
): void | Promise<void> {
  if (!isMarker(marker)) {
    const rule = 'a marker has 0 to 64 characters of 0-9 A-Z a-z _ . -'
    throw cometError('COMET_ERR_INVALID', { column: 'marker', value: marker, rule })
  }
  const member = marker === '' ? '' : `,"marker":"${marker}"`
  return attempt(
    () => work(member),
    (error) => session.fail(error, { members: member }),
  )
}

/** How far a history is sent. */
interface SentHistory {
  readonly epoch: string
  readonly after: number
  /** Where it ended at first: what came later is no answer to the question. */
  readonly through: number
  readonly isLast: boolean
}

async function sendHistory(session: Session, pipe: string, member: string): Promise<void> {
  const { history } = session.tenant
  const reader = new PortionReader((after, limit) => history.log(pipe, after, limit))
  const members = `,"history":true${member}`
  let sent = await sendPortion(session, pipe, members, reader)
  while (sent !== undefined && (await session.taken()) && !sent.isLast) {
    sent = await sendPortion(session, pipe, members, reader, sent)
  }
}

/** Resolves to undefined where there is nothing to send any more, too: it may have gone, or be numbered anew. */
async function sendPortion(
  session: Session,
  pipe: string,
  members: string,
  reader: PortionReader,
  before?: SentHistory,
): Promise<SentHistory | undefined> {
  const { epoch, lastSeq, entries, isLast } = await reader.next(before?.after, before?.through)
  const last = entries.at(-1)
  if (last === undefined || epoch !== (before?.epoch ?? epoch)) return undefined
  for (const { event, message, json, userId, time } of entries) {
    session.send(new Line({ pipe, event, data: dataOf(message, json), userId, time, members }))
  }
  return { epoch, after: last.seq, through: before?.through ?? lastSeq, isLast }
}

function answer(session: Session, data: unknown, members: string): void {
  const text = JSON.stringify(data)
  session.countAnswer(text.length)
  session.send(new Line({ pipe: '_answer', event: 'answer', data: text, userId: 0, members }))
}
