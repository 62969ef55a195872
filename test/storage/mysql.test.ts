import assert from 'node:assert/strict'
import { setImmediate } from 'node:timers/promises'
import { after, before, describe, test, type TestContext } from 'node:test'
import mariadb from 'mariadb'
import mysql2 from 'mysql2'
import mysql2Promise, { type Pool, type RowDataPacket } from 'mysql2/promise'
import { createCometServer, memory, type CometServer, type MemoryTransport } from '../../lib/index.ts'
import { mysqlStorage, mysqlTenants } from '../../lib/storage/mysql.ts'
import type { Storage } from '../../lib/storage/storage.ts'
import { entry, numbers, seqs } from '../../lib/testing/storage-samples.ts'
import { MariadbServer, whyNoMariadb, type PoolOptions } from '../support/mariadb-server.ts'
import { originalDatabase } from './original-database.ts'

const skip = whyNoMariadb() ?? false

describe('with a real MariaDB', { skip }, () => {
  let server: MariadbServer

  before(async () => {
    server = await MariadbServer.start()
  })
  after(() => server.close())

  test('a pool of mysql2 with callbacks', async (t) => {
    const pool = mysql2.createPool(await server.newDatabase())
    t.after(() => pool.end())
    const storage = mysqlStorage({ pool })
    await storage.open()
    t.after(() => storage.close())
    await storage.set('users_auth', 1, '7', 'hash')
    assert.deepEqual(await storage.get('users_auth', 1), new Map([['7', 'hash']]))
    const appends = [1, 2, 3].map((i) => storage.append('pipes_messages', 1, 'news', entry(i), 2))
    assert.deepEqual(await Promise.all(appends), [1, 2, 3])
    assert.deepEqual(seqs((await storage.read('pipes_messages', 1, 'news')).entries), [2, 3])
    assert.equal(await storage.remove('pipes_messages', 1, 'news', 0, Infinity), 2)
  })

  describe('the database of an original installation', () => {
    /** A comet server on it, with the tenants of its dev_config. */
    async function takeOver(t: TestContext): Promise<{ comet: CometServer; browsers: MemoryTransport; pool: Pool }> {
      const options = await server.newDatabase()
      await server.run(`USE ${options.database}`, ...originalDatabase)
      return await cometOn(t, options)
    }

    async function cometOn(
      t: TestContext,
      options: PoolOptions,
    ): Promise<{ comet: CometServer; browsers: MemoryTransport; pool: Pool }> {
      const pool = mysql2Promise.createPool(options)
      const browsers = memory()
      const comet = createCometServer({
        storage: mysqlStorage({ pool }),
        tenants: mysqlTenants({ pool }),
        transports: [browsers],
      })
      t.after(async () => {
        await comet.close()
        await pool.end()
      })
      await comet.ready
      return { comet, browsers, pool }
    }

    test('users log in, and get what waits for them in the order of its seconds', async (t) => {
      const { browsers } = await takeOver(t)
      const page = browsers.connect({ devid: '1', myid: '7', sesion: 'hash7' })
      const hello = await page.next((message) => message.event === 'serverInfo')
      assert.equal(hello.authorized, true)
      const waiting = await page.next((message) => message.data === 'second')
      assert.deepEqual([waiting.pipe, waiting.event, waiting.fromQueue], ['msg', 'mail', true])
      const data = page.received.filter(({ pipe }) => pipe === 'msg').map((message) => message.data)
      assert.deepEqual(data, ['first', 'second'])
      const stranger = browsers.connect({ devid: '2', myid: '7', sesion: 'hash7' })
      assert.equal((await stranger.next((message) => message.event === 'serverInfo')).authorized, false)
    })

    test('history, settings, data, times and revoked tokens are there', async (t) => {
      const { comet } = await takeOver(t)
      const [one, two] = [comet.tenant(1), comet.tenant(2)]
      assert.deepEqual(
        await one.query("SELECT time, event, message, user_id FROM pipes_messages WHERE name = 'news'"),
        [
          { time: 1600000001, event: 'add', message: '{"n":1}', user_id: 0 },
          { time: 1600000002, event: '', message: "it\\'s", user_id: 0 },
          { time: 1600000003, event: 'add', message: 'text', user_id: 7 },
        ],
      )
      assert.deepEqual(await one.query('SELECT name, length FROM pipes_settings ORDER BY name LIMIT 9'), [
        { name: 'Old', length: 0 },
        { name: 'news', length: 3 },
      ])
      assert.deepEqual(await one.query('SELECT data FROM users_data WHERE id = 7'), [{ data: 'Данные' }])
      assert.deepEqual(await one.query('SELECT time FROM users_time WHERE id = 8'), [{ time: 1600000000 }])
      assert.deepEqual(await one.query("SELECT token FROM revoked_tokens WHERE token = 'a.b.c'"), [{ token: 'a.b.c' }])
      assert.deepEqual(await two.query("SELECT message FROM pipes_messages WHERE name = 'news'"), [
        { message: 'of another' },
      ])
    })

    test('the history goes on: numbers, the cut, emoji, texts above 64 KB', async (t) => {
      const { comet } = await takeOver(t)
      const one = comet.tenant(1)
      const big = '👍'.repeat(100_000)
      assert.equal((await one.publish('news', 'add', big)).offset, 4)
      const rows = await one.query("SELECT message FROM pipes_messages WHERE name = 'news'")
      assert.deepEqual(rows, [{ message: "it\\'s" }, { message: 'text' }, { message: big }])
    })

    test('the original still finds its columns, with what we stored', async (t) => {
      const { comet, pool } = await takeOver(t)
      const one = comet.tenant(1)
      await one.query("INSERT INTO users_auth (id, hash) VALUES (9, 'hash9')")
      await one.query("INSERT INTO pipes_settings (name, length) VALUES ('sport', 5)")
      await one.query("INSERT INTO users_data (id, data) VALUES (9, 'x')")
      await one.publish('news', 'new', 'hello')
      await one.sendToUser(9, 'mail', 'for 9')
      const read = async (sql: string): Promise<unknown> => (await pool.query<RowDataPacket[]>(sql))[0]
      assert.deepEqual(await read('SELECT hash FROM users_auth WHERE dev_id = 1 AND user_id = 9'), [{ hash: 'hash9' }])
      assert.deepEqual(await read("SELECT type, length FROM pipes_settings WHERE dev_id = 1 AND name = 'sport'"), [
        { type: '', length: 5 },
      ])
      assert.deepEqual(
        await read(
          "SELECT event, message, user_id FROM pipe_messages WHERE dev_id = 1 AND pipe_name = 'news' ORDER BY time DESC LIMIT 1",
        ),
        [{ event: 'new', message: 'hello', user_id: 0 }],
      )
      assert.deepEqual(await read('SELECT event, message FROM users_messages WHERE dev_id = 1 AND user_id = 9'), [
        { event: 'mail', message: 'for 9' },
      ])
      const [columns] = await pool.query<RowDataPacket[]>('SELECT * FROM pipe_messages LIMIT 1')
      const original = ['id', 'time', 'dev_id', 'pipe_name', 'event', 'message', 'user_id']
      assert.deepEqual(Object.keys(columns[0] ?? {}).slice(0, 7), original)
      assert.deepEqual(
        await read('SELECT DISTINCT engine FROM information_schema.tables WHERE table_schema = DATABASE()'),
        [{ engine: 'InnoDB' }],
      )
    })

    test('what the original stores later is taken in when a storage opens again', async (t) => {
      const options = await server.newDatabase()
      await server.run(`USE ${options.database}`, ...originalDatabase)
      const first = await cometOn(t, options)
      await first.comet.tenant(1).publish('news', 'add', 'ours')
      await first.comet.close()
      await server.run(
        `USE ${options.database}`,
        "INSERT INTO pipe_messages (id, time, dev_id, pipe_name, event, message) VALUES ('x', 4000000000, 1, 'news', '', 'theirs')",
      )
      const { comet } = await cometOn(t, options)
      const rows = await comet.tenant(1).query("SELECT message FROM pipes_messages WHERE name = 'news'")
      assert.deepEqual((rows as { message: string }[]).map(({ message }) => message).slice(-2), ['ours', 'theirs'])
      assert.equal((await comet.tenant(1).publish('news', 'add', 'next')).offset, 6)
    })

    test('mysqlTenants reads key and origins; unknown tenants are undefined, an empty key is none', async (t) => {
      const { pool, comet } = await takeOver(t)
      const tenants = mysqlTenants({ pool })
      assert.deepEqual(await tenants(1), { key: 'key of one', origins: ['*'] })
      assert.deepEqual(await tenants(2), {
        key: 'key of two',
        origins: ['https://a.example', 'http://b.example', 'https://b.example'],
      })
      assert.equal(await tenants(99), undefined)
      await assert.rejects(comet.tenant(99).publish('news', 'add', ''), { code: 'COMET_ERR_INVALID' })
      await pool.query('DROP TABLE dev_config')
      await assert.rejects(tenants(1), { code: 'COMET_ERR_STORAGE', message: /dev_config.*doesn't exist/ })
    })
  })

  test('mysqlTenants leaves nothing behind on the connections that it borrows', async (t) => {
    const options = { ...(await server.newDatabase()), connectionLimit: 1 }
    await server.run(`USE ${options.database}`, ...originalDatabase)
    const warnings: string[] = []
    const note = (warning: Error): number => warnings.push(warning.message)
    process.on('warning', note)
    t.after(() => process.off('warning', note))
    for (const pool of [mysql2.createPool(options), mysql2Promise.createPool(options), mariadb.createPool(options)]) {
      t.after(() => void pool.end())
      const tenants = mysqlTenants({ pool })
      for (const devId of numbers(20)) await tenants(devId)
    }
    await setImmediate()
    assert.deepEqual(warnings, [])
  })

  describe('mysqlStorage', () => {
    async function opened(t: TestContext, pool: Pool): Promise<Storage> {
      t.after(() => pool.end())
      const storage = mysqlStorage({ pool })
      await storage.open()
      t.after(() => storage.close())
      return storage
    }

    test('one call that the database refuses does no harm to the others of its turn', async (t) => {
      const storage = await opened(t, mysql2Promise.createPool(await server.newDatabase()))
      const answers = await Promise.allSettled([
        storage.append('pipes_messages', 1, 'news', entry(1), 10),
        storage.append('pipes_messages', 1, 'news', { ...entry(2), id: 'x'.repeat(37) }, 10),
        storage.append('pipes_messages', 1, 'news', entry(3), 10),
      ])
      assert.deepEqual(
        answers.map((answer) => (answer.status === 'fulfilled' ? answer.value : String(answer.reason))),
        [1, "CometError: The storage cannot be used: Data too long for column 'id' at row 1", 2],
      )
    })

    test('a log of which somebody else has deleted entries goes on', async (t) => {
      const pool = mysql2Promise.createPool(await server.newDatabase())
      const storage = await opened(t, pool)
      for (const i of numbers(5)) await storage.append('pipes_messages', 1, 'news', entry(i), 3)
      await storage.remove('pipes_messages', 1, 'news', 4, 4)
      await pool.query('DELETE FROM pipe_messages')
      for (const i of [6, 7]) assert.equal(await storage.append('pipes_messages', 1, 'news', entry(i), 2), i)
      assert.deepEqual(seqs((await storage.read('pipes_messages', 1, 'news')).entries), [6, 7])
    })

    test('a connection that is killed is replaced, and nobody notices', async (t) => {
      const pool = mysql2Promise.createPool(await server.newDatabase())
      const storage = await opened(t, pool)
      for (const i of numbers(5)) {
        const [rows] = await pool.query<RowDataPacket[]>(
          'SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()',
        )
        for (const { id } of rows as { id: number }[]) await pool.query(`KILL ${id}`)
        assert.equal(await storage.append('pipes_messages', 1, 'news', entry(i), 10), i)
      }
    })

    test('quotes, backslashes and the modes of the session are no way in', async (t) => {
      const options = await server.newDatabase()
      await server.run("SET GLOBAL sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES'")
      t.after(() => server.run('SET GLOBAL sql_mode = DEFAULT'))
      const storage = await opened(t, mysql2Promise.createPool(options))
      const tricky = `\\' OR 1=1; DROP TABLE users_auth; -- "\``
      await storage.set('users_data', 1, tricky, tricky)
      assert.deepEqual(await storage.get('users_data', 1, [tricky]), new Map([[tricky, tricky]]))
    })

    test('open says what is wrong with the pool, and what to do', async (t) => {
      const options = await server.newDatabase()
      await server.run("CREATE USER 'reader'@'localhost'", "GRANT SELECT ON *.* TO 'reader'@'localhost'")
      const wrong: readonly (readonly [Parameters<typeof mysql2Promise.createPool>[0], RegExp])[] = [
        [{ ...options, database: '' }, /the pool names no database; add "database"/],
        [{ ...options, charset: 'latin1' }, /the pool speaks latin1; add charset: 'utf8mb4'/],
        [{ ...options, user: 'nobody' }, /the database says: Access denied for user 'nobody'/],
        [{ ...options, user: 'reader' }, /CREATE command denied.*the user of the pool needs SELECT, .* CREATE/],
      ]
      for (const [poolOptions, message] of wrong) {
        const pool = mysql2Promise.createPool(poolOptions as string)
        t.after(() => pool.end())
        await assert.rejects(mysqlStorage({ pool }).open(), { code: 'COMET_ERR_STORAGE', message })
      }
    })

    test('close gives everything up: only the connections of the pool itself are left', async (t) => {
      const pool = mysql2Promise.createPool({ ...(await server.newDatabase()), connectionLimit: 1 })
      t.after(() => pool.end())
      const storage = mysqlStorage({ pool })
      await storage.open()
      await storage.set('users_auth', 1, '7', 'hash')
      await storage.close()
      await storage.close()
      assert.deepEqual((await pool.query<RowDataPacket[]>('SELECT hash FROM users_auth'))[0], [{ hash: 'hash' }])
      await assert.rejects(storage.get('users_auth', 1), { code: 'COMET_ERR_CLOSED' })
    })
  })
})

test('what is no pool is refused at once', () => {
  for (const pool of [undefined, {}, 'mysql://root@localhost']) {
    const error = { code: 'COMET_ERR_OPTION', message: /must be a pool, as mysql2 or mariadb make it/ }
    assert.throws(() => mysqlStorage({ pool } as never), error)
    assert.throws(() => mysqlTenants({ pool } as never), error)
  }
})
