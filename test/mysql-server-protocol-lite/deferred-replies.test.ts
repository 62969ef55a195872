import assert from 'node:assert/strict'
import { describe, test, type TestContext } from 'node:test'
import { Capability, Command } from '../../lib/mysql-server-protocol-lite/constants.ts'
import {
  MysqlError,
  type Limits,
  type MysqlHandler,
  type MysqlServer,
  type OkResult,
  type Value,
} from '../../lib/mysql-server-protocol-lite/index.ts'
import {
  answer,
  command,
  errorOf,
  hex,
  nextTurn,
  plainCapabilities,
  query,
  RawClient,
  testHandler,
  testServer,
  type LoginOptions,
} from './support.ts'

/** A statement that waits for the test to answer it. */
interface Waiting {
  readonly sql: string
  readonly params: readonly Value[]
  tell(result: OkResult | (() => OkResult)): void
  fail(error: unknown): void
}

interface Rig {
  readonly client: RawClient
  readonly server: MysqlServer
  /** `later …`, begun ahead. */
  readonly begun: Waiting[]
  /** What the handler was asked to do, in order; `told` for each outcome that it was asked for. */
  readonly calls: string[]
  readonly faults: unknown[]
  readonly finish: (...indexes: number[]) => void
}

interface RigOptions {
  readonly login?: LoginOptions
  readonly handler?: Partial<MysqlHandler<string>>
  readonly limits?: Partial<Limits>
}

/** Statements `later …` are deferred, `at once …` are begun ahead and answered, all others are left to `query`. */
async function rig(t: TestContext, options: RigOptions = {}): Promise<Rig> {
  const begun: Waiting[] = []
  const calls: string[] = []
  const faults: unknown[] = []
  const handler = testHandler({
    queryAhead(sql, params) {
      if (sql.startsWith('at once fail')) throw new MysqlError('Nothing of that name', 15, '42S02')
      if (sql.startsWith('at once')) return { affectedRows: 7 }
      if (!sql.startsWith('later')) return undefined
      calls.push(sql)
      return { deferred: deferred(sql, params) }
    },
    query(sql) {
      calls.push(sql)
      return answer(sql)
    },
    closed: () => calls.push('closed'),
    reset: () => void calls.push('reset'),
    ...options.handler,
  })
  const deferred = (sql: string, params: readonly Value[]): Promise<() => OkResult> =>
    new Promise((resolve, reject) => {
      const told = (result: OkResult | (() => OkResult)) => () => {
        calls.push(`told ${sql}`)
        return typeof result === 'function' ? result() : result
      }
      begun.push({ sql, params, tell: (result) => resolve(told(result)), fail: reject })
    })
  const { limits = {} } = options
  const server = testServer(t, { handler, limits, onError: (error) => faults.push(error) })
  const client = await RawClient.of(server, options.login)
  const finish = (...indexes: number[]): void => {
    for (const index of indexes) begun[index]?.tell({ affectedRows: index + 1 })
  }
  return { client, server, begun, calls, faults, finish }
}

const okOf = (affectedRows: number): Buffer => Buffer.concat([hex('00'), Buffer.of(affectedRows), hex('00 0200 0000')])
const ok = okOf(1)

/** What came so far behind the login. */
async function received(client: RawClient, from: number): Promise<Buffer> {
  await nextTurn()
  await nextTurn()
  return client.received.subarray(from)
}

