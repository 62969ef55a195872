// Compiles and runs floor.c on the server's processor, and passes orders on to it.
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { ServerOrder } from '../messages.ts'
import { pinned, serverCpu } from '../processes.ts'
import { report } from './publisher.ts'

const folder = mkdtempSync(join(tmpdir(), 'star-comet-floor-'))
const program = join(folder, 'floor')
execFileSync('gcc', ['-O2', '-o', program, fileURLToPath(new URL('floor.c', import.meta.url))])
const [command, ...args] = pinned(serverCpu, program, [])
const floor = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
process.on('disconnect', () => {
  floor.kill('SIGKILL')
  rmSync(folder, { recursive: true })
  process.exit()
})
createInterface(floor.stdout).on('line', (line) => {
  const [what, first, second] = line.split(' ')
  if (what === 'listening') report({ type: 'listening', port: Number(first), pid: floor.pid ?? 0 })
  else report({ type: 'published', messages: Number(first), startedAt: Number(second) })
})
process.on('message', (order: ServerOrder) => {
  if (order.type !== 'publish') return
  const { burst, ms, rate, pipes } = order.task
  floor.stdin.write(`${burst} ${ms} ${rate} ${pipes}\n`)
})
