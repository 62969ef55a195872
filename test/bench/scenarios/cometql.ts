import { execute, MysqlClient, query } from '../load/mysql-client.ts'
import type { ServerOrder, ServerReport } from '../messages.ts'
import { cpuMs } from '../proc.ts'
import { Part, serverCpu } from '../processes.ts'
import { micros, thousands, type Sample, type Scenario, type Sizes } from '../scenario.ts'

const text = `{"n":1,"text":"${'x'.repeat(90)}"}`
const insert = query(`INSERT INTO pipes_messages (name, event, message) VALUES ('bench', 'add', '${text}')`)
const manyRows = Array.from({ length: 100 }, () => `('bench', 'add', '${text}')`).join()
const insertRows = query(`INSERT INTO pipes_messages (name, event, message) VALUES ${manyRows}`)
const select = query('SELECT id, time FROM users_time WHERE id IN (1, 2, 3)')
const prepared = 'INSERT INTO pipes_messages (name, event, message) VALUES (?, ?, ?)'
const connections = 10

/** Sends some statements over the clients; resolves to how many when all are answered. */
type Batch = (clients: readonly [MysqlClient, ...MysqlClient[]]) => Promise<number>

interface Way {
  readonly name: string
  readonly title: string
  readonly clients?: number
  /** Whether the clients wait for each answer: to wake up for it would take them as long as the server takes for it. */
  readonly isWaiting?: boolean
  /** Makes what is sent again and again, for the time of a measurement. */
  readonly prepare: (client: MysqlClient) => Batch | Promise<Batch>
}

const oneEach =
  (command: Buffer, rows = false): Batch =>
  async (clients) => {
    await Promise.all(clients.map((client) => (rows ? client.runRows(command, 1) : client.run(command, 1))))
    return clients.length
  }
const pipelined =
  (command: Buffer, count: number): Batch =>
  async ([client]) => {
    await client.run(command, count)
    return count
  }

const ways: readonly Way[] = [
  { name: 'one', title: 'INSERT, one by one', isWaiting: true, prepare: () => oneEach(insert) },
  {
    name: 'ten',
    title: 'INSERT, one by one on 10 connections',
    clients: connections,
    isWaiting: true,
    prepare: () => oneEach(insert),
  },
  { name: 'pipelined', title: 'INSERT, pipelined', prepare: () => pipelined(insert, 2000) },
  {
    name: 'prepared',
    title: 'INSERT, prepared and pipelined',
    prepare: async (client) => pipelined(execute(await client.prepare(prepared), ['bench', 'add', text]), 2000),
  },
  {
    name: 'rows',
    title: 'rows of an INSERT with 100',
    prepare: () => async (clients) => (await pipelined(insertRows, 10)(clients)) * 100,
  },
  {
    name: 'select',
    title: 'SELECT of three users in users_time',
    isWaiting: true,
    prepare: () => oneEach(select, true),
  },
]

/** Statements a second. */
export const cometql: Scenario = {
  name: 'cometql',
  title: 'CometQL, no subscribers',
  columns: [
    { name: 'perSecond', title: 'a second', show: thousands },
    { name: 'cpu', title: "server's CPU each", show: micros },
  ],
  subjects: ways.map((way) => ({ ...way, measure: (sizes) => measure(way, sizes) })),
}

async function measure({ clients: count = 1, isWaiting = false, prepare }: Way, { ms }: Sizes): Promise<Sample> {
  const server = new Part<ServerReport, ServerOrder>('./servers/star-comet.ts', serverCpu)
  const sleep = isWaiting ? stayAwake() : undefined
  try {
    const { cometqlPort = 0, pid } = await server.next('listening')
    const first = await MysqlClient.connect(cometqlPort)
    const others = Array.from({ length: count - 1 }, () => MysqlClient.connect(cometqlPort))
    const clients = [first, ...(await Promise.all(others))] as const
    const batch = await prepare(first)
    await repeat(() => batch(clients), ms) // until the hot path is compiled
    const usedBefore = cpuMs(pid)
    const ownBefore = process.cpuUsage()
    const { sent, tookMs } = await repeat(() => batch(clients), ms)
    const cpu = ((cpuMs(pid) - usedBefore) / sent) * 1000
    const { user, system } = process.cpuUsage(ownBefore)
    for (const client of clients) client.end()
    const busy = isWaiting ? 0 : (user + system) / tookMs / 1000 // who never sleeps is busy whatever the server does
    return { values: { perSecond: (sent / tookMs) * 1000, cpu }, problems: [], busy }
  } finally {
    sleep?.()
    await server.stop()
  }
}

/** Keeps the event loop turning, until the function that is returned is called. */
function stayAwake(): () => void {
  let turn = setImmediate(function again() {
    turn = setImmediate(again)
  })
  return () => clearImmediate(turn)
}

async function repeat(batch: () => Promise<number>, ms: number): Promise<{ sent: number; tookMs: number }> {
  const start = performance.now()
  let sent = 0
  while (performance.now() - start < ms) sent += await batch()
  return { sent, tookMs: performance.now() - start }
}
