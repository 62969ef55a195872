// A dashboard of what a back-end INSERTs, the last 15 minutes included. Run: node examples/live-dashboard/server.js
// To choose: PORT=8087 COMETQL_PORT=3307 COMET_PASSWORD=secret EVERY_MS=1000 node examples/live-dashboard/server.js
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { createCometServer } from 'star-comet'
import { answerJson, filesOf, run } from '../support/web.js'

const { PORT = '8087', COMETQL_PORT = '3307', COMET_PASSWORD = randomBytes(9).toString('hex') } = process.env

const comet = createCometServer({ password: COMET_PASSWORD })
await comet.query("INSERT INTO pipes_settings (name, length) VALUES ('shop', 900)")
const files = filesOf(new URL('public', import.meta.url))

const http = createServer((request, response) =>
  request.url === '/recent' ? answerJson(request, response, recent) : files(request, response),
)
comet.attach(http)

/** What the pipe keeps, for a page that has just been opened. */
async function recent() {
  const rows = await comet.query("SELECT id, message FROM pipes_messages WHERE name = 'shop'")
  return rows.map(({ id, message }) => ({ id, sample: JSON.parse(message) }))
}

await run({
  http,
  comet,
  port: PORT,
  cometqlPort: COMETQL_PORT,
  started: () => [`The dashboard is at http://127.0.0.1:${http.address().port}/`],
})

if (process.exitCode === undefined) {
  const env = { ...process.env, COMETQL_PORT: String(comet.address().port), COMET_PASSWORD }
  const feeder = spawn(process.execPath, [fileURLToPath(new URL('feeder.js', import.meta.url))], {
    env,
    stdio: 'inherit',
  })
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => feeder.kill())
}
