import { WebSocket } from 'ws'
import { Installation, type Engines } from '../../cluster/installation.ts'
import { startNats, startRedis } from '../../support/engine.ts'
import { missingProgram } from '../installed.ts'
import { milliseconds, type Sample, type Scenario, type Sizes, type Subject } from '../scenario.ts'

/** Messages of one measurement, each sent when the one before has come. */
const messages = 100

/** All nodes keep their messages in Redis. */
const missingRedis = missingProgram('redis-server', 'apt-get install redis-server')

/** How long messages take from `publish` in one process to a page that is connected to another one. */
export const brokers: Scenario = {
  name: 'brokers',
  title: 'From `publish()` in one process to a page at another one, by broker',
  columns: [
    { name: 'p50', title: 'p50', show: milliseconds },
    { name: 'p99', title: 'p99', show: milliseconds },
  ],
  subjects: [
    subject('none', 'no broker, one process', 1),
    subject('memory', 'memoryBroker, one process', 1),
    subject('redis', 'redisBroker', 2),
    subject('nats', 'natsBroker', 2, missingProgram('nats-server', 'apt-get install nats-server')),
    subject('cluster', 'clusterBroker', 2),
  ],
}

function subject(name: Engines['BROKER'], title: string, nodes: number, missing?: string): Subject {
  return { name, title, missing: missing ?? missingRedis, measure: (sizes) => measure(name, nodes, sizes) }
}

async function measure(BROKER: Engines['BROKER'], nodes: number, { divisor }: Sizes): Promise<Sample> {
  const redis = await startRedis('redis-server')
  const nats = BROKER === 'nats' ? await startNats('nats-server') : undefined
  const ports = { REDIS_PORT: String(redis.port), NATS_PORT: String(nats?.port ?? 0) }
  const installation = await Installation.start({ BROKER, LEASE_MS: '6000', ...ports }, nodes)
  const page = await subscriberOf(installation)
  try {
    await sample(installation, page, messages / divisor) // until the hot path is compiled
    const sorted = (await sample(installation, page, messages / divisor)).sort((a, b) => a - b)
    const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? NaN
    return { values: { p50: at(0.5), p99: at(0.99) }, problems: [], busy: 0 }
  } finally {
    page.terminate()
    installation.close()
    await Promise.all([redis.close(), nats?.close()])
  }
}

/** A page at the last node. */
async function subscriberOf({ ports }: Installation): Promise<WebSocket> {
  const page = new WebSocket(`ws://127.0.0.1:${ports.at(-1) ?? 0}/ws/sesion=&myid=&devid=0&v=4.0&uuid=&api=js`)
  await messageWith(page, 'serverInfo')
  page.send('subscription\nweb_bench')
  page.send('pipe_count\nweb_bench')
  await messageWith(page, '_answer_pipe_count')
  return page
}

/** Publishes `count` messages at the first node; resolves to how long each took, in milliseconds. */
async function sample(installation: Installation, page: WebSocket, count: number): Promise<number[]> {
  const [port = 0] = installation.ports
  const times: number[] = []
  for (let i = 0; i < count; i++) {
    const came = messageWith(page, 'web_bench').then(() => process.hrtime.bigint())
    // The node tells when it began: the clock is the same in all processes of a machine.
    const began = BigInt(String(await installation.ask(port, 'stamp')))
    times.push(Number((await came) - began) / 1e6)
  }
  return times
}

function messageWith(page: WebSocket, part: string): Promise<void> {
  return new Promise((resolve) => {
    const look = (data: Buffer): void => {
      if (!data.includes(part)) return
      page.off('message', look)
      resolve()
    }
    page.on('message', look)
  })
}
