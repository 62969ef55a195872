// A chat with accounts: we know who may come in, comet knows who is connected. Run: node examples/auth-chat/server.js
import { randomBytes, randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { createCometServer } from 'star-comet'
import { answerJson, checkText, filesOf, Problem, run } from '../support/web.js'
import { everybody, logIn, logOut, userOf } from './accounts.js'

const { PORT = '8087' } = process.env

const comet = createCometServer()
const files = filesOf(new URL('public', import.meta.url))
const actions = { '/login': comeIn, '/logout': leave, '/start': start, '/send': send }

const http = createServer((request, response) => {
  const user = userOf(request)
  const action = request.method === 'POST' ? actions[request.url] : undefined
  if (action !== undefined) return answerJson(request, response, (body) => action(user, body, response))
  if (request.url === '/' && user === undefined) return response.writeHead(303, { location: '/login.html' }).end()
  return files(request, response)
})
comet.attach(http)

/** The last messages of all: what a shop or a forum has in its database. */
const messages = []

/** The hash in users_auth lets the user's pages connect to comet. */
async function comeIn(_, body, response) {
  const user = logIn(response, body)
  user.key ??= randomBytes(16).toString('hex')
  await comet.query('INSERT INTO users_auth (id, hash) VALUES (?, ?)', [user.id, user.key])
}

/** Everywhere: comet tells the user's open pages that they are no longer logged in. */
async function leave(user) {
  if (user === undefined) return
  logOut(user)
  user.key = undefined
  await comet.query('DELETE FROM users_auth WHERE id = ?', [user.id])
}

/** All that a page needs to begin: who it is, who else there is, when they were online, what was said. */
async function start(user) {
  if (user === undefined) throw new Problem(401, 'Please log in.')
  const rows = await comet.query(`SELECT id, time FROM users_time WHERE id IN (${everybody().map(({ id }) => id)})`)
  const times = new Map(rows.map(({ id, time }) => [Number(id), Number(time)]))
  const others = everybody().filter((one) => one !== user)
  const people = others.map(({ id, name }) => ({ id, name, lastOnline: times.get(id) }))
  const mine = messages.filter(({ from, to }) => from === user.id || to === user.id)
  return { id: user.id, key: user.key, name: user.name, people, messages: mine.slice(-200) }
}

/** Private messages reach the user wherever that one is, or wait in comet until that one is back. */
async function send(user, { to, text }) {
  if (user === undefined) throw new Problem(401, 'Please log in.')
  if (!everybody().some(({ id }) => id === to)) throw new Problem(404, 'Nobody here has this number.')
  const time = Math.floor(Date.now() / 1000)
  const message = { id: randomUUID(), from: user.id, name: user.name, to, text: checkText(text, 2000), time }
  messages.splice(0, messages.push(message) - 1000)
  for (const one of new Set([to, user.id])) await comet.sendToUser(one, 'message', message)
}

await run({ http, comet, port: PORT, started: () => [`The chat is at http://127.0.0.1:${http.address().port}/`] })
