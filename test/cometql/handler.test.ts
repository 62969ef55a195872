import { describe, test } from 'node:test'
import assert from 'node:assert/strict'
import type { Login } from '../../lib/mysql-server-protocol-lite/index.ts'
import { memoryStorage } from '../../lib/storage/memory.ts'
import { testComet } from '../support/comet.ts'
import { backEnd, connectionInfo, loginOf, testCometql } from './back-end.ts'

describe('logging in', () => {
  const refused: readonly (readonly [what: string, login: Partial<Login>, password: string, number: number])[] = [
    ['a wrong password', {}, 'wrong', 1045],
    ['an unknown name', { user: 'haproxy_check' }, 'secret', 1045],
    ['an unknown database', { database: 'test' }, 'secret', 1049],
    ["another tenant's database", { user: '1', database: 'db_2' }, 'secret', 1049],
  ]
  for (const [what, login, password, number] of refused) {
    test(`${what} is refused`, async (t) => {
      const { handler } = testCometql(testComet(t), {})
      await assert.rejects(async () => await handler.authenticate(loginOf(login, password)), { number })
    })
  }

  test('no database is allowed; USE follows', async (t) => {
    const db = await backEnd(t, { login: { database: '' } })
    assert.equal(await db.value('SELECT DATABASE()'), null)
    assert.equal((await db.values('SHOW TABLES')).length, 9)
    await db.ok('USE cometql_V1')
    assert.equal(await db.value('SELECT DATABASE()'), 'CometQL_v1')
    assert.deepEqual(await db.values("SELECT * FROM pipes WHERE name = 'p1'"), [['p1', 0]])
  })
})

describe('tenants', () => {
  test('have nothing in common', async (t) => {
    const comet = testComet(t)
    const one = await backEnd(t, { comet, login: { user: '1' } })
    const two = await backEnd(t, { comet, login: { user: '2', connectionId: 8 } })
    await one.ok("INSERT INTO users_auth (id, hash) VALUES (5, 'one')")
    assert.deepEqual(await two.values('SELECT * FROM users_auth LIMIT 10'), [])
    assert.equal((await one.error('SELECT * FROM db_2.users_auth WHERE id = 5')).number, 15)
    assert.equal((await one.error('USE db_2')).number, 1049)
    assert.deepEqual(await one.values('SELECT * FROM users_auth WHERE id = 5'), [[5, 'one']])
  })

  test('a connection that closes during USE has left its tenant, and entered no other', async (t) => {
    const db = await backEnd(t)
    const [own, other] = [await db.comet.tenant(), await db.comet.tenant(5)]
    const using = db.ok('USE db_5')
    db.cometql.handler.closed?.(db.session)
    await using
    assert.deepEqual([own.isIdle, other.isIdle], [true, true])
    own.enter()
    assert.equal(own.isIdle, false)
    own.exit()
  })

  test('root acts for one by USE db_<dev_id>', async (t) => {
    const comet = testComet(t)
    const one = await backEnd(t, { comet, login: { user: '1' } })
    const root = await backEnd(t, { comet, login: { connectionId: 8 } })
    await one.ok("INSERT INTO users_auth (id, hash) VALUES (5, 'one')")
    await root.ok('USE db_1')
    assert.equal(await root.value('SELECT DATABASE()'), 'db_1')
    assert.deepEqual(await root.values('SELECT * FROM db_1.users_auth WHERE id = 5'), [[5, 'one']])
    await root.ok('USE information_schema')
    assert.deepEqual(await root.values('SELECT * FROM CometQL_v1.users_auth WHERE id = 5'), [[5, 'one']])
    await root.ok('USE CometQL_v1')
    assert.deepEqual(await root.values('SELECT * FROM users_auth WHERE id = 5'), [])
  })

  test('see and kill their own connections only', async (t) => {
    const comet = testComet(t)
    const processes = [
      connectionInfo(7, { user: '7', attributes: new Map([['program_name', 'shop']]) }),
      connectionInfo(8, { user: '8' }),
    ]
    const killed: number[] = []
    const cometql = testCometql(comet, { processes, killed })
    const one = await cometql.handler.authenticate(loginOf({ user: '1', connectionId: 7 }))
    await cometql.handler.authenticate(loginOf({ user: '2', connectionId: 8 }))
    await cometql.handler.query('USE information_schema', [], one)
    const shown = await cometql.handler.query('SHOW PROCESSLIST', [], one)
    assert('rows' in shown && Symbol.iterator in shown.rows)
    assert.deepEqual([...shown.rows], [[7, '7', '127.0.0.1', 'information_schema', 'Sleep', 1, '', null, 'shop']])
    assert.throws(() => cometql.handler.query('KILL 8', [], one), { number: 12 })
    assert.deepEqual(cometql.handler.query('KILL QUERY 7', [], one), { affectedRows: 0 })
    assert.deepEqual(killed, [])
    assert.deepEqual(cometql.handler.query('KILL CONNECTION 7', [], one), { affectedRows: 0 })
    assert.deepEqual(killed, [7])
  })
})

describe('errors', () => {
  test('of the storage go to the log, and the client hears of an internal one', async (t) => {
    const fault = new Error('the disk is full of secrets')
    const db = await backEnd(t, { storage: { ...memoryStorage(), set: () => Promise.reject(fault) } })
    const error = await db.error("INSERT INTO users_auth (id, hash) VALUES (1, 'x')")
    assert.deepEqual([error.code, error.number], ['COMET_ERR_INTERNAL', 500])
    assert.doesNotMatch(error.message, /secrets/)
    assert.deepEqual(db.internal, [fault])
  })

  test('are what SHOW WARNINGS and SHOW ERRORS list', async (t) => {
    const db = await backEnd(t)
    const { message } = await db.error('SELEKT 1')
    assert.deepEqual(await db.values('SHOW WARNINGS'), [['Error', 3, message]])
    assert.deepEqual(await db.values('SHOW COUNT(*) ERRORS'), [[1]])
    await db.values('SELECT * FROM pipes LIMIT 1')
    assert.deepEqual(await db.values('SHOW ERRORS'), [])
  })
})

describe('a query in this process', () => {
  test('gives rows as objects, or what was done', async (t) => {
    const { comet, cometql } = await backEnd(t)
    const tenant = await comet.tenant()
    assert.deepEqual(await cometql.query(tenant, 'INSERT INTO users_auth (id, hash) VALUES (?, ?)', [7, 'x']), {
      affectedRows: 1,
      insertId: 7,
    })
    assert.deepEqual(await cometql.query(tenant, 'SELECT *, ? AS y FROM users_auth WHERE id IN (?)', [true, '7']), [
      { id: 7, hash: 'x', y: 1 },
    ])
    assert.deepEqual(await cometql.query(tenant, 'SELECT DATABASE() AS d, ? AS n, ? AS t', [undefined, new Date(0)]), [
      { d: 'CometQL_v1', n: null, t: '1970-01-01 00:00:00' },
    ])
    await assert.rejects(cometql.query(tenant, 'SELEKT', []), { code: 'COMET_ERR_SYNTAX' })
  })
})
