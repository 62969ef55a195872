// A chat: names, history, private messages, and a way in for SQL. Run: npm start
// To choose: PORT=8087 COMETQL_PORT=3307 COMET_PASSWORD=secret npm start
import { randomBytes, randomInt } from 'node:crypto'
import { createServer } from 'node:http'
import { createCometServer } from 'star-comet'
import { answerJson, checkText, filesOf, Problem, run } from '../support/web.js'

const { PORT = '8087', COMETQL_PORT = '3307', COMET_PASSWORD = randomBytes(9).toString('hex') } = process.env

const comet = createCometServer({ password: COMET_PASSWORD })
await comet.query("INSERT INTO pipes_settings (name, length) VALUES ('chat', 20)")
const files = filesOf(new URL('public', import.meta.url))
const actions = { '/login': logIn, '/messages': say }

const http = createServer((request, response) => {
  const action = request.method === 'POST' ? actions[request.url] : undefined
  return action === undefined ? files(request, response) : answerJson(request, response, action)
})
comet.attach(http)

/** Who has come in since the start: each knows a key that nobody else has. */
const users = new Map()

async function logIn({ name }) {
  const user = { id: randomInt(1, 2 ** 31), key: randomBytes(16).toString('hex'), name: checkText(name, 30) }
  users.set(user.id, user)
  await comet.query('INSERT INTO users_auth (id, hash) VALUES (?, ?)', [user.id, user.key])
  await comet.query('INSERT INTO users_data (id, data) VALUES (?, ?)', [user.id, user.name])
  return user
}

/** To everybody, or, with `to`, to one user: wherever that one is, or as soon as that one is back. */
async function say({ id, key, text, to }) {
  const user = users.get(id)
  if (user === undefined || user.key !== key)
    throw new Problem(401, 'The server does not know you: load the page again.')
  const message = { from: id, name: user.name, text: checkText(text, 2000) }
  if (to === undefined) return void (await comet.publish('chat', 'message', message))
  if (!users.has(to)) throw new Problem(404, 'This person is not known here any more.')
  for (const one of new Set([to, id]))
    await comet.sendToUser(one, 'message', { ...message, to, toName: users.get(to).name })
}

await run({
  http,
  comet,
  port: PORT,
  cometqlPort: COMETQL_PORT,
  started: () => [
    `The chat is at http://127.0.0.1:${http.address().port}/ (open it in two windows). Paste this to say something there:`,
    `mysql --loose-skip-ssl -h 127.0.0.1 -P ${comet.address().port} -u root -p${COMET_PASSWORD} CometQL_v1 -e ` +
      `"INSERT INTO pipes_messages (name, event, message) VALUES ('chat', 'message', 'hello from SQL')"`,
  ],
})
