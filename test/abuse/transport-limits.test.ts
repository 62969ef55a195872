// A stranger with a socket goes over each limit of the transports: he is stopped, and the counter tells.
import { test, type TestContext } from 'node:test'
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import {
  createCometServer,
  longPoll,
  sse,
  webSocket,
  type CometServer,
  type Transport,
  type TransportLimitName,
} from '../../lib/index.ts'
import { frame } from '../support/frames.ts'
import { fetchFrom, listen, openRaw, readFrom, upgradeRaw } from '../support/http.ts'
import { visitorPath } from '../support/web-socket-browser.ts'

const opening = 'sesion=&myid=&devid=0&v=5.0'

/** What the stranger works with. */
interface Scene {
  readonly t: TestContext
  readonly comet: CometServer
  readonly port: number
}

async function scene(t: TestContext, transport: Transport): Promise<Scene> {
  const comet = createCometServer({ transports: [transport] })
  t.after(() => comet.close())
  const http = createServer()
  comet.attach(http)
  return { t, comet, port: await listen(t, http) }
}

/** Opens a session of long polling; resolves to its id. */
async function openPoll({ port }: Scene): Promise<string> {
  return (JSON.parse((await fetchFrom(port, `/poll/${opening}`, {}, 'POST')).body) as { session: string }).session
}

/** Sends a head that announces `length` bytes, and `body`; resolves to the answer's head. */
async function post({ t, port }: Scene, session: string, length: number, body: string): Promise<string> {
  const head = `POST /send/session=${session} HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n`
  const socket = await openRaw(t, port, head + body)
  return String(await readFrom(socket, (bytes) => bytes.includes('\r\n\r\n')))
}

/** Each limit, a transport that has it low, and how a stranger goes over it once. */
const cases: readonly (readonly [TransportLimitName, () => Transport, (at: Scene) => Promise<void>])[] = [
  [
    'maxPayloadBytes',
    () => webSocket({ maxPayloadBytes: 100 }),
    async ({ t, comet, port }) => {
      const socket = await upgradeRaw(t, port, visitorPath)
      const gone = once(comet, 'disconnect')
      socket.write(frame(0x81, Buffer.alloc(101, 'x')))
      const [, end] = (await gone) as [unknown, { code: number }]
      assert.equal(end.code, 1006)
    },
  ],
  [
    'pingIntervalMs',
    () => webSocket({ pingIntervalMs: 20 }),
    async ({ t, comet, port }) => {
      const gone = once(comet, 'disconnect')
      await upgradeRaw(t, port, visitorPath)
      await gone
    },
  ],
  [
    'silenceMs',
    () => sse({ pingIntervalMs: 20, silenceMs: 40 }),
    async ({ t, comet, port }) => {
      const gone = once(comet, 'disconnect')
      await openRaw(t, port, `GET /sse/${opening} HTTP/1.1\r\nHost: a\r\n\r\n`)
      const [, end] = (await gone) as [unknown, { code: number }]
      assert.equal(end.code, 4000)
    },
  ],
  [
    'maxSessions',
    () => longPoll({ maxSessions: 1 }),
    async (at) => {
      assert.notEqual(await openPoll(at), '')
      assert.equal(await openPoll(at), '')
    },
  ],
  [
    'sessionTimeoutMs',
    () => longPoll({ sessionTimeoutMs: 50 }),
    async (at) => {
      const gone = once(at.comet, 'disconnect')
      await openPoll(at)
      await gone
    },
  ],
  [
    'maxBodyBytes',
    () => longPoll({ maxBodyBytes: 100 }),
    async (at) => {
      assert.match(await post(at, await openPoll(at), 101, ''), /^HTTP\/1\.1 413/)
    },
  ],
  [
    'bodyTimeoutMs',
    () => longPoll({ bodyTimeoutMs: 50 }),
    async (at) => {
      assert.match(await post(at, await openPoll(at), 100, '['), /^HTTP\/1\.1 408/)
    },
  ],
  [
    'maxCommands',
    () => longPoll(),
    async (at) => {
      const body = JSON.stringify(Array.from({ length: 1001 }, () => 'pipe_count\nweb_a'))
      assert.match(await post(at, await openPoll(at), body.length, body), /^HTTP\/1\.1 413/)
    },
  ],
]

for (const [limit, transport, exceed] of cases) {
  test(`${limit}: who goes over it is counted once, there and in SHOW GLOBAL STATUS`, async (t) => {
    const at = await scene(t, transport())
    await exceed(at)
    const acted = Object.entries(at.comet.metrics().transportLimits).filter(([, count]) => count > 0)
    assert.deepEqual(acted, [[limit, 1]])
    const name = `Comet_limit_transport_${limit.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`
    const rows = await at.comet.query(`SHOW GLOBAL STATUS LIKE '${name}'`)
    assert.deepEqual(rows, [{ Variable_name: name, Value: '1' }])
  })
}

test('every limit of the transports is one of these', async (t) => {
  const { comet } = await scene(t, webSocket())
  assert.deepEqual(Object.keys(comet.metrics().transportLimits).sort(), cases.map(([limit]) => limit).sort())
})
