import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startRedis } from '../../support/engine.ts'
import { MariadbServer } from '../../support/mariadb-server.ts'
import { missingProgram } from '../installed.ts'
import { MysqlClient, query } from '../load/mysql-client.ts'
import { benchMessage } from '../messages.ts'
import { Part, serverCpu } from '../processes.ts'
import { thousands, type Sample, type Scenario, type Sizes } from '../scenario.ts'

export interface StorageChoice {
  readonly name: 'memory' | 'sqlite' | 'mysql' | 'redis'
  /** A file, options of a pool as JSON, or a port. */
  readonly where: string
}

export type StorageReport =
  { readonly type: 'listening'; readonly port: number } | { readonly type: 'published'; readonly perSecond: number }

export interface StorageOrder {
  readonly atOnce: number
  readonly ms: number
}

/** A place for a storage, with what it always does for safety. */
interface Place {
  readonly where: string
  close(): Promise<void>
}

const insert = query(`INSERT INTO pipes_messages (name, event, message) VALUES ('bench', 'add', '${benchMessage(1)}')`)
const connections = 50

/** Publishing into a pipe that keeps messages, with each storage. */
export const storages: Scenario = {
  name: 'storages',
  title: 'Messages a second into a pipe that keeps 1000, by storage',
  columns: [
    { name: 'one', title: '`publish()`, one by one', show: thousands },
    { name: 'hundred', title: '100 at once', show: thousands },
    { name: 'thousand', title: '1000 at once', show: thousands },
    { name: 'insert', title: 'INSERT', show: thousands },
    { name: 'ahead', title: 'sent ahead', show: thousands },
    { name: 'connections', title: `${connections} connections`, show: thousands },
  ],
  subjects: [
    subject('memory', undefined, () => Promise.resolve({ where: '', close: () => Promise.resolve() })),
    subject('sqlite', undefined, newFile),
    subject('mysql', missingProgram('mariadbd', 'apt-get install mariadb-server'), newDatabase),
    subject('redis', missingProgram('redis-server', 'apt-get install redis-server'), newRedis),
  ],
}

function subject(name: StorageChoice['name'], missing: string | undefined, open: () => Promise<Place>) {
  return { name, title: name, missing, measure: (sizes: Sizes) => measure(name, open, sizes) }
}

async function newFile(): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'star-comet-bench-'))
  return { where: join(folder, 'bench.db'), close: () => rm(folder, { recursive: true, force: true }) }
}

async function newDatabase(): Promise<Place> {
  const server = await MariadbServer.start({ isSafe: true })
  return { where: JSON.stringify(await server.newDatabase()), close: () => server.close() }
}

async function newRedis(): Promise<Place> {
  const server = await startRedis('redis-server', true)
  return { where: String(server.port), close: () => server.close() }
}

async function measure(name: StorageChoice['name'], open: () => Promise<Place>, { ms }: Sizes): Promise<Sample> {
  const place = await open()
  const choice = JSON.stringify({ name, where: place.where } satisfies StorageChoice)
  const server = new Part<StorageReport, StorageOrder>('./servers/storage.ts', serverCpu, [], [choice])
  try {
    const { port } = await server.next('listening')
    const publish = async (atOnce: number, duration = ms): Promise<number> => {
      server.order({ atOnce, ms: duration })
      return (await server.next('published')).perSecond
    }
    await publish(100, ms / 2) // warm-up
    const published = { one: await publish(1), hundred: await publish(100), thousand: await publish(1000) }
    const inserted = {
      insert: await inserts(port, 1, 1, ms),
      ahead: await inserts(port, 1, 500, ms),
      connections: await inserts(port, connections, 1, ms),
    }
    return { values: { ...published, ...inserted }, problems: [], busy: 0 }
  } finally {
    await server.stop()
    await place.close()
  }
}

/** INSERTs a second; each connection sends so many ahead of the answers. */
async function inserts(port: number, clients: number, ahead: number, ms: number): Promise<number> {
  const all = await Promise.all(Array.from({ length: clients }, () => MysqlClient.connect(port)))
  const start = performance.now()
  let count = 0
  await Promise.all(
    all.map(async (client) => {
      while (performance.now() - start < ms) {
        await client.run(insert, ahead)
        count += ahead
      }
    }),
  )
  const perSecond = count / ((performance.now() - start) / 1000)
  for (const client of all) client.end()
  return perSecond
}
