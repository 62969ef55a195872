// One node: an http server with a comet server, which the environment tells where its engines are. With CLUSTER=primary
// it is the primary process of node:cluster, which starts a worker for each port that it is told.
import cluster from 'node:cluster'
import { createServer } from 'node:http'
import { Redis } from 'ioredis'
import { connect } from 'nats'
import type { Broker } from '../../lib/broker/broker.ts'
import { clusterBroker, relayClusterMessages } from '../../lib/broker/cluster.ts'
import { natsBroker } from '../../lib/broker/nats.ts'
import { redisBroker } from '../../lib/broker/redis.ts'
import { createCometServer, memoryBroker } from '../../lib/index.ts'
import { redisStorage } from '../../lib/storage/redis.ts'

const { BROKER, REDIS_PORT, NATS_PORT, LEASE_MS, NODE_PORT, CLUSTER } = process.env

if (CLUSTER === 'primary' && cluster.isPrimary) primary()
else await node()

function primary(): void {
  relayClusterMessages()
  process.on('message', (port: number) => {
    const worker = cluster.fork({ NODE_PORT: String(port) })
    worker.on('message', (message: unknown) => {
      if (message === 'ready') process.send?.({ port, pid: worker.process.pid })
    })
  })
  process.on('disconnect', () => process.exit())
}

async function node(): Promise<void> {
  const client = new Redis({
    port: Number(REDIS_PORT),
    host: '127.0.0.1',
    retryStrategy: () => 100,
    maxRetriesPerRequest: null,
    autoResendUnfulfilledCommands: false,
  })
  client.on('error', () => undefined)
  const broker = await brokerOf(client)
  const comet = createCometServer({
    storage: redisStorage({ client }),
    ...(broker === undefined ? {} : { broker }),
    leaseMs: Number(LEASE_MS),
    cometql: false,
    logger: { warn: () => undefined, error: () => undefined },
  })
  const http = createServer((request, response) => {
    answer(request.url ?? '').then(
      (data) => response.end(JSON.stringify(data)),
      (error: unknown) => response.writeHead(503).end(String(error)),
    )
  })

  /** `/publish/<n>`, `/members` of the pipe, `/online` users, `/stamp`: publishes, and says when it began. */
  async function answer(url: string): Promise<unknown> {
    const [, word, n = ''] = url.split('/')
    if (word === 'publish') {
      return await comet.query('INSERT INTO pipes_messages (name, event, message, id) VALUES (?, ?, ?, ?)', [
        ...['news', 'add', n, `message ${n}`],
      ])
    }
    if (word === 'stamp') {
      const began = process.hrtime.bigint()
      await comet.publish('web_bench', '', 'x'.repeat(128))
      return String(began)
    }
    const members = "SELECT user_id FROM users_in_pipes WHERE name = 'track_news' ORDER BY user_id"
    const online = 'SELECT id FROM users_time WHERE time = 0 ORDER BY id LIMIT 1000'
    const rows = (await comet.query(word === 'members' ? members : online)) as Record<string, unknown>[]
    return rows.flatMap((row) => Object.values(row))
  }

  comet.attach(http)
  await comet.ready
  await comet.query("INSERT INTO pipes_settings (name, length) VALUES ('news', 1000)")
  http.listen(Number(NODE_PORT), '127.0.0.1', () => process.send?.('ready'))
}

async function brokerOf(client: Redis): Promise<Broker | undefined> {
  if (BROKER === 'none') return undefined
  if (BROKER === 'memory') return memoryBroker()
  if (BROKER === 'redis') return redisBroker({ client })
  if (BROKER === 'cluster') return clusterBroker()
  const options = { port: Number(NATS_PORT), maxReconnectAttempts: -1, reconnectTimeWait: 100 }
  return natsBroker({ client: await connect(options) })
}
