// Each of `limits` is exceeded once, by what users have: its counter tells, and no other does.
import { test, type TestContext } from 'node:test'
import assert from 'node:assert/strict'
import {
  createCometServer,
  memory,
  type CometServer,
  type CometServerOptions,
  type LimitName,
  type Limits,
  type MemoryTransport,
} from '../../../lib/index.ts'
import { ManualClock } from '../../support/manual-clock.ts'

/** What a test has at hand. */
interface Scene {
  readonly comet: CometServer
  readonly transport: MemoryTransport
  readonly clock: ManualClock
}

/** How to exceed it: the limits to set, what to do, and other options that it takes. */
type Case = readonly [Partial<Limits>, (at: Scene) => Promise<unknown>, CometServerOptions?]

/** An address that has bounds. */
const ip = '198.51.100.7'
const isError = ({ event }: Readonly<Record<string, unknown>>): boolean => event === 'error'

/** Of which one is refused. */
const subscribeTwo: Case[1] = ({ transport }) => {
  const page = transport.connect()
  page.send('subscription\nnews\nsport')
  return page.next(isError)
}

const cases: Readonly<Record<LimitName, Case>> = {
  maxMessageBytes: [{ maxMessageBytes: 1 }, ({ comet }) => assert.rejects(comet.publish('news', '', 'xx'))],
  maxSubscriptions: [{ maxSubscriptions: 1 }, subscribeTwo],
  maxConnectionsPerUser: [
    { maxConnectionsPerUser: 1 },
    async ({ transport }) => {
      transport.connect()
      assert.equal((await transport.connect().closed).code, 4002)
    },
    { authenticate: () => 7 },
  ],
  maxQueuedMessages: [
    { maxQueuedMessages: 1 },
    async ({ comet }) => {
      await comet.sendToUser(7, '', 'one')
      await comet.sendToUser(7, '', 'two')
    },
  ],
  maxBufferedBytes: [
    { maxBufferedBytes: 100 },
    async ({ comet, transport }) => {
      const page = transport.connect()
      page.send('subscription\nnews')
      await page.next(({ event }) => event === 'serverInfo')
      Object.defineProperty(page, 'bufferedBytes', { value: 101 }) // as if the network took nothing
      await comet.publish('news', '', 'x')
      assert.equal((await page.closed).code, 4001)
    },
  ],
  maxConnectionsPerAddress: [
    { maxConnectionsPerAddress: 1 },
    ({ transport }) => {
      transport.connect({ ip })
      return transport.connect({ ip }).closed
    },
  ],
  maxConnectsPerSecond: [
    { maxConnectsPerSecond: 0.1 },
    async ({ transport }) => {
      transport.connect({ ip }).close()
      assert.equal((await transport.connect({ ip }).closed).reason, 'COMET_ERR_LIMIT')
    },
  ],
  maxCommandsPerSecond: [
    { maxCommandsPerSecond: 0.1 },
    ({ transport }) => {
      const page = transport.connect()
      page.send('subscription\nnews')
      page.send('subscription\nsport')
      return page.next(({ event }) => event === 'serverInfo')
    },
  ],
  maxFailedLogins: [
    { maxFailedLogins: 1 },
    async ({ transport }) => {
      const wrong = { ip, myid: '7', sesion: 'wrong' }
      await transport.connect(wrong).next(({ event }) => event === 'serverInfo')
      assert.equal((await transport.connect(wrong).closed).reason, 'COMET_ERR_LIMIT')
    },
  ],
  maxPipes: [{ maxPipes: 1 }, subscribeTwo],
  loginTimeoutMs: [
    { loginTimeoutMs: 5000 },
    async ({ transport, clock }) => {
      const { closed } = transport.connect()
      clock.advance(5000)
      assert.equal((await closed).code, 1012)
    },
    { authenticate: () => new Promise<undefined>(() => undefined) },
  ],
}

for (const [limit, [limits, exceed, options]] of Object.entries(cases) as [LimitName, Case][]) {
  test(`${limit} counts once who exceeds it once`, async (t: TestContext) => {
    const [transport, clock] = [memory(), new ManualClock()]
    const logger = { warn: () => undefined, error: () => undefined }
    const comet = createCometServer({ transports: [transport], limits, clock, logger, ...options })
    t.after(() => comet.close())
    await comet.ready
    await comet.query('SHOW TABLES') // tenant 0 is open: nobody waits for that
    await exceed({ comet, transport, clock })
    const acted = Object.entries(comet.metrics().limits).filter(([, count]) => count > 0)
    assert.deepEqual(acted, [[limit, 1]])
  })
}
