import { cometError } from '../../errors.ts'
import { parseSubscription, parseSubscriptionLine, type Position } from '../../wire/commands.ts'
import type { Host } from '../host.ts'
import { attempt, checkBrowserPipe, checkPrivate, whenAllowed } from './permissions.ts'
import { Recovery, type PipeState } from '../history/recovery.ts'
import type { Session } from '../session.ts'

/**
 * Replaces the subscriptions by those named, one a line. A name that is refused gets an error; the others count. A client
 * of protocol 5 may name the position up to which it has a pipe, gets what it missed, and an answer.
 */
export function subscription(session: Session, fields: string, host: Host): void | Promise<void> {
  const wanted = wantedPipes(session, fields, host)
  for (const pipe of [...session.pipes.values()]) if (!wanted.has(pipe.name)) session.unsubscribe(pipe)
  const added = [...wanted.keys()].filter((name) => !session.pipes.has(name))
  // Whatever it is: the other pipes hold back what comes for this session until it is answered.
  const report = (error: unknown): void => session.fail(error)
  const pending = inOrder(added, (name) => attempt(() => subscribe(session, name, host), report))
  if (!session.hasPositions) return pending
  return pending === undefined ? answer(session, added, wanted) : pending.then(() => answer(session, added, wanted))
}

/** As many names as there may be subscriptions; the others get one error for all of them, and are not looked at. */
function wantedPipes(session: Session, fields: string, { limits, meter }: Host): Map<string, Position | undefined> {
  const wanted = new Map<string, Position | undefined>()
  const lines = parseSubscription(fields).filter((line) => line !== 'msg')
  for (const line of lines.slice(0, limits.maxSubscriptions)) {
    const { pipe, position } = session.hasPositions ? parseSubscriptionLine(line) : { pipe: line, position: undefined }
    wanted.set(pipe, position)
  }
  if (lines.length > limits.maxSubscriptions) {
    meter.hit('maxSubscriptions')
    const limit = `${limits.maxSubscriptions} subscriptions (maxSubscriptions)`
    session.sendError(cometError('COMET_ERR_TOO_MANY_NAMES', { count: lines.length, limit }))
  }
  return wanted
}

function subscribe(session: Session, name: string, host: Host): void | Promise<void> {
  checkBrowserPipe(name)
  checkPrivate(session, name)
  checkRoom(session, name, host)
  return whenAllowed(host, { session, action: 'subscribe', pipe: name }, () => {
    checkPrivate(session, name) // again: the login may have ended while the application was asked
    if (!session.isOpen) return
    session.subscribe(name)
    // From the first moment: it is to get what it missed before what comes now.
    if (session.hasPositions && session.tenant.history.keepOf(name) > 0)
      session.pipes.get(name)?.hold(session, host.limits.maxBufferedBytes)
    return session.tenant.cluster?.settled(name)
  })
}

function checkRoom({ tenant }: Session, name: string, { limits, meter }: Host): void {
  if (meter.pipes < limits.maxPipes || tenant.pipe(name) !== undefined) return
  meter.hit('maxPipes')
  throw cometError('COMET_ERR_LIMIT', { what: `There are ${meter.pipes} pipes with subscribers`, limit: 'maxPipes' })
}

/** Sends what was missed, then the positions, then what came meanwhile. */
function answer(
  session: Session,
  added: readonly string[],
  wanted: ReadonlyMap<string, Position | undefined>,
): void | Promise<void> {
  const kept = added.filter((name) => session.pipes.get(name)?.isHolding(session) === true)
  if (kept.length > 0) return recoverAll(session, kept, wanted)
  sendPositions(session, {})
}

async function recoverAll(
  session: Session,
  names: readonly string[],
  wanted: ReadonlyMap<string, Position | undefined>,
): Promise<void> {
  const recoveries = new Map<string, Recovery>()
  const { history } = session.tenant
  try {
    for (const name of names) {
      const pipe = session.pipes.get(name)
      if (pipe === undefined) continue
      const recovery = new Recovery(session, pipe, history, wanted.get(name))
      await recovery.begin()
      recoveries.set(name, recovery)
    }
    // Again and again for all: while one of them was read, too much may have come for another. No turn after the last look.
    for (let behind = behindOf(recoveries); behind.length > 0; behind = behindOf(recoveries)) {
      for (const recovery of behind) await recovery.goOn()
    }
    if (session.isOpen) sendPositions(session, statesOf(recoveries))
  } catch (error) {
    session.comeBack(error)
  } finally {
    for (const name of names) session.pipes.get(name)?.release(session, recoveries.get(name)?.state.offset ?? 0)
  }
}

function behindOf(recoveries: ReadonlyMap<string, Recovery>): Recovery[] {
  return [...recoveries.values()].filter((recovery) => recovery.isBehind())
}

function statesOf(recoveries: ReadonlyMap<string, Recovery>): Record<string, PipeState> {
  return Object.fromEntries([...recoveries].map(([name, { state }]) => [name, state]))
}

function sendPositions(session: Session, pipes: Readonly<Record<string, PipeState>>): void {
  session.sendSystem('subscribed', { pipes })
}

/** Does `work` for one name after the other, and waits only where there is something to wait for. */
function inOrder(
  names: readonly string[],
  work: (name: string) => void | Promise<void>,
  from = 0,
): void | Promise<void> {
  for (let index = from; index < names.length; index++) {
    const pending = work(names[index] ?? '')
    if (pending !== undefined) return pending.then(() => inOrder(names, work, index + 1))
  }
}
