import type { ServerOrder, ServerReport } from './messages.ts'
import { Part } from './processes.ts'
import { RawClient } from './raw-client.ts'

const statement = `INSERT INTO pipes_messages (name, event, message) VALUES ('bench', 'add', '{"n":1,"text":"${'x'.repeat(90)}"}')`
const oneByOneMs = 2000
const pipelined = 100_000

/** INSERTs a second over one connection: each after the answer to the last, and sent ahead of the answers. */
export async function cometqlInserts(): Promise<{ readonly oneByOne: number; readonly pipelined: number }> {
  const server = new Part<ServerReport, ServerOrder>('./server-star-comet.ts', 0)
  try {
    const { cometqlPort = 0 } = await server.next('listening')
    const client = await RawClient.connect(cometqlPort, statement)
    await client.run(20_000) // warm-up
    const oneByOneStart = performance.now()
    let count = 0
    while (performance.now() - oneByOneStart < oneByOneMs) {
      await client.run(1)
      count++
    }
    const oneByOne = count / ((performance.now() - oneByOneStart) / 1000)
    const start = performance.now()
    await client.run(pipelined)
    const perSecond = pipelined / ((performance.now() - start) / 1000)
    client.end()
    return { oneByOne, pipelined: perSecond }
  } finally {
    server.stop()
  }
}
