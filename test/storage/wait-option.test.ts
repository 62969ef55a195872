import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mysqlStorage, mysqlTenants } from '../../lib/storage/mysql.ts'
import { redisStorage } from '../../lib/storage/redis.ts'
import { sqliteStorage } from '../../lib/storage/sqlite.ts'

const nothing = (): never => {
  throw new Error('Nothing is asked for')
}
const pool = { getConnection: nothing }
const client = { status: 'ready', eval: nothing, on: nothing, off: nothing }

test('a time to wait that is none is refused with a sentence, by every storage', () => {
  for (const wait of ['5s', 0, -1, NaN, Infinity]) {
    const waits: Readonly<Record<string, () => unknown>> = {
      'sqliteStorage.waitMs': () => sqliteStorage({ database: 'x.db', waitMs: wait as number }),
      'mysqlStorage.waitMs': () => mysqlStorage({ pool, waitMs: wait as number }),
      'mysqlTenants.waitMs': () => mysqlTenants({ pool, waitMs: wait as number }),
      'redisStorage.patienceMs': () => redisStorage({ client, patienceMs: wait as number }),
    }
    for (const [option, make] of Object.entries(waits)) {
      const message = `Option "${option}" is ${wait}; it must be a number of milliseconds above 0`
      assert.throws(make, { code: 'COMET_ERR_OPTION', message })
    }
  }
})

test('a prefix with braces, which would take the keys of a log to two nodes, is refused', () => {
  assert.throws(() => redisStorage({ client, prefix: '{}' }), {
    code: 'COMET_ERR_OPTION',
    message: 'Option "redisStorage.prefix" is {}; it must be a text without { and }',
  })
})
