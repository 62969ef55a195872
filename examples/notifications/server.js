// Notifications: a bell for people who are logged in; what comes while they are away waits. Run: node examples/notifications/server.js
// To choose: PORT=8087 COMETQL_PORT=3307 COMET_PASSWORD=secret node examples/notifications/server.js
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { createCometServer } from 'star-comet'
import { logIn, people } from '../support/people.js'
import { answerJson, checkText, filesOf, Problem, run } from '../support/web.js'

const { PORT = '8087', COMETQL_PORT = '3307', COMET_PASSWORD = randomBytes(9).toString('hex') } = process.env

const comet = createCometServer({ password: COMET_PASSWORD })
const files = filesOf(new URL('public', import.meta.url))
const actions = { '/login': (body) => logIn(comet, body), '/people': () => people, '/notify': notify }

const http = createServer((request, response) => {
  const action = request.method === 'POST' ? actions[request.url] : undefined
  return action === undefined ? files(request, response) : answerJson(request, response, action)
})
comet.attach(http)

/** The same as the INSERT that is printed below, from within Node. */
async function notify({ to, title, text }) {
  if (!people.some(({ id }) => id === to)) throw new Problem(404, 'Nobody here has this number.')
  await comet.sendToUser(to, 'notice', { title: checkText(title, 60), text: checkText(text, 200) })
}

await run({
  http,
  comet,
  port: PORT,
  cometqlPort: COMETQL_PORT,
  started: () => [
    `The bell is at http://127.0.0.1:${http.address().port}/. To ring it for Ann, who may be away:`,
    `mysql --loose-skip-ssl -h 127.0.0.1 -P ${comet.address().port} -u root -p${COMET_PASSWORD} CometQL_v1 -e ` +
      `"INSERT INTO users_messages (id, event, message) ` +
      `VALUES (1, 'notice', '{\\"title\\":\\"Order 1042\\",\\"text\\":\\"It has left the warehouse\\"}')"`,
    `COMETQL_PORT=${comet.address().port} COMET_PASSWORD=${COMET_PASSWORD} ` +
      `php examples/notifications/notify.php 1 'Build passed' 'All 512 tests are green'`,
  ],
})
