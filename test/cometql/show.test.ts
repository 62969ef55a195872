import { describe, test } from 'node:test'
import assert from 'node:assert/strict'
import { cometTables } from '../../lib/cometql/tables/index.ts'
import { backEnd, connectionInfo } from './back-end.ts'

describe('SHOW', () => {
  test('TABLES lists all tables, or those that LIKE and WHERE leave', async (t) => {
    const db = await backEnd(t)
    assert.deepEqual((await db.values('SHOW TABLES')).flat(), [...cometTables.keys()])
    assert.deepEqual((await db.values("SHOW TABLES LIKE 'users\\_a%'")).flat(), ['users_auth'])
    assert.deepEqual((await db.values("SHOW TABLES WHERE Tables_in_CometQL_v1 = 'pipes'")).flat(), ['pipes'])
    assert((await db.values('SHOW TABLES FROM information_schema')).flat().includes('COLUMNS'))
    assert.equal((await db.error('SHOW TABLES FROM nosuch')).number, 1049)
  })

  for (const { name, columns, key } of cometTables.values()) {
    test(`DESCRIBE, SHOW CREATE TABLE and information_schema agree about ${name}`, async (t) => {
      const db = await backEnd(t)
      const names = columns.map((column) => column.name)
      const described = await db.rows(`DESCRIBE ${name}`)
      assert.deepEqual(
        described.map(({ Field }) => Field),
        names,
      )
      assert.notEqual(described.find(({ Field }) => Field === key)?.Key, '')
      const known = await db.values(
        'SELECT COLUMN_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ? ORDER BY ORDINAL_POSITION',
        name,
      )
      assert.deepEqual(known.flat(), names)
      const [created] = await db.rows(`SHOW CREATE TABLE ${name}`)
      for (const column of names) assert.match(String(created?.['Create Table']), new RegExp(`\`${column}\``))
    })
  }

  test('DESCRIBE of one column', async (t) => {
    assert.deepEqual(await (await backEnd(t)).values('DESC users_auth hash'), [
      ['hash', 'varchar(32)', 'NO', '', null, ''],
    ])
  })

  test('VARIABLES show what SET has changed, switches as ON and OFF', async (t) => {
    const db = await backEnd(t)
    await db.ok('SET autocommit = 0')
    assert.deepEqual(await db.values("SHOW VARIABLES LIKE 'autocommit'"), [['autocommit', 'OFF']])
    assert.deepEqual(await db.values("SHOW VARIABLES WHERE Variable_name IN ('version', 'port')"), [
      ['version', '5.7.99-star-comet-test'],
    ])
  })

  test('STATUS counts', async (t) => {
    const db = await backEnd(t)
    db.comet.clock.advance(5000)
    assert.deepEqual(await db.values("SHOW STATUS WHERE Variable_name IN ('Questions', 'Uptime')"), [
      ['Questions', '1'],
      ['Uptime', '5'],
    ])
  })

  test('STATUS has what the status page of phpMyAdmin divides and prints', async (t) => {
    const rows = await (await backEnd(t)).rows('SHOW GLOBAL STATUS')
    const names = new Set(rows.map(({ Variable_name }) => Variable_name))
    const wanted = 'Bytes_received Bytes_sent Connections Max_used_connections Aborted_connects Aborted_clients'
    for (const name of wanted.split(' ')) assert.ok(names.has(name), name)
  })

  test('PROCESSLIST cuts long statements off, as in MySQL; FULL does not', async (t) => {
    const sql = `SELECT '${'x'.repeat(200)}'`
    const db = await backEnd(t, { processes: [connectionInfo(7, { command: 'Query', sql })] })
    assert.deepEqual(
      (await db.rows('SHOW PROCESSLIST')).map(({ Info }) => Info),
      [sql.slice(0, 100)],
    )
    assert.deepEqual(
      (await db.rows('SHOW FULL PROCESSLIST')).map(({ Info }) => Info),
      [sql],
    )
  })

  test('STATUS has what the status command of mycli divides and prints', async (t) => {
    const rows = await (await backEnd(t)).rows('SHOW GLOBAL STATUS')
    const names = new Set(rows.map(({ Variable_name }) => Variable_name))
    for (const name of ['Uptime', 'Threads_connected', 'Queries', 'Slow_queries', 'Opened_tables', 'Open_tables']) {
      assert.ok(names.has(name), name)
    }
  })

  test('CHARACTER SET has the description before the collation', async (t) => {
    const [row] = await (await backEnd(t)).values("SHOW CHARSET LIKE 'utf8mb4'")
    assert.deepEqual(row, ['utf8mb4', 'UTF-8 Unicode', 'utf8mb4_general_ci', 4])
  })

  test('of logs and replicas there are none', async (t) => {
    const db = await backEnd(t)
    for (const what of ['MASTER LOGS', 'BINARY LOGS', 'ALL SLAVES STATUS', 'SLAVE HOSTS', 'REPLICAS']) {
      assert.deepEqual(await db.values(`SHOW ${what}`), [], what)
    }
  })

  test('what there is not to show is named', async (t) => {
    const db = await backEnd(t)
    assert.match((await db.error('SHOW PROFILES')).message, /SHOW PROFILES is not supported/)
    assert.equal((await db.error('DESCRIBE nosuch')).number, 15)
  })
})
