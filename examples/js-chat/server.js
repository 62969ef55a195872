// A chat without a back-end: browsers publish, comet does the rest. Run: node examples/js-chat/server.js
// Whoever can open the page can publish into pipes called web_…, so nobody's name is proven here: see auth-chat for that.
import { createServer } from 'node:http'
import { createCometServer } from 'star-comet'
import { filesOf, run } from '../support/web.js'

const { PORT = '8087' } = process.env

const comet = createCometServer()
await comet.query("INSERT INTO pipes_settings (name, length) VALUES ('web_chat', 50)")

const http = createServer(filesOf(new URL('public', import.meta.url)))
comet.attach(http)

await run({ http, comet, port: PORT, started: () => [`The chat is at http://127.0.0.1:${http.address().port}/`] })
