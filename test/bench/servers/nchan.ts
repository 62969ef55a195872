// Runs nginx with nchan on the server's processor, and publishes to it over one connection.
// By pipelined POSTs: to 1000 subscribers a message costs nginx some 7 ms either way when it comes alone, but 2.6 ms in
// bursts of 10, where nchan's WebSocket for publishers costs 5.5 ms.
// nchan leaves Nagle's algorithm on for its subscribers and nginx has no setting for it: while a packet is not
// acknowledged the kernel gathers what follows. That saves processor time and adds to the latency.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../support/programs.ts'
import { nchanModule } from '../installed.ts'
import { pinned, serverCpu } from '../processes.ts'
import { inOneWrite, report, servePublisher } from './publisher.ts'

const folder = mkdtempSync(join(tmpdir(), 'star-comet-nchan-'))
const config = join(folder, 'nginx.conf')
const port = await freePort()
const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
writeFileSync(
  config,
  `
  load_module ${nchanModule};
  daemon off;
  master_process off; # one worker, whose id is that of the program
  pid ${folder}/pid;
  error_log stderr notice;
  events { worker_connections 32768; } # when a sixteenth is left it begins to close some
  http {
    access_log off;
    keepalive_requests 1000000000;
    ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join('\n')}
    nchan_shared_memory_size 512M;
    nchan_message_buffer_length 10000; # more than are on their way: slow subscribers lose none
    server {
      listen 127.0.0.1:${port} backlog=4096;
      location ~ ^/pub/(.+)$ {
        nchan_publisher http;
        nchan_channel_id $1;
      }
      location ~ ^/sub/(.+)$ {
        nchan_subscriber websocket;
        nchan_channel_id $1;
        nchan_subscriber_first_message newest; # those published from now on
      }
    }
  }`,
)
const [command, ...args] = pinned(serverCpu, 'nginx', ['-p', folder, '-c', config])
const nginx = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] })
process.on('disconnect', () => {
  nginx.kill('SIGKILL')
  rmSync(folder, { recursive: true })
  process.exit()
})
await new Promise<void>((resolve, reject) => {
  let said = ''
  nginx.stderr.on('data', (text: Buffer) => {
    said += text.toString()
    if (said.includes('event method')) resolve()
  })
  nginx.on('exit', (code) => reject(new Error(`nginx ended with code ${code ?? 'none'}: ${said}`)))
})

// What nginx answers is of no interest: what it did not publish is missed by the load process.
const onread = { buffer: Buffer.alloc(64 * 1024), callback: () => true }
const publisher = connect({ port, host: '127.0.0.1', noDelay: true, onread })
report({ type: 'listening', port, pid: nginx.pid ?? 0 })

const write = inOneWrite(publisher)
servePublisher((to, message) =>
  write(`POST /pub/${to} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${message.length}\r\n\r\n${message}`),
)