describe('statements begun ahead', () => {
  test('they begin at once, and are answered in their order, each numbered from its own command', async (t) => {
    const { client, begun, finish, calls } = await rig(t)
    const from = client.received.length
    client.send(query('later a'), query('later b'), query('later c'))
    await nextTurn()
    assert.deepEqual(
      begun.map(({ sql }) => sql),
      ['later a', 'later b', 'later c'],
    )
    finish(2, 1)
    assert.equal((await received(client, from)).length, 0)
    finish(0)
    assert.deepEqual(await client.readMany(3), [okOf(1), okOf(2), okOf(3)])
    assert.equal(client.sequence, 1)
    assert.deepEqual(calls.slice(3), ['told later a', 'told later b', 'told later c'])
  })

  test('what is there goes out although later ones wait', async (t) => {
    const { client, finish } = await rig(t)
    client.send(query('later a'), query('later b'))
    await nextTurn()
    finish(0)
    assert.deepEqual(await client.read(), okOf(1))
    client.send(query('later c'))
    await nextTurn()
    finish(2, 1)
    assert.deepEqual(await client.readMany(2), [okOf(2), okOf(3)])
  })

  test('an error is the answer to its own statement', async (t) => {
    const { client, begun, faults, finish } = await rig(t)
    client.send(...['later a', 'later b', 'later c', 'later d'].map(query))
    await nextTurn()
    const fault = new Error('secret detail')
    begun[1]?.fail(new MysqlError('No room', 1021, 'HY000'))
    begun[2]?.tell(() => {
      throw fault
    })
    finish(0, 3)
    const [first, second, third, fourth] = await client.readMany(4)
    assert.deepEqual([first, fourth], [okOf(1), okOf(4)])
    assert.equal(errorOf(second!), '1021 HY000 No room')
    assert.equal(errorOf(third!), '1105 HY000 Internal error')
    assert.deepEqual(faults, [fault])
  })

  test('answers and errors at once wait for those before them', async (t) => {
    const { client, finish } = await rig(t)
    const from = client.received.length
    client.send(query('later a'), query('at once'), query('at once fail'), query('later b'))
    assert.equal((await received(client, from)).length, 0)
    finish(0)
    const [first, second, third] = await client.readMany(3)
    assert.deepEqual([first, second], [okOf(1), okOf(7)])
    assert.equal(errorOf(third!), '15 42S02 Nothing of that name')
    await nextTurn()
    finish(1)
    assert.deepEqual(await client.read(), okOf(2))
    client.send(query('at once'))
    assert.deepEqual(await client.read(), okOf(7))
  })

  test('many replies leave in one write', async (t) => {
    const { client, finish } = await rig(t)
    client.send(...Array<Buffer>(100).fill(query('later')))
    await nextTurn()
    const chunks: number[] = []
    client.socket.on('data', (chunk: Buffer) => chunks.push(chunk.length))
    finish(...Array(100).keys())
    await client.readMany(100)
    assert.deepEqual(chunks, [1100])
  })

  test('prepared ones too, with their values', async (t) => {
    const { client, begun, finish } = await rig(t)
    client.send(command(Command.STMT_PREPARE, 'later ?'))
    await client.readMany(3)
    const execute = (value: string): Buffer =>
      command(Command.STMT_EXECUTE, hex(`01000000 00 01000000 00 01 fd00 01${value}`))
    client.send(execute('61'), execute('62'), query('later'))
    await nextTurn()
    assert.deepEqual(
      begun.map(({ params }) => params),
      [['a'], ['b'], []],
    )
    finish(0, 1, 2)
    assert.deepEqual(await client.readMany(3), [okOf(1), okOf(2), okOf(3)])
  })

  test('compressed: each reply is a frame, numbered on from its own command', async (t) => {
    const login = { capabilities: plainCapabilities | Capability.COMPRESS }
    const { client, finish } = await rig(t, { login })
    const from = client.received.length
    const second = query('later b')
    // The second command comes in two frames, so its reply is frame 2.
    client.send(frame(0, query('later a')), frame(0, second.subarray(0, 5)), frame(1, second.subarray(5)))
    client.send(frame(0, query('INSERT')))
    await nextTurn()
    finish(1, 0)
    const reply = (number: number, payload: Buffer): Buffer =>
      Buffer.concat([hex(`0b0000 0${number} 000000 07000001`), payload])
    assert.deepEqual(await received(client, from), Buffer.concat([reply(1, okOf(1)), reply(2, okOf(2)), reply(1, ok)]))
  })
})

