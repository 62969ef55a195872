// A notice board with Express: comet on the same http server, below /comet. Run: node examples/express/server.js
import { createServer } from 'node:http'
import express from 'express'
import { createCometServer } from 'star-comet'
import { filesOf, run } from '../support/web.js'

const { PORT = '8087' } = process.env

const app = express()
const http = createServer(app)
const comet = createCometServer({ path: '/comet' })
comet.attach(http)

const notices = []

app.get('/notices', (request, response) => {
  response.json(notices)
})

app.post('/notices', express.json(), async (request, response) => {
  const text = String(request.body?.text ?? '').trim()
  if (text === '' || text.length > 500)
    return response.status(400).json({ problem: 'Please write 1 to 500 characters.' })
  const notice = { id: (notices.at(-1)?.id ?? 0) + 1, time: Math.floor(Date.now() / 1000), text }
  notices.splice(0, notices.push(notice) - 100)
  const { receivers } = await comet.publish('notices', 'new', notice)
  response.status(201).json({ receivers })
})

app.use(filesOf(new URL('public', import.meta.url)))

await run({ http, comet, port: PORT, started: () => [`The board is at http://127.0.0.1:${http.address().port}/`] })
