// Two processes behind one nginx: kill one, and no page loses anything. Run: node examples/cluster/server.js
// It needs redis-server and nginx (Debian: apt install redis-server nginx), and starts its own, in a temporary folder.
import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { configuration } from './nginx.js'

const port = await freePort(Number(process.env.PORT ?? 8087))
const folder = mkdtempSync(join(tmpdir(), 'star-comet-cluster-'))
const redis = join(folder, 'redis.sock')
const children = new Set()
let isEnding = false
/** Ctrl-C is for this process alone, which ends the others in order. */
const detached = true

await run('redis-server', ['--port', '0', '--unixsocket', redis, '--dir', folder, '--appendonly', 'yes'])
const nodes = await Promise.all([1, 2].map(async () => startNode(await freePort(0))))
writeFileSync(join(folder, 'nginx.conf'), configuration({ folder, port, ports: nodes.map((node) => node.port) }))
await run('nginx', ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')])
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, end)
await say(1) // nginx is there
const ends = nodes.map(({ pid }) => `kill -9 ${pid}`).join(' or ')
console.log(`Open http://127.0.0.1:${port}/ and kill one of the two processes: ${ends}`)
for (let n = 2; !isEnding; n++) await say(n)

/** Starts a node; when it ends, another one takes its place after a while. */
async function startNode(port) {
  const node = fork(fileURLToPath(new URL('node.js', import.meta.url)), [redis, port], { detached })
  children.add(node.once('exit', () => children.delete(node)))
  node.once('exit', () => setTimeout(5000, undefined, { ref: false }).then(() => isEnding || startNode(port)))
  await Promise.race([once(node, 'message'), once(node, 'exit')])
  return { port, pid: node.pid }
}

/** Says something, as a back-end would: until it is answered, and always by the same id, so that it is stored once. */
async function say(n) {
  const post = () => fetch(`http://127.0.0.1:${port}/tick/${n}`, { method: 'POST' }).catch(() => ({ ok: false }))
  while (!isEnding && !(await post()).ok) await setTimeout(100)
  await setTimeout(500)
}

/** Starts a program; its end is the end of everything. */
async function run(program, args) {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'], detached })
  children.add(child.once('exit', () => children.delete(child)))
  await once(child, 'spawn').catch((error) => {
    console.error(`${program} cannot be started (${error.code}): apt install ${program}`)
    process.exit(1)
  })
  child.once('exit', (code) => isEnding || end(console.error(`${program} ended with code ${code}`)))
}

/** This port, or any that is free where it is 0. */
async function freePort(wanted) {
  if (wanted !== 0) return wanted
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  return port
}

/** Ends one after the other: nginx first, Redis last. */
async function end() {
  isEnding = true
  for (const child of [...children].reverse()) {
    if (!children.has(child)) continue // it has ended by itself
    child.kill()
    await once(child, 'exit')
  }
  rmSync(folder, { recursive: true })
}
