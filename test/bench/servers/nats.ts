// Runs nats-server on the server's processor and publishes to it over TCP, as its clients do.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../support/programs.ts'
import { pinned, serverCpu } from '../processes.ts'
import { inOneWrite, report, servePublisher } from './publisher.ts'

const folder = mkdtempSync(join(tmpdir(), 'star-comet-nats-'))
const config = join(folder, 'nats.conf')
const port = await freePort()
// Pings would come at another moment for each subscriber; the load process wants the same bytes for all.
const limits = ['max_pending: 256MB', 'write_deadline: "60s"', 'max_connections: 19900']
writeFileSync(config, [`listen: 127.0.0.1:${port}`, 'ping_interval: "1h"', ...limits].join('\n'))
const [command, ...args] = pinned(serverCpu, 'nats-server', ['-c', config])
const nats = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] })
process.on('disconnect', () => {
  nats.kill('SIGKILL')
  rmSync(folder, { recursive: true })
  process.exit()
})
await new Promise<void>((resolve) => {
  nats.stderr.on('data', (text: Buffer) => {
    if (text.includes('Server is ready')) resolve()
  })
})

const publisher = connect({ port, host: '127.0.0.1', noDelay: true })
publisher.on('data', (text: Buffer) => {
  if (text.includes('PING')) publisher.write('PONG\r\n')
})
publisher.write('CONNECT {"verbose":false,"pedantic":false}\r\n')
report({ type: 'listening', port, pid: nats.pid ?? 0 })

const write = inOneWrite(publisher)
servePublisher((to, message) => write(`PUB bench${to} ${message.length}\r\n${message}\r\n`))
