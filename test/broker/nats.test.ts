import { after, before, describe, test } from 'node:test'
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { connect, type NatsConnection } from 'nats'
import { natsBroker } from '../../lib/broker/nats.ts'
import { brokerConformance } from '../../lib/testing/broker-conformance.ts'
import { eventually } from '../support/nodes.ts'
import { findProgram, startEngine, startNats, type TestEngine } from '../support/engine.ts'

const ignore = (): void => undefined
const program = findProgram('nats-server')

describe('natsBroker', { skip: 'missing' in program ? program.missing : false }, () => {
  let engine: TestEngine | undefined
  const clients: NatsConnection[] = []
  before(async () => {
    if ('path' in program) engine = await startNats(program.path)
  })
  after(async () => {
    await Promise.all(clients.map((client) => client.close()))
    await engine?.close()
  })

  const client = async (port: number): Promise<NatsConnection> => {
    const connection = await connect({ port, maxReconnectAttempts: -1, reconnectTimeWait: 50 })
    clients.push(connection)
    return connection
  }

  brokerConformance(
    'nats',
    async () => natsBroker({ client: await client(engine!.port), stream: randomUUID(), patienceMs: 1000 }),
    { engine: { stop: () => engine!.stop(), start: () => engine!.start() } },
  )

  test('a consumer that the server has forgotten is noticed by its silence, and made anew', async (t) => {
    const connection = await client(engine!.port)
    const stream = randomUUID()
    const seen: string[] = []
    let gap: () => void = ignore
    const noticed = new Promise<void>((resolve) => (gap = resolve))
    const node = await natsBroker({ client: connection, stream, patienceMs: 200 }).connect({
      message: (text) => seen.push(text),
      gap: () => gap(),
    })
    t.after(() => node.close())
    const ask = async (what: string): Promise<{ consumers?: string[] }> => (await connection.request(what)).json()
    const { consumers = [] } = await ask(`$JS.API.CONSUMER.NAMES.${stream}`)
    assert.equal(consumers.length, 1)
    await ask(`$JS.API.CONSUMER.DELETE.${stream}.${consumers[0]}`)
    await node.publish('to nobody')
    await noticed
    await node.publish('to us')
    await eventually(() => seen.length > 0, 'a message')
    assert.deepEqual(seen, ['to us'])
  })

  test('a server without JetStream is refused with a sentence', async (t) => {
    const plain = await startEngine('path' in program ? program.path : '', (port) => [
      '-a',
      '127.0.0.1',
      '-p',
      String(port),
    ])
    t.after(() => plain.close())
    const receiver = { message: () => undefined, gap: () => undefined }
    const broker = natsBroker({ client: await client(plain.port), stream: 'mine' })
    await assert.rejects(() => broker.connect(receiver), {
      code: 'COMET_ERR_BROKER',
      message:
        /^The other nodes cannot be reached: the stream "mine" could not be opened \(.*\); it needs JetStream: nats-server -js$/,
    })
  })
})

test('messages come in both forms of the subject that acknowledges them: of newer servers it names the account, too', async (t) => {
  const seen: string[] = []
  let deliver: (error: null, message: { data: Uint8Array; reply: string }) => void = ignore
  const client = {
    isClosed: () => false,
    request: () => Promise.resolve({ data: Buffer.from('{}') }),
    subscribe(_: string, { callback }: { callback: typeof deliver }) {
      deliver = callback
      return { unsubscribe: ignore }
    },
    async *status() {
      // nothing happens
    },
  }
  const receiver = { message: (text: string) => seen.push(text), gap: () => seen.push('gap') }
  const node = await natsBroker({ client }).connect(receiver)
  t.after(() => node.close())
  const replies = ['$JS.ACK.mine.con.1.77.1.1700000000.0', '$JS.ACK._.hash.mine.con.1.78.2.1700000000.0.random']
  for (const [index, reply] of replies.entries()) deliver(null, { data: Buffer.from(`id 0 1\n${index}`), reply })
  assert.deepEqual(seen, ['0', '1'])
})

test('a name that no stream can have is refused with a sentence', () => {
  const client = { request: ignore, subscribe: ignore, status: ignore, isClosed: ignore } as never
  assert.throws(() => natsBroker({ client, stream: 'a.b' }), {
    code: 'COMET_ERR_OPTION',
    message: 'Option "natsBroker.stream" is a.b; it must be a name of characters 0-9 A-Z a-z _ -',
  })
})
