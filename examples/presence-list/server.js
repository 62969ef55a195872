// Who is here: people and guests, as they come and go. Run: node examples/presence-list/server.js
import { createServer } from 'node:http'
import { createCometServer } from 'star-comet'
import { logIn, people } from '../support/people.js'
import { answerJson, filesOf, run } from '../support/web.js'

const { PORT = '8087' } = process.env

const comet = createCometServer()
const files = filesOf(new URL('public', import.meta.url))
const actions = { '/login': (body) => logIn(comet, body), '/team': team }

const http = createServer((request, response) => {
  const action = request.method === 'POST' ? actions[request.url] : undefined
  return action === undefined ? files(request, response) : answerJson(request, response, action)
})
comet.attach(http)

/** Everybody, and since when each is away: 0 who is here, -1 who was never here. */
async function team() {
  const rows = await comet.query(`SELECT id, time FROM users_time WHERE id IN (${people.map(({ id }) => id)})`)
  const times = new Map(rows.map(({ id, time }) => [Number(id), Number(time)]))
  return people.map(({ id, name }) => ({ id, name, awaySince: times.get(id) }))
}

await run({ http, comet, port: PORT, started: () => [`The list is at http://127.0.0.1:${http.address().port}/`] })
