import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import type { SqliteDatabase } from '../../lib/storage/sqlite-driver.ts'
import { sqliteStorage, type SqliteStorageOptions } from '../../lib/storage/sqlite.ts'
import type { Storage } from '../../lib/storage/storage.ts'
import { storageConformance, type StorageFactory } from '../../lib/testing/storage-conformance.ts'
import { entry } from '../../lib/testing/storage-samples.ts'

type SqliteClass = new (file: string) => SqliteDatabase

/** The drivers that can be used here. */
const drivers: Record<string, SqliteClass> = {}

async function look(name: string, load: () => Promise<SqliteClass>): Promise<void> {
  try {
    const Database = await load()
    new Database(':memory:').close()
    drivers[name] = Database
  } catch {
    test(`the driver ${name}`, { skip: `The driver "${name}" does not work with this Node` }, () => undefined)
  }
}

await look(
  'node:sqlite',
  async () => (process.getBuiltinModule('node:sqlite') as unknown as { DatabaseSync: SqliteClass }).DatabaseSync,
)
await look('better-sqlite3', async () => (await import('better-sqlite3')).default as SqliteClass)
await look('libsql', async () => (await import('libsql')).default as SqliteClass)

const folder = mkdtempSync(join(tmpdir(), 'star-comet-sqlite-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
let files = 0

function newFile(): string {
  return join(folder, `${++files}.db`)
}

/** Storages by the name of one new file. */
function place(): StorageFactory {
  const database = newFile()
  return () => sqliteStorage({ database })
}

storageConformance('sqlite, a file', () => place()(), { place })
storageConformance('sqlite, in memory', () => sqliteStorage({ database: ':memory:' }))
for (const [name, Database] of Object.entries(drivers)) {
  storageConformance(
    `sqlite, an open database of ${name}`,
    () => sqliteStorage({ database: new Database(newFile()) }),
    {
      place: () => {
        const file = newFile()
        return () => sqliteStorage({ database: new Database(file) })
      },
    },
  )
}

describe('sqliteStorage', () => {
  const [Database = undefined as never] = Object.values(drivers)

  /** A storage in a new file, and another connection to it. */
  async function storageAndOther(
    t: TestContext,
    options: Partial<SqliteStorageOptions> = {},
  ): Promise<{ storage: Storage; other: SqliteDatabase }> {
    const file = newFile()
    const storage = sqliteStorage({ database: file, ...options })
    await storage.open()
    t.after(() => storage.close())
    const other = new Database(file)
    t.after(() => other.close())
    return { storage, other }
  }

  test('a handle stays open and keeps its own tables; ours are beside them', async (t) => {
    const database = new Database(newFile())
    t.after(() => database.close())
    database.exec('CREATE TABLE orders (id INTEGER)')
    const storage = sqliteStorage({ database })
    await storage.open()
    await storage.set('users_auth', 1, '7', 'hash')
    await storage.close()
    database.exec('INSERT INTO orders VALUES (1)')
    const tables = database.prepare('SELECT name FROM sqlite_master ORDER BY name').all() as { name: string }[]
    const names = tables.map(({ name }) => name).filter((name) => !name.startsWith('sqlite_'))
    assert.deepEqual(names, ['orders', ...ours])
  })

  test('an answer comes after the commit: another connection sees what was answered, in write-ahead logging', async (t) => {
    const { storage, other } = await storageAndOther(t)
    await storage.append('pipes_messages', 1, 'news', entry(1), 10)
    const { count } = other.prepare('SELECT count(*) AS count FROM star_comet_entries').get() as { count: number }
    assert.equal(count, 1)
    assert.equal((other.prepare('PRAGMA journal_mode').get() as { journal_mode: string }).journal_mode, 'wal')
  })

  test('an answer waits for the disk; calls of other turns go on meanwhile; where the disk fails it is an error', async (t) => {
    const database = newFile()
    const storage = sqliteStorage({ database })
    await storage.open()
    t.after(() => storage.close())
    const other = new Database(database)
    t.after(() => other.close())
    const disk = await mockDisk(t)
    const answered: number[] = []
    const append = async (i: number): Promise<void> => {
      answered.push(await storage.append('pipes_messages', 1, 'news', entry(i), 10))
    }
    const count = (): unknown => other.prepare('SELECT count(*) AS count FROM star_comet_entries').get()

    const first = append(1)
    const firstSync = await disk.next()
    const second = append(2)
    while ((count() as { count: number }).count < 2) await setImmediate()
    assert.deepEqual(answered, [])
    firstSync.resolve()
    await first
    assert.deepEqual(answered, [1], 'the second was committed when that sync had begun')
    const secondSync = await disk.next()
    secondSync.reject(new Error('EIO: i/o error, fdatasync'))
    await assert.rejects(second, {
      code: 'COMET_ERR_STORAGE',
      message: 'The storage cannot be used: EIO: i/o error, fdatasync',
    })
  })

  test('the calls of one turn are one transaction', async (t) => {
    const database = new Database(newFile())
    t.after(() => database.close())
    const statements: string[] = []
    const watched: SqliteDatabase = {
      exec: (sql) => {
        statements.push(sql)
        return database.exec(sql)
      },
      prepare: (sql) => database.prepare(sql),
      close: () => database.close(),
    }
    const storage = sqliteStorage({ database: watched })
    await storage.open()
    t.after(() => storage.close())
    statements.length = 0
    await Promise.all([
      storage.set('users_auth', 1, '7', 'hash'),
      storage.append('pipes_messages', 1, 'news', entry(1), 10),
      storage.append('pipes_messages', 2, 'news', entry(2), 10),
      storage.read('pipes_messages', 1, 'news'),
    ])
    assert.deepEqual(statements, ['BEGIN IMMEDIATE', 'COMMIT'])
  })

  test('one call that fails does no harm to the others of its turn', async (t) => {
    const storage = sqliteStorage({ database: newFile() })
    await storage.open()
    t.after(() => storage.close())
    const broken = { ...entry(2), time: null as unknown as number }
    const answers = await Promise.allSettled([
      storage.append('pipes_messages', 1, 'news', entry(1), 10),
      storage.append('pipes_messages', 1, 'news', broken, 10),
      storage.append('pipes_messages', 1, 'news', entry(3), 10),
    ])
    assert.deepEqual(
      answers.map((answer) =>
        answer.status === 'fulfilled' ? answer.value : (answer.reason as { code: string }).code,
      ),
      [1, 'COMET_ERR_STORAGE', 2],
    )
  })

  for (const [name, Driver] of Object.entries(drivers)) {
    test(`a full disk is told, what was answered stays, and it goes on when there is room (${name})`, async (t) => {
      const database = new Driver(newFile())
      t.after(() => database.close())
      const storage = sqliteStorage({ database })
      await storage.open()
      t.after(() => storage.close())
      const append = (i: number, size: number): Promise<number> =>
        storage.append('pipes_messages', 1, 'news', { ...entry(i), message: 'x'.repeat(size) }, 1000)
      assert.equal(await append(1, 10), 1)
      database.prepare('PRAGMA max_page_count = 100').get() // of 4 KiB
      const answers = await Promise.allSettled([append(2, 10), append(3, 1_000_000), append(4, 10)])
      const told = answers.map((answer) =>
        answer.status === 'fulfilled' ? answer.value : (answer.reason as Error).message,
      )
      assert.deepEqual(told, [2, 'The storage cannot be used: database or disk is full', 3])
      database.prepare('PRAGMA max_page_count = 10000').get()
      assert.equal(await append(3, 1_000_000), 4)
      const { entries } = await storage.read('pipes_messages', 1, 'news')
      assert.deepEqual(
        entries.map(({ id }) => id),
        [1, 2, 4, 3].map((i) => entry(i).id),
      )
    })
  }

  test('while another process has the database locked, calls wait, and the event loop goes on', async (t) => {
    const { storage, other } = await storageAndOther(t)
    other.exec('BEGIN IMMEDIATE')
    const appends = [1, 2].map((i) => storage.append('pipes_messages', 1, 'news', entry(i), 10))
    setTimeout(() => other.exec('COMMIT'), 30)
    assert.deepEqual(await Promise.all(appends), [1, 2])
  })

  test('who has it locked for too long is an error; later calls are done', async (t) => {
    const { storage, other } = await storageAndOther(t, { waitMs: 20 })
    other.exec('BEGIN IMMEDIATE')
    await assert.rejects(storage.set('users_auth', 1, '7', 'hash'), {
      code: 'COMET_ERR_STORAGE',
      message: 'The storage cannot be used: another process has locked the SQLite database for more than 20 ms',
    })
    other.exec('COMMIT')
    await storage.set('users_auth', 1, '7', 'hash')
    assert.deepEqual(await storage.get('users_auth', 1), new Map([['7', 'hash']]))
  })

  test('a file that cannot be opened, or is none of SQLite, is told with its name and what to do', async () => {
    await assert.rejects(sqliteStorage({ database: join(folder, 'no', 'such', 'folder.db') }).open(), {
      code: 'COMET_ERR_STORAGE',
      message: /no\/such\/folder\.db" \(.*\); look at its path and rights$/,
    })
    await assert.rejects(sqliteStorage({ database: import.meta.filename }).open(), {
      code: 'COMET_ERR_STORAGE',
      message: /not a database/,
    })
  })

  test('what is no database is refused at once; a storage that is closed says so', async () => {
    for (const database of [undefined, '', 3, {}]) {
      assert.throws(() => sqliteStorage({ database } as never), {
        code: 'COMET_ERR_OPTION',
        message: /sqliteStorage.database.*must be the name of a file, or an open database/,
      })
    }
    const storage = sqliteStorage({ database: ':memory:' })
    await assert.rejects(storage.get('users_auth', 1), { code: 'COMET_ERR_CLOSED' })
    await storage.open()
    await storage.close()
    await assert.rejects(storage.set('users_auth', 1, '7', 'hash'), { code: 'COMET_ERR_CLOSED' })
    await storage.close()
  })
})

/** A sync of a file that waits for the test. */
interface Sync {
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

async function mockDisk(t: TestContext): Promise<{ next: () => Promise<Sync> }> {
  const file = await open(import.meta.filename)
  const prototype = Object.getPrototypeOf(file) as FileHandle
  await file.close()
  const syncs: Sync[] = []
  t.mock.method(prototype, 'datasync', () => new Promise<void>((resolve, reject) => syncs.push({ resolve, reject })))
  return {
    async next() {
      for (;;) {
        const sync = syncs.shift()
        if (sync !== undefined) return sync
        await setImmediate()
      }
    },
  }
}

const ours = ['star_comet_entries', 'star_comet_logs', 'star_comet_meta', 'star_comet_rows']
