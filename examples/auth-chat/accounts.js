// The accounts of the example, in memory: who exists, with which password, and who is logged in by which cookie.
import { randomBytes, randomUUID, scryptSync, timingSafeEqual } from 'node:crypto'
import { checkText, cookie, Problem } from '../support/web.js'

const users = new Map()
const sessions = new Map()

/** A name that nobody has yet becomes an account. Throws a Problem for a wrong password. */
export function logIn(response, { name, password }) {
  const user = users.get(checkText(name, 30)) ?? { id: users.size + 1, name: name.trim(), salt: randomBytes(16) }
  const secret = scryptSync(checkText(password, 100), user.salt, 32)
  if (!timingSafeEqual(secret, user.secret ?? secret)) throw new Problem(403, 'This name has another password.')
  users.set(user.name, Object.assign(user, { secret }))
  const session = randomUUID()
  sessions.set(session, user)
  response.setHeader('set-cookie', `session=${session}; HttpOnly; SameSite=Strict; Path=/`)
  return user
}

/** Logs a user out of all browsers. */
export function logOut(user) {
  for (const [session, one] of sessions) if (one === user) sessions.delete(session)
}

/** Who sends this request; undefined for somebody who is not logged in. */
export function userOf(request) {
  return sessions.get(cookie(request, 'session'))
}

/** Everybody with an account. */
export function everybody() {
  return [...users.values()]
}
