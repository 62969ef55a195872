import { cometError } from '../../errors.ts'
import { parseAuth, parseCommand, parseWebPipe } from '../../wire/commands.ts'
import { dataOf } from '../../wire/messages.ts'
import { Line } from '../frame.ts'
import type { Host } from '../host.ts'
import { checkEvent, checkUserId } from '../names.ts'
import { attempt, checkBrowserPipe, checkPublish, whenAllowed } from './permissions.ts'
import { pipeCount, pipeLog, trackPipeUsers, userData, userStatus } from './questions.ts'
import type { Session } from '../session.ts'
import { subscription } from './subscription.ts'
import type { Posted, Published } from '../tenant.ts'

type Command = (session: Session, fields: string, host: Host) => void | Promise<void>

/**
 * Runs one command of a browser: a word, then fields, separated by line breaks; the last field may hold line breaks.
 * Returns a promise where the next command has to wait. Source: browser protocol, "Client → server".
 * @throws CometError for what the browser did wrong.
 */
export function runCommand(session: Session, text: string, host: Host): void | Promise<void> {
  const { word, rest } = parseCommand(text)
  const command = commands.get(word)
  if (command === undefined) {
    throw cometError('COMET_ERR_NOT_IMPLEMENTED', { what: `The command "${word.slice(0, 32)}"` })
  }
  return command(session, rest, host)
}

const commands: ReadonlyMap<string, Command> = new Map<string, Command>([
  ['subscription', subscription],
  ['web_pipe2', webPipe],
  ['pipe_log', pipeLog],
  ['pipe_count', pipeCount],
  ['track_pipe_users', trackPipeUsers],
  ['user_data', userData],
  ['user_status', userStatus],
  ['ack', acknowledge],
  ['auth', authenticate],
  ['statistics', () => undefined],
])

/** Publishes; the sender gets a report instead of the message. Fields: pipe, event, `*`, message as JSON text. */
function webPipe(session: Session, fields: string, host: Host): void | Promise<void> {
  const { pipe: target, event, message: text } = parseWebPipe(fields)
  const anonymous = target.startsWith('@')
  const pipe = anonymous ? target.slice(1) : target
  const send = (): void | Promise<void> => {
    checkBrowserPipe(pipe)
    checkEvent(event)
    checkPublish(session, pipe)
    return whenAllowed(host, { session, action: 'publish', pipe }, () => {
      const userId = anonymous ? 0 : session.userId
      const id = nameFor(session, pipe, host)
      return publish({ pipe, event, text, json: true, userId, id, sender: session })
    })
  }
  return attempt(send, (error) => session.fail(error, { inData: '"number_messages":-1,' }))
}

function publish(message: Posted & { readonly sender: Session }): void | Promise<void> {
  const { pipe, text, sender: session } = message
  const published = session.tenant.post(message)
  const report = ({ receivers, id = message.id, offset }: Published): void => {
    const data = `{"number_messages":${receivers},"message":${dataOf(text, true)}}`
    // So that its sender knows it where it comes all the same: after a reconnect, or by a connection that takes over.
    const name = id === undefined ? '' : `,"id":${JSON.stringify(id)}`
    const members5 = offset === undefined ? name : `${name},"offset":${offset}`
    session.send(new Line({ pipe: `_answer_to_${pipe}`, event: 'answer', data, userId: session.userId, members5 }))
  }
  if (published instanceof Promise) return published.then(report)
  report(published)
}

/** The id of a message of which the history makes none, where its sender wants to know it. */
function nameFor({ hasPositions, tenant }: Session, pipe: string, { ids, clock }: Host): string | undefined {
  return hasPositions && tenant.history.keepOf(pipe) === 0 ? ids.next(clock.now()) : undefined
}

/** A private message has arrived. Field: its id. */
function acknowledge(session: Session, id: string): void | Promise<void> {
  if (session.isAuthorized) return session.tenant.mailbox.acknowledge(session.userId, id)
}

/** Logs in on the open connection. Fields: user_id, hash or token. */
function authenticate(session: Session, fields: string): Promise<void> {
  const { userId, token } = parseAuth(fields)
  return session.authenticate(checkUserId(userId), token)
}
