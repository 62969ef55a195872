// The three MySQL drivers of Node, as a back-end uses them: one table of checks, a small face for each.
import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import mariadb from 'mariadb'
import mysql from 'mysql'
import mysql2 from 'mysql2/promise'
import { largest, password, serve, tooLong, tricky } from './support.ts'

type Row = Readonly<Record<string, unknown>>

interface Driver {
  query(sql: string, values?: readonly unknown[]): Promise<unknown>
  end(): Promise<void>
}

type Connect = (login: { port: number; password: string; database?: string }) => Promise<Driver>

const drivers: Readonly<Record<string, Connect>> = {
  mysql: async (login) => {
    const connection = mysql.createConnection({ host: '127.0.0.1', user: 'root', charset: 'utf8mb4', ...login })
    const call = <T>(run: (done: (error: Error | null, result: T) => void) => void): Promise<T> =>
      new Promise((resolve, reject) => run((error, result) => (error === null ? resolve(result) : reject(error))))
    await call<unknown>((done) => connection.connect(done))
    return {
      query: (sql, values) => call<unknown>((done) => connection.query(sql, values, done)),
      end: () => call<undefined>((done) => connection.end((error) => done(error ?? null, undefined))),
    }
  },

  mysql2: async (login) => {
    const connection = await mysql2.createConnection({ host: '127.0.0.1', user: 'root', ...login })
    return {
      query: async (sql, values) => (await connection.query(sql, values as unknown[]))[0],
      end: () => connection.end(),
    }
  },

  'mysql2 (prepared)': async (login) => {
    const connection = await mysql2.createConnection({ host: '127.0.0.1', user: 'root', ...login })
    return {
      query: async (sql, values) => (await connection.execute(sql, values as string[]))[0],
      end: () => connection.end(),
    }
  },

  mariadb: async (login) => {
    const connection = await mariadb.createConnection({ host: '127.0.0.1', user: 'root', ...login })
    return {
      query: (sql, values) => connection.query<unknown>(sql, values),
      end: () => connection.end(),
    }
  },
}

const database = 'CometQL_v1'

for (const [name, connect] of Object.entries(drivers)) {
  const open = async (t: TestContext, port: number): Promise<Driver> => {
    const driver = await connect({ port, password, database })
    t.after(() => driver.end())
    return driver
  }

  test(`${name}: a wrong password, none, and an unknown database are refused with MySQL's numbers`, async (t) => {
    const { port } = await serve(t)
    await assert.rejects(connect({ port, password: 'wrong', database }), { errno: 1045, sqlState: '28000' })
    await assert.rejects(connect({ port, password: '', database }), { errno: 1045, sqlState: '28000' })
    await assert.rejects(connect({ port, password, database: 'shop' }), { errno: 1049, sqlState: '42000' })
  })

  test(`${name}: what is inserted shows exactly, and the OK packet tells the truth`, async (t) => {
    const { port, news } = await serve(t)
    const driver = await open(t, port)
    const insert = 'INSERT INTO pipes_messages (name, event, message) VALUES (?, ?, ?)'
    const result = (await driver.query(insert, ['news', 'add', tricky])) as { affectedRows: number }
    assert.equal(result.affectedRows, 1)
    assert.deepEqual(await news(1), [tricky])
  })

  test(`${name}: rows are inserted, read with their types, and deleted`, async (t) => {
    const { port } = await serve(t)
    const driver = await open(t, port)
    for (const [id, hash] of [
      [2, 'two'],
      [3, 'three'],
    ])
      await driver.query('INSERT INTO users_auth (id, hash) VALUES (?, ?)', [id, hash])
    const rows = (await driver.query('SELECT * FROM users_auth WHERE id IN (?, ?)', [2, 3])) as Row[]
    assert.deepEqual(
      rows.map(({ id, hash }) => [Number(id), hash]),
      [
        [2, 'two'],
        [3, 'three'],
      ],
    )
    assert.equal(typeof rows[0]?.hash, 'string')
    const deleted = (await driver.query('DELETE FROM users_auth WHERE id = ?', [2])) as { affectedRows: number }
    assert.equal(deleted.affectedRows, 1)
    assert.deepEqual(((await driver.query('SELECT id FROM users_auth WHERE id IN (?, ?)', [2, 3])) as Row[]).length, 1)
  })

  test(`${name}: an error has CometQL's number, SQLSTATE and sentence, and the connection goes on`, async (t) => {
    const { port } = await serve(t)
    const driver = await open(t, port)
    const wrong: readonly [string, number, string, RegExp][] = [
      ['SELECT * FROM no_such_table WHERE id = 1', 15, '42S02', /no_such_table/],
      ['SELEKT x', 3, '42000', /SELEKT/],
      ["INSERT INTO pipes_messages (name, event, message) VALUES ('news', '', 'open", 3, '42000', /Syntax error/],
      ["INSERT INTO pipes (name, users) VALUES ('news', 1)", 10, 'HY000', /pipes is read only/],
      ["INSERT INTO pipes_messages (name, event, message) VALUES ('no spaces', '', 'x')", 12, '22023', /no spaces/],
      ["INSERT INTO pipes_messages (name, message) VALUES ('news', 'x')", 12, '22023', /event is required/],
      ['SELECT * FROM pipes', 13, '42000', /condition on the key of pipes/],
      ["INSERT INTO pipes_messages (name, nonsense) VALUES ('news', 'x')", 14, '42S22', /nonsense/],
    ]
    for (const [sql, errno, sqlState, sentence] of wrong) {
      await assert.rejects(driver.query(sql), (error: Error & { errno: number; sqlState: string }) => {
        assert.deepEqual([error.errno, error.sqlState], [errno, sqlState], `${sql}: ${error.message}`)
        assert.match(error.message, sentence)
        return true
      })
    }
    assert.equal(((await driver.query('SELECT 1 AS one')) as Row[])[0]?.one?.toString(), '1')
  })

  test(`${name}: a message of 1 MiB passes; one byte more is error 11, and nothing is sent`, async (t) => {
    const { port, news } = await serve(t)
    const driver = await open(t, port)
    const insert = "INSERT INTO pipes_messages (name, event, message) VALUES ('news', '', ?)"
    await assert.rejects(driver.query(insert, [`${largest}x`]), (error: Error & { errno: number }) => {
      assert.equal(error.errno, 11)
      assert.ok(error.message.includes(tooLong), error.message)
      return true
    })
    await driver.query(insert, [largest])
    assert.deepEqual(
      (await news(1)).map((data) => String(data).length),
      [1024 * 1024],
    )
  })
}
