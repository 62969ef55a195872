// The people of two examples. They have no passwords: whoever asks is let in. A login with passwords: see auth-chat.
import { randomBytes } from 'node:crypto'
import { Problem } from './web.js'

export const people = ['Ann', 'Boris', 'Chen', 'Dilara', 'Émile', 'Fatou'].map((name, index) => ({
  id: index + 1,
  name,
}))

const keys = new Map()

/** Lets the pages of a user connect: comet knows whoever has the key in users_auth. Throws a Problem for nobody's id. */
export async function logIn(comet, { id }) {
  const user = people.find((one) => one.id === id)
  if (user === undefined) throw new Problem(404, 'Nobody here has this number.')
  if (!keys.has(id)) {
    keys.set(id, randomBytes(16).toString('hex'))
    await comet.query('INSERT INTO users_auth (id, hash) VALUES (?, ?)', [id, keys.get(id)])
  }
  return { ...user, key: keys.get(id) }
}