describe('what comes behind statements begun ahead', () => {
  for (const [what, packet, call] of [
    ['a statement that is left to query', query('INSERT'), 'INSERT'],
    ['a statement with rows', query('rows 1'), 'rows 1'],
    ['several statements in one command', query('later x; later y'), 'later x'],
    ['COM_INIT_DB', command(Command.INIT_DB, 'x'), 'USE `x`'],
    ['COM_PROCESS_KILL', command(Command.PROCESS_KILL, hex('09000000')), 'KILL 9'],
    ['COM_RESET_CONNECTION', command(Command.RESET_CONNECTION), 'reset'],
  ] as const) {
    test(`${what} waits until they are answered`, async (t) => {
      const login = { capabilities: plainCapabilities | Capability.MULTI_STATEMENTS }
      const query = (sql: string): OkResult => {
        calls.push(sql.trim())
        return answer(sql) as OkResult
      }
      const { client, calls, finish } = await rig(t, { login, handler: { query } })
      const from = client.received.length
      client.send(command(Command.QUERY, 'later a'), packet)
      assert.equal((await received(client, from)).length, 0)
      assert.deepEqual(calls, ['later a'])
      finish(0)
      assert.deepEqual(await client.read(), okOf(1))
      await client.read()
      assert.deepEqual(calls.slice(1, 3), ['told later a', call])
    })
  }

  test('commands without a statement are answered behind them', async (t) => {
    const { client, finish } = await rig(t)
    const from = client.received.length
    client.send(query('later a'), command(Command.PING), command(Command.STMT_PREPARE, 'x'))
    client.send(command(99), command(Command.STMT_EXECUTE, hex('63000000')), query(''))
    assert.equal((await received(client, from)).length, 0)
    finish(0)
    const [first, pong, prepared, ...errors] = await client.readMany(6)
    assert.deepEqual([first, pong], [okOf(1), hex('00 00 00 0200 0000')])
    assert.equal(prepared![0], 0)
    assert.deepEqual(
      errors.map((payload) => errorOf(payload).slice(0, 10)),
      ['1047 08S01', '1243 HY000', '1065 42000'],
    )
  })

  test('an error of query behind them', async (t) => {
    const { client, finish } = await rig(t)
    client.send(query('later a'), query('fail'), query('later b'))
    await nextTurn()
    finish(0)
    const [first, second] = await client.readMany(2)
    assert.deepEqual(first, okOf(1))
    assert.equal(errorOf(second!), '15 42S02 Nothing of that name')
    await nextTurn()
    finish(1)
    assert.deepEqual(await client.read(), okOf(2))
  })

  test('COM_QUIT: they are answered, then the session is closed', async (t) => {
    const { client, calls, finish } = await rig(t)
    client.send(query('later a'), query('later b'), command(Command.QUIT))
    await nextTurn()
    assert.ok(!calls.includes('closed'))
    finish(1, 0)
    assert.deepEqual(await client.rest(), [okOf(1), okOf(2)])
    assert.deepEqual(calls.slice(2), ['told later a', 'told later b', 'closed'])
  })

  test('COM_CHANGE_USER: they are answered, then the session is closed', async (t) => {
    const { client, calls, finish } = await rig(t)
    const login = Buffer.from('other\0\0\0\x2d\0mysql_native_password\0', 'latin1')
    client.send(query('later a'), command(Command.CHANGE_USER, login))
    await nextTurn()
    finish(0)
    const [first, authSwitch] = await client.readMany(2)
    assert.deepEqual([first, authSwitch![0]], [okOf(1), 0xfe])
    assert.deepEqual(calls, ['later a', 'told later a'])
  })

  test('a packet that is too large ends the connection when they are answered', async (t) => {
    const { client, finish } = await rig(t, { limits: { maxPacketBytes: 2000 } })
    client.send(query('later a'), query('x'.repeat(3000)))
    await nextTurn()
    finish(0)
    const [first, error] = await client.rest()
    assert.deepEqual(first, okOf(1))
    assert.match(errorOf(error!), /^1153 08S01 /)
  })
})

describe('when statements begun ahead have no answer yet', () => {
  test('the connection shows the first of them as its statement', async (t) => {
    const { client, server, finish } = await rig(t)
    client.send(query('later a'), query('later b'))
    await nextTurn()
    const shown = (): string => [...server.connections()].map(({ command, sql }) => `${command} ${sql}`).join()
    assert.equal(shown(), 'Query later a')
    finish(0)
    await client.read()
    assert.equal(shown(), 'Query later b')
    finish(1)
    await client.read()
    assert.equal(shown(), 'Sleep ')
  })

  for (const how of ['killed', 'lost']) {
    test(`a connection that is ${how} is closed once, nothing behind them is run, and no outcome is asked for`, async (t) => {
      const { client, server, calls, finish } = await rig(t)
      client.send(query('later a'), query('later b'), query('INSERT'))
      await nextTurn()
      if (how === 'killed') server.kill(1)
      else client.socket.destroy()
      await nextTurn()
      assert.deepEqual([...server.connections()], [])
      finish(0, 1)
      await nextTurn()
      assert.deepEqual(calls, ['later a', 'later b', 'closed'])
    })
  }

  test('no more than 1000 are begun; the next ones wait until these are answered', async (t) => {
    const { client, begun, finish } = await rig(t)
    client.send(...Array<Buffer>(1500).fill(query('later')))
    for (let turns = 0; turns < 50; turns++) await nextTurn()
    assert.equal(begun.length, 1000)
    finish(...Array(1000).keys())
    await client.readMany(1000)
    for (let turns = 0; turns < 50; turns++) await nextTurn()
    assert.equal(begun.length, 1500)
  })

  test('no more of them are begun than take a MiB', async (t) => {
    const { client, begun, finish } = await rig(t)
    const large = query(`later ${'x'.repeat(300 * 1024)}`)
    client.send(...Array<Buffer>(10).fill(large))
    for (let turns = 0; turns < 50; turns++) await nextTurn()
    assert.equal(begun.length, 4)
    finish(0, 1, 2, 3)
    await client.readMany(4)
    for (let turns = 0; turns < 50; turns++) await nextTurn()
    assert.equal(begun.length, 8)
  })
})

/** A frame of CLIENT_COMPRESS that is not compressed. */
function frame(sequence: number, content: Buffer): Buffer {
  const header = Buffer.alloc(7)
  header.writeUIntLE(content.length, 0, 3)
  header.writeUInt8(sequence, 3)
  return Buffer.concat([header, content])
}
