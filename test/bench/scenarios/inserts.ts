import { MysqlClient, query } from '../load/mysql-client.ts'
import type { ServerReport } from '../messages.ts'
import { cpuMs } from '../proc.ts'
import { Part, serverCpu } from '../processes.ts'
import type { Sample } from '../scenario.ts'

const insert = query(`INSERT INTO pipes_messages (name, event, message) VALUES ('bench', 'add', '${'x'.repeat(128)}')`)
const pipelined = 2000

/** What an INSERT into one pipe takes while `others` exist, each with a subscriber. */
export async function measureInserts(others: number, ms: number): Promise<Sample> {
  const flags = ['--max-old-space-size=4096']
  const server = new Part<ServerReport, never>('./servers/other-pipes.ts', serverCpu, flags, [String(others)])
  try {
    const { cometqlPort = 0, pid } = await server.next('listening')
    const client = await MysqlClient.connect(cometqlPort)
    await insertFor(client, ms) // until the hot path is compiled
    const usedBefore = cpuMs(pid)
    const start = performance.now()
    const sent = await insertFor(client, ms)
    const perSecond = (sent / (performance.now() - start)) * 1000
    const time = ((cpuMs(pid) - usedBefore) / sent) * 1000
    client.end()
    return { values: { time, perSecond }, problems: [], busy: 0 }
  } finally {
    await server.stop()
  }
}

/** Resolves to how many INSERTs were answered. */
async function insertFor(client: MysqlClient, ms: number): Promise<number> {
  const start = performance.now()
  let sent = 0
  for (; performance.now() - start < ms; sent += pipelined) await client.run(insert, pipelined)
  return sent
}
