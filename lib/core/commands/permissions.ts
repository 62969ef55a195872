import { cometError } from '../../errors.ts'
import type { AuthorizeRequest, Host } from '../host.ts'
import { isBrowserPipeName, pipeKind } from '../names.ts'
import type { Session } from '../session.ts'

/** @throws CometError COMET_ERR_INVALID for a name that no pipe has */
export function checkBrowserPipe(name: string): void {
  if (isBrowserPipeName(name)) return
  throw cometError('COMET_ERR_INVALID', {
    column: 'pipe',
    value: name,
    rule: 'a pipe name has 2 to 64 characters of 0-9 A-Z a-z _ . = + / -',
  })
}

/** @throws CometError COMET_ERR_DENIED for a visitor who wants to read a private pipe */
export function checkPrivate(session: Session, pipe: string): void {
  if (!pipeKind.isPrivate(pipe) || session.isAuthorized) return
  throw cometError('COMET_ERR_DENIED', { what: `only users who are logged in may read "${pipe}"` })
}

/** @throws CometError COMET_ERR_DENIED for a pipe into which this browser may not publish */
export function checkPublish(session: Session, pipe: string): void {
  if (pipeKind.isWeb(pipe) || (pipeKind.isWebAuth(pipe) && session.isAuthorized)) return
  const what = pipeKind.isWebAuth(pipe)
    ? `only users who are logged in publish into "${pipe}"`
    : `browsers publish into pipes called web_… or webauth_…, not into "${pipe}"`
  throw cometError('COMET_ERR_DENIED', { what })
}

/**
 * Asks the application, where it wants to be asked, then goes on if it says `true`; without a question no promise is made.
 * @throws CometError COMET_ERR_DENIED
 */
export function whenAllowed(
  host: Host,
  request: AuthorizeRequest,
  goOn: () => void | Promise<void>,
): void | Promise<void> {
  if (host.authorize === undefined) return goOn()
  const obey = (answer: unknown): void | Promise<void> => {
    if (answer === true) return goOn()
    if (answer !== false) host.logger.error(notAnAnswer(answer))
    const what = `the application does not allow to ${verbs[request.action]} "${request.pipe}"`
    throw cometError('COMET_ERR_DENIED', { what })
  }
  const answer: unknown = host.authorize(request)
  return isThenable(answer) ? Promise.resolve(answer).then(obey) : obey(answer)
}

/** Whether there is something to wait for. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}

function notAnAnswer(answer: unknown): string {
  return `"authorize" returned something of type ${typeof answer}: return true or false; anything but true refuses`
}

const verbs = { subscribe: 'subscribe to', publish: 'publish into', history: 'read the history of' } as const

/** Runs `work`; what it throws goes to `report` instead. */
export function attempt(work: () => void | Promise<void>, report: (error: unknown) => void): void | Promise<void> {
  try {
    return work()?.catch(report)
  } catch (error) {
    report(error)
  }
}
