import assert from 'node:assert/strict'
import { describe, test, type TestContext } from 'node:test'
import { Command } from '../../../lib/mysql-server-protocol-lite/constants.ts'
import { createMysqlServer, type MysqlServer } from '../../../lib/mysql-server-protocol-lite/index.ts'
import { cometError } from '../../../lib/errors.ts'
import { memoryStorage } from '../../../lib/storage/memory.ts'
import type { Storage } from '../../../lib/storage/storage.ts'
import { command, errorOf, hex, nextTurn, query, RawClient } from '../../mysql-server-protocol-lite/support.ts'
import { testComet, type TestComet } from '../../support/comet.ts'
import { backEnd, testCometql } from '../back-end.ts'

/** A storage in memory that does what it is asked for, and answers when the test says so. */
class SlowStorage {
  readonly storage: Storage
  /** The texts that were appended, in order. */
  readonly appended: string[] = []
  /** Of these texts it keeps none, and fails so. */
  readonly failures = new Map<string, Error>()
  isHeld = false
  #waiting: (() => void)[] = []

  constructor() {
    const memory = memoryStorage()
    this.storage = {
      ...memory,
      append: async (log, devId, key, entry, keep) => {
        this.appended.push(entry.message)
        const failure = this.failures.get(entry.message)
        const seq = failure === undefined ? memory.append(log, devId, key, entry, keep) : Promise.reject(failure)
        seq.catch(() => undefined)
        if (this.isHeld) await new Promise<void>((resolve) => this.#waiting.push(resolve))
        return await seq
      },
    }
  }

  release(): void {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }
}

interface Rig {
  readonly comet: TestComet
  readonly slow: SlowStorage
  readonly server: MysqlServer
  readonly client: RawClient
  readonly internal: unknown[]
}

/** A back-end over the MySQL protocol; the pipes `aa` and `bb` keep messages. */
async function rig(t: TestContext): Promise<Rig> {
  const slow = new SlowStorage()
  const comet = testComet(t, { storage: slow.storage })
  const internal: unknown[] = []
  const { handler } = testCometql(comet, {}, internal)
  const server = createMysqlServer({ handler, serverVersion: '5.7.99-test', clock: comet.clock })
  t.after(() => server.close())
  const { history } = await comet.tenant()
  await history.setKeep('aa', 100)
  await history.setKeep('bb', 100)
  return { comet, slow, server, client: await RawClient.of(server), internal }
}

const into = (pipe: string, ...texts: string[]): string =>
  `INSERT INTO pipes_messages (name, event, message) VALUES ${texts.map((text) => `('${pipe}', 'e', '${text}')`).join()}`

const kept = async ({ comet }: Rig, pipe: string): Promise<string[]> =>
  (await (await comet.tenant()).history.read(pipe)).map(({ message }) => message)

/** The number of rows and the insert id of an OK packet, or the error. */
const outcome = (payload: Buffer): string =>
  payload[0] === 0 ? `${payload[1]} #${payload[2]}` : errorOf(payload).slice(0, 10)

describe('INSERTs that are sent ahead of the answers', () => {
  test('wait for the storage together, and are answered in their order when it has answered', async (t) => {
    const { client, slow } = await rig(t)
    slow.isHeld = true
    const before = client.received.length
    client.send(query(into('aa', '1')), query(into('bb', '2', '3')), query(into('aa', '4')), query(into('none', '5')))
    await nextTurn()
    await nextTurn()
    assert.deepEqual(slow.appended, ['1', '2', '3', '4'])
    assert.equal(client.received.length, before)
    slow.release()
    assert.deepEqual((await client.readMany(4)).map(outcome), ['1 #1', '2 #1', '1 #2', '1 #0'])
  })

  test('reach pages in their order, whatever number of rows they have', async (t) => {
    const { client, comet } = await rig(t)
    const page = comet.connect()
    await page.subscribe('aa')
    const texts = ['1', '2', '3', '4', '5', '6']
    client.send(query(into('aa', '1', '2', '3')), query(into('aa', '4')), query(into('aa', '5', '6')))
    await client.readMany(3)
    for (const text of texts) assert.equal((await page.next({ pipe: 'aa' })).data, text)
  })

  test('a mistake and a storage that fails are the answers to their own statements only', async (t) => {
    const given = await rig(t)
    const { client, slow, internal } = given
    const fault = new Error('secret detail')
    slow.failures.set('3', cometError('COMET_ERR_STORAGE', { problem: 'the disk is full' }))
    slow.failures.set('5', fault)
    client.send(query(into('aa', '1')), query(into('not a name', '2')), query(into('aa', '3')), query(into('aa', '4')))
    client.send(query(into('aa', '5')), query('INSERT INTO pipes_messages (name) VALUES ('), query(into('aa', '6')))
    const outcomes = (await client.readMany(7)).map(outcome)
    assert.deepEqual([outcomes[0], outcomes[3], outcomes[6]], ['1 #1', '1 #2', '1 #3'])
    assert.match(outcomes[1]!, /^12 /)
    assert.match(outcomes[2]!, /^503 /)
    assert.match(outcomes[4]!, /^500 /)
    assert.match(outcomes[5]!, /^3 /)
    assert.deepEqual(internal, [fault])
    assert.deepEqual(await kept(given, 'aa'), ['1', '4', '6'])
  })

  test('private messages too', async (t) => {
    const { client, slow, comet } = await rig(t)
    slow.isHeld = true
    const send = (id: number, text: string): Buffer =>
      query(`INSERT INTO users_messages (id, event, message) VALUES (${id}, 'e', '${text}')`)
    client.send(send(7, '1'), send(8, '2'))
    await nextTurn()
    await nextTurn()
    assert.deepEqual(slow.appended, ['1', '2'])
    slow.isHeld = false
    slow.release()
    assert.deepEqual((await client.readMany(2)).map(outcome), ['1 #7', '1 #8'])
    assert.equal((await (await comet.tenant()).mailbox.waiting(8)).length, 1)
  })

  test('prepared ones, with their values', async (t) => {
    const given = await rig(t)
    const { client, slow } = given
    client.send(
      command(Command.STMT_PREPARE, "INSERT INTO pipes_messages (name, event, message) VALUES ('aa', 'e', ?)"),
    )
    await client.readMany(3)
    slow.isHeld = true
    for (const text of ['x', 'y']) {
      client.send(
        command(Command.STMT_EXECUTE, Buffer.concat([hex('01000000 00 01000000 00 01 fd00 01'), Buffer.from(text)])),
      )
    }
    await nextTurn()
    await nextTurn()
    assert.deepEqual(slow.appended, ['x', 'y'])
    slow.release()
    assert.deepEqual((await client.readMany(2)).map(outcome), ['1 #1', '1 #2'])
  })

  test('a connection that is killed meanwhile: what was begun is stored, what is behind it is not run', async (t) => {
    const given = await rig(t)
    const { client, slow, server } = given
    slow.isHeld = true
    client.send(query(into('aa', '1')), query(into('aa', '2')), query("DELETE FROM pipes_messages WHERE name = 'aa'"))
    await nextTurn()
    await nextTurn()
    server.kill(1)
    assert.deepEqual(await client.rest(), [])
    slow.release()
    await nextTurn()
    assert.deepEqual(await kept(given, 'aa'), ['1', '2'])
  })
})

/** Each statement depends on those before it, or is one on which others depend. */
const script: readonly string[] = [
  into('aa', '1'),
  into('none', '2'),
  'SELECT LAST_INSERT_ID(), ROW_COUNT()',
  into('aa', '3'),
  into('not a name', '4'),
  'SHOW WARNINGS',
  into('not a name', '5'),
  into('bb', '6', '7'),
  'SHOW WARNINGS',
  'SELECT ROW_COUNT(), LAST_INSERT_ID()',
  into('aa', '8'),
  "INSERT INTO pipes_messages (name, event, message) VALUES ('aa', 'e', LAST_INSERT_ID())",
  "INSERT INTO pipes_messages (id, name, event, message) VALUES ('x', 'aa', 'e', '9')",
  "INSERT INTO pipes_messages (id, name, event, message) VALUES ('x', 'aa', 'e', '10')",
  'SELECT ROW_COUNT(), LAST_INSERT_ID()',
  into('aa', '11'),
  "SELECT message FROM pipes_messages WHERE name = 'aa'",
  into('bb', '12'),
  'BEGIN',
  into('bb', '13'),
  "SELECT message FROM pipes_messages WHERE name = 'bb'",
  into('aa', '14'),
  'ROLLBACK',
  into('bb', '15'),
  'SET autocommit = 0',
  into('bb', '16'),
  'COMMIT',
  'SET autocommit = 1',
  into('bb', '17'),
  "INSERT IGNORE INTO pipes_messages (name, event, message) VALUES ('not a name', 'e', '18'), ('bb', 'e', '19')",
  'SHOW WARNINGS',
  into('bb', '20'),
  "INSERT INTO pipes_messages (name, event, message) VALUES ('bb', 'e', '21') ON DUPLICATE KEY UPDATE id = id",
  into('bb', '22'),
  "INSERT INTO users_data (id, data) VALUES (1, 'x')",
  into('bb', '23'),
  'no statement',
  into('bb', '24'),
  "UPDATE pipes_settings SET length = 0 WHERE name = 'bb'",
  into('bb', '25'),
  "INSERT INTO pipes_settings (name, length) VALUES ('bb', 5)",
  into('bb', '26'),
  'SHOW WARNINGS',
  "SELECT message FROM pipes_messages WHERE name = 'bb'",
]

test('statements of every kind have the same answers sent ahead as one by one', async (t) => {
  const ahead = await rig(t)
  const from = ahead.client.received.length
  ahead.client.send(...script.map(query), command(Command.QUIT))
  await ahead.client.rest()

  const single = await rig(t)
  for (const sql of script) {
    const already = single.client.received.length
    single.client.send(query(sql))
    while (single.client.received.length === already) await nextTurn()
    await nextTurn()
  }
  assert.deepEqual(
    ahead.client.received.subarray(from).toString('latin1').split('\xfe'),
    single.client.received.subarray(from).toString('latin1').split('\xfe'),
  )
  assert.deepEqual(await kept(ahead, 'aa'), await kept(single, 'aa'))
})

describe('what is begun ahead', () => {
  const isBegun = async (t: TestContext, ...statements: string[]): Promise<boolean> => {
    const db = await backEnd(t)
    for (const sql of statements.slice(0, -1)) await db.ok(sql)
    const result = db.cometql.handler.queryAhead?.(statements.at(-1) ?? '', [], db.session)
    return result !== undefined
  }

  for (const sql of [
    into('aa', '1'),
    into('aa', '1', '2'),
    "\n replace Pipes_Messages (name, event, message, time) VALUES ('aa', 'e', 'm', DEFAULT)",
    "INSERT INTO users_messages (id, event, message) VALUES (1, 'e', 'm')",
  ]) {
    test(sql, async (t) => assert.equal(await isBegun(t, sql), true))
  }

  for (const sql of [
    'SELECT 1',
    "INSERT INTO users_data (id, data) VALUES (1, 'x')",
    "INSERT IGNORE INTO pipes_messages (name, event, message) VALUES ('aa', 'e', 'm')",
    "INSERT INTO pipes_messages (name, event, message) VALUES ('aa', 'e', 'm') ON DUPLICATE KEY UPDATE id = id",
    "INSERT INTO pipes_messages (name, event, message) VALUES ('aa', 'e', ROW_COUNT())",
    "INSERT INTO pipes_messages (name, event, message) VALUES ('aa', 'e', (SELECT COUNT(*) FROM pipes))",
    'INSERT INTO',
  ]) {
    test(`not: ${sql}`, async (t) => assert.equal(await isBegun(t, sql), false))
  }

  test('not within a transaction, nor where autocommit is off', async (t) => {
    assert.equal(await isBegun(t, 'BEGIN', into('aa', '1')), false)
    assert.equal(await isBegun(t, 'SET autocommit = 0', into('aa', '1')), false)
    assert.equal(await isBegun(t, 'BEGIN', 'COMMIT', into('aa', '1')), true)
  })

  test('is counted as a statement once', async (t) => {
    const { client } = await rig(t)
    client.send(query(into('aa', '1')), query(into('aa', '2')), query("SHOW SESSION STATUS LIKE 'questions'"))
    const [, , , , , , row] = await client.readMany(8)
    assert.match(row!.toString('latin1'), /Questions\x013$/)
  })
})
