import { describe, test } from 'node:test'
import assert from 'node:assert/strict'
import { cometqlLogin, lookUpTenant } from '../lib/login.ts'
import type { Login } from '../lib/mysql-server-protocol-lite/index.ts'
import type { CometServerOptions } from '../lib/options.ts'
import { testComet } from './support/comet.ts'

/** A back-end that names `user` and `database` and knows `password`. */
function loginOf(user: string, password: string, database: string): Login {
  return {
    user,
    database,
    remoteAddress: '127.0.0.1',
    secure: false,
    attributes: new Map(),
    connectionId: 1,
    checkPassword: (key) => key === password,
  }
}

describe('the configuration of a tenant', () => {
  const key = async (options: CometServerOptions, devId: number): Promise<string | undefined> =>
    (await lookUpTenant(options)(devId))?.key

  test('without tenants: every dev_id is one, with the password as its key', async () => {
    assert.equal(await key({ password: 'p' }, 0), 'p')
    assert.equal(await key({ password: 'p' }, 15), 'p')
    assert.equal((await lookUpTenant({})(15))?.key, undefined)
  })

  for (const [what, tenants] of [
    ['an object', { 15: { key: 'k15' } }],
    ['a function', (devId: number) => (devId === 15 ? { key: 'k15' } : undefined)],
    ['a function that takes its time', async (devId: number) => (devId === 15 ? { key: 'k15' } : undefined)],
  ] as const) {
    test(`${what}: those that it names, and tenant 0 with the password`, async () => {
      const options = { password: 'p', tenants }
      assert.equal(await key(options, 15), 'k15')
      assert.equal(await key(options, 0), 'p')
      assert.equal(await lookUpTenant(options)(16), undefined)
    })
  }

  test('an inherited name is no tenant', () => {
    const tenants = Object.create({ 15: { key: 'inherited' } }) as Record<number, { key: string }>
    assert.equal(lookUpTenant({ tenants })(15), undefined)
  })
})

describe('the login of a back-end', () => {
  const options = { password: 'p', tenants: { 15: { key: 'k15' }, 16: { key: 'k16' } } }
  const table: readonly (readonly [user: string, password: string, database: string, outcome: number | string])[] = [
    ['root', 'p', 'CometQL_v1', 0],
    ['root', 'p', 'COMETQL_V1', 0],
    ['root', 'p', '', 0],
    ['0', 'p', 'CometQL_v1', 0],
    ['15', 'k15', 'CometQL_v1', 15],
    ['15', 'k15', 'information_schema', 15],
    ['15', 'k15', 'db_15', 15],
    ['root', 'p', 'db_15', 15],
    ['15', 'k15', 'db_16', 'COMET_ERR_NO_DATABASE'],
    ['root', 'p', 'db_x', 'COMET_ERR_NO_DATABASE'],
    ['root', 'p', 'mysql', 'COMET_ERR_NO_DATABASE'],
    ['root', 'wrong', 'CometQL_v1', 'COMET_ERR_LOGIN'],
    ['15', 'k16', 'CometQL_v1', 'COMET_ERR_LOGIN'],
    ['15', 'p', 'CometQL_v1', 'COMET_ERR_LOGIN'],
    ['17', 'p', 'CometQL_v1', 'COMET_ERR_LOGIN'],
    ['haproxy_check', 'p', 'CometQL_v1', 'COMET_ERR_LOGIN'],
    ['', 'p', 'CometQL_v1', 'COMET_ERR_LOGIN'],
    ['-15', 'k15', 'CometQL_v1', 'COMET_ERR_LOGIN'],
    ['constructor', 'p', 'CometQL_v1', 'COMET_ERR_LOGIN'],
  ]
  for (const [user, password, database, outcome] of table) {
    test(`user "${user}", password "${password}", database "${database}"`, async (t) => {
      const lookUp = lookUpTenant(options)
      const comet = testComet(t, { lookUp })
      const login = cometqlLogin(lookUp, (devId) => comet.tenants.get(devId))(loginOf(user, password, database))
      if (typeof outcome === 'number') assert.equal((await login).devId, outcome)
      else await assert.rejects(login, { code: outcome })
    })
  }

  test('without a key nobody comes in', async (t) => {
    const lookUp = lookUpTenant({})
    const comet = testComet(t, { lookUp })
    const login = cometqlLogin(lookUp, (devId) => comet.tenants.get(devId))
    await assert.rejects(login(loginOf('root', '', '')), { code: 'COMET_ERR_LOGIN' })
  })
})
