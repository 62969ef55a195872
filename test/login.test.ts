import { describe, test } from 'node:test'
import assert from 'node:assert/strict'
import { CometError } from '../lib/errors.ts'
import { cometqlLogin, lookUpTenant } from '../lib/login.ts'
import type { Login } from '../lib/mysql-server-protocol-lite/index.ts'
import type { CometServerOptions, TenantOptions } from '../lib/options.ts'
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
    countsFoundRows: false,
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

  for (const tenants of [() => ({ key: '' }), async () => ({ key: '' })]) {
    test('an empty key is none', async () => {
      assert.deepEqual(await lookUpTenant({ tenants })(15), { key: undefined, origins: undefined })
    })
  }

  test('a function says that there is no tenant by null, too, as databases do', async () => {
    assert.equal(await lookUpTenant({ tenants: () => null })(15), undefined)
  })

  for (const [found, sentence] of [
    [{ key: 15 }, /Option "tenants\(15\).key" is of type number; it must be a string/],
    [{}, /Option "tenants\(15\).key" is of type undefined/],
    ['hunter2', /Option "tenants\(15\).key" is of type undefined/],
    [{ key: 'k', origins: 'https://a.example' }, /Option "tenants\(15\).origins" is .* a list of origins/],
    [{ key: 'k', origins: ['a.example'] }, /Option "tenants\(15\).origins"/],
  ] as const) {
    test(`a function that gives ${JSON.stringify(found)} gets a sentence`, async () => {
      const tenants = (() => found) as unknown as NonNullable<CometServerOptions['tenants']>
      await assert.rejects(async () => lookUpTenant({ tenants })(15), { code: 'COMET_ERR_OPTION', message: sentence })
    })
  }

  test('a function may give a whole row of a database', async () => {
    const row = { key: 'k', origins: ['https://a.example'], active_time: 5 }
    const config = await lookUpTenant({ tenants: () => row })(15)
    assert.deepEqual(config, { key: 'k', origins: ['https://a.example'] })
  })

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
    ['root', 'p', 'db_99', 'COMET_ERR_NO_DATABASE'],
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

  for (const options of [{}, { tenants: () => ({ key: '' }) }] satisfies CometServerOptions[]) {
    test(`without a key nobody comes in: { ${Object.keys(options).join()} }`, async (t) => {
      const lookUp = lookUpTenant(options)
      const comet = testComet(t, { lookUp })
      const login = cometqlLogin(lookUp, (devId) => comet.tenants.get(devId))
      await assert.rejects(login(loginOf('root', '', '')), { code: 'COMET_ERR_LOGIN' })
    })
  }

  test('what is wrong with the function "tenants" is not told to who logs in', async (t) => {
    const lookUp = lookUpTenant({ tenants: () => ({ key: 15 }) as unknown as TenantOptions })
    const comet = testComet(t, { lookUp })
    const login = cometqlLogin(lookUp, (devId) => comet.tenants.get(devId))
    await assert.rejects(
      login(loginOf('15', '', '')),
      (error: Error) => !(error instanceof CometError) && error.message.includes('tenants(15).key'),
    )
  })
})
