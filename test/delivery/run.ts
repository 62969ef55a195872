// The whole delivery test: `npm run test:delivery`. SECONDS, CLIENTS, RATE and SEED change it.
import { measureDelivery, type DeliveryReport, type DeliveryTask } from './delivery.ts'
import { newReader, oldReader } from './readers.ts'
import { lastingMemory, mariadb, sharedMemory, sqliteFile } from './storages.ts'

const { SECONDS = '60', CLIENTS = '200', RATE = '50', SEED = '1' } = process.env

const whole = {
  clients: Number(CLIENTS),
  messagesPerSecond: Number(RATE),
  seconds: Number(SECONDS),
  cutEveryMs: 20_000,
  halfOpenMs: 8000,
  refusedPercent: 20,
  restartEveryMs: 15_000,
  seed: Number(SEED),
}

const runs: readonly (readonly [protocol: string, task: DeliveryTask])[] = [
  ['5', { ...whole, storage: lastingMemory(), reader: newReader }],
  ['5', { ...whole, storage: await sqliteFile(), reader: newReader }],
  ['5', { ...whole, storage: await mariadb(), reader: newReader }],
  ['5', { ...whole, nodes: 3, storage: sharedMemory(), reader: newReader }],
  ['4.0', { ...whole, storage: lastingMemory(), reader: oldReader }],
]

const columns = [
  'published',
  'seconds',
  'expected',
  'lost',
  'doubled',
  'disordered',
  'told',
  'switches',
  'cuts',
  'halfOpen',
  'restarts',
] as const

function row(cells: readonly (string | number)[]): void {
  process.stdout.write(`| ${cells.join(' | ')} |\n`)
}

row(['protocol', 'storage', 'nodes', ...columns])
row(['---', '---', ...['nodes', ...columns].map(() => '---:')])
let isRight = true
for (const [protocol, task] of runs) {
  const report: DeliveryReport = await measureDelivery(task)
  row([protocol, task.storage.name, task.nodes ?? 1, ...columns.map((column) => report[column])])
  if (protocol === '5' && report.lost + report.doubled + report.disordered > 0) isRight = false
}
process.exitCode = isRight ? 0 : 1
