// A server process of the benchmark: star-comet, as it is built. `star-comet.ts 0`: with `maxGatherMs: 0`.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createCometServer, webSocket } from 'star-comet'
import { userOf } from '../messages.ts'
import { report, servePublisher } from './publisher.ts'

const [maxGatherMs] = process.argv.slice(2).map(Number)
const comet = createCometServer({
  password: 'bench',
  cometql: { port: 0 },
  // Pings come at another moment for each subscriber; the load process wants the same bytes for all.
  transports: [webSocket({ pingIntervalMs: Infinity })],
  limits: { maxBufferedBytes: 256 * 1024 * 1024, ...(maxGatherMs === undefined ? {} : { maxGatherMs }) },
  authenticate: ({ myid }) => Number(myid),
  origins: ['*'],
})
await comet.ready
const http = createServer().listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
  const cometqlPort = comet.address()?.port ?? 0
  report({ type: 'listening', port: (http.address() as AddressInfo).port, pid: process.pid, cometqlPort })
})
comet.attach(http)
servePublisher((to, message, target) => {
  if (target === 'user') void comet.sendToUser(Number(userOf(to)), '', message)
  else void comet.publish(`bench${to}`, '', message)
})
