import { cometError, type CometError } from '../../errors.ts'
import type { Identity } from './auth.ts'
import { Deadline } from '../limits/deadline.ts'
import type { Host } from '../host.ts'
import type { Session } from '../session.ts'
import type { Tenant } from '../tenant.ts'

/** How long before its end a login is announced to expire, in milliseconds. */
const announceMs = 60_000

/** How long a login may take. */
export function loginDeadline({ clock, limits }: Host): Deadline {
  const limit = limits.loginTimeoutMs
  return new Deadline(clock, limit, () => cometError('COMET_ERR_TIMEOUT', { what: 'The login', limit }))
}

/**
 * Who the session is by `userId` and `key`; undefined for nobody, which counts as a failed login of its address.
 * @throws CometError COMET_ERR_LIMIT where these are too many
 */
export async function identify(
  session: Session,
  userId: number,
  key: string,
  host: Host,
): Promise<Identity | undefined> {
  host.addresses.checkLogin(session.ip)
  const identity = await session.tenant.credentials.verify(userId, key)
  if (identity === undefined) host.addresses.failed(session.ip)
  return identity
}

/** Whether a login still holds. The application's own logins are its own business. */
export async function holds({ credentials }: Tenant, { userId, key }: Identity): Promise<boolean> {
  return key === '' || (await credentials.verify(userId, key)) !== undefined
}

/** Why a user may not have one more connection; undefined where there is room. */
export function lackOfRoom({ presence }: Tenant, userId: number, { limits, meter }: Host): CometError | undefined {
  const max = limits.maxConnectionsPerUser
  if (presence.countOf(userId) < max) return undefined
  meter.hit('maxConnectionsPerUser')
  const what = `user ${userId} has ${max} connections, the limit of maxConnectionsPerUser`
  return cometError('COMET_ERR_DENIED', { what })
}

/** Looks at the session when its login is about to expire: clients of protocol 5 hear of it in time for a new token. */
export function watchExpiry(session: Session, { expiry }: Tenant, { expiresAt }: Identity, now: number): void {
  if (expiresAt === Infinity) return
  expiry.add(session, session.hasPositions ? Math.max(now, expiresAt - announceMs) : expiresAt)
}
