import { describe, test } from 'node:test'
import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import { checkOptions, defaultLimits, type CometServerOptions } from '../lib/options.ts'
import { memoryStorage } from '../lib/storage/memory.ts'
import { memory } from '../lib/transports/memory.ts'
import { webSocket } from '../lib/transports/websocket.ts'
import { ManualClock } from './support/manual-clock.ts'

const hooks = { authenticate: () => undefined, authorize: () => true }

describe('options that are right', () => {
  const table: readonly CometServerOptions[] = [
    {},
    { password: 'secret' },
    { password: 'secret', cometql: { port: 3307, host: '0.0.0.0' } },
    { password: 'secret', cometql: {} },
    { cometql: false },
    { tenants: { 0: { key: 'a' }, 15: { key: 'b', origins: ['https://a.example'] } }, strictTenants: true },
    { tenants: () => ({ key: 'a' }), cometql: { port: 0 } },
    { path: '' },
    { path: '/comet' },
    { path: '/a/b-c' },
    { transports: [memory(), webSocket()] },
    { transports: [] },
    { storage: memoryStorage(), logger: console, clock: new ManualClock() },
    { origins: ['*', 'same-origin', 'https://a.example', 'https://*.a.example:8080', 'capacitor://localhost'] },
    { origins: [], trustProxy: true, name: 'node-1' },
    { limits: { maxMessageBytes: 1, presenceGraceMs: 0, maxBufferedBytes: Infinity } },
    { ...hooks },
  ]
  for (const options of table) {
    test(`{ ${Object.keys(options).join(', ')} }`, () => assert.equal(checkOptions(options), options))
  }

  test('an option that is undefined is one that is missing', () => {
    const options: Record<string, unknown> = { password: undefined, path: undefined }
    assert.doesNotThrow(() => checkOptions(options))
  })
})

describe('options that are wrong: a sentence that names option, value and rule', () => {
  const table: readonly (readonly [option: string, value: unknown, sentence: RegExp])[] = [
    ['password', '', /it must be a string that is not empty/],
    ['password', 12345, /a string/],
    ['tenants', { fifteen: { key: 'a' } }, /by dev_id/],
    ['tenants', { 15: 'key' }, /by dev_id/],
    ['tenants', { 15: { key: '' } }, /by dev_id/],
    ['tenants', { '-1': { key: 'a' } }, /by dev_id/],
    ['tenants', 15, /is 15.*by dev_id, or a function/],
    ['strictTenants', 'yes', /is 'yes'; it must be true or false/],
    ['cometql', true, /is true; it must be false, or \{ port, host, tls \}/],
    ['cometql', { port: '3307' }, /port: '3307'.*0 to 65535/],
    ['cometql', { port: 65_536 }, /port: 65536.*0 to 65535/],
    ['cometql', { port: 1.5 }, /port: 1.5/],
    ['cometql', { host: 1 }, /host: 1/],
    ['path', 'comet', /is 'comet'; it must be .*a slash at the start/],
    ['path', '/comet/', /is '\/comet\/'; it must be .*none at the end/],
    ['path', '/a?b', /is '\/a\?b'/],
    ['path', '//', /is '\/\/'/],
    ['transports', webSocket, /a list of transports/],
    ['transports', [webSocket], /a list of transports/],
    ['storage', {}, /is \{\}; it must be a storage/],
    ['storage', memoryStorage, /for example memoryStorage\(\)/],
    ['origins', 'https://a.example', /is 'https:\/\/a\.example'; it must be a list/],
    ['origins', ['a.example'], /\[ 'a\.example' \]/],
    ['origins', ['https://a.example/'], /https:\/\/a\.example\//],
    ['trustProxy', 1, /is 1; it must be true or false/],
    ['authenticate', true, /is true; it must be a function/],
    ['authorize', {}, /is \{\}; it must be a function/],
    ['limits', 5, /is 5; it must be an object/],
    ['limits', { maxMessages: 5 }, /maxMessages: 5.*any of maxMessageBytes/],
    ['limits', { maxMessageBytes: -1 }, /maxMessageBytes: -1.*from 0/],
    ['limits', { maxMessageBytes: NaN }, /maxMessageBytes: NaN/],
    ['limits', { maxMessageBytes: '1M' }, /maxMessageBytes: '1M'/],
    ['name', '', /is ''; it must be a string/],
    ['logger', { warn: () => undefined }, /functions warn and error/],
    ['clock', Date, /now, setTimeout and clearTimeout/],
    ['pasword', 'secret', /is not known; it must be one of password, /],
    ['toString', 'x', /is not known/],
  ]
  for (const [option, value, sentence] of table) {
    test(`${option}: ${inspect(value, { depth: 1 })}`, () =>
      assert.throws(
        () => checkOptions({ [option]: value }),
        (error: Error & { code?: string }) => {
          assert.equal(error.code, 'COMET_ERR_OPTION')
          assert.ok(error.message.startsWith(`Option "${option}" is `), error.message)
          assert.match(error.message, sentence)
          return true
        },
      ))
  }

  test('a CometQL port without any key: whoever reaches it could publish', () => {
    assert.throws(() => checkOptions({ cometql: { port: 0 } }), {
      message: /"password" is missing.*set where "cometql" is/,
    })
  })

  test('no key is ever repeated: errors go to logs', () => {
    for (const wrong of [{ password: ['hunter2'] }, { tenants: { 1: { key: 'hunter2' }, x: {} } }]) {
      assert.throws(
        () => checkOptions(wrong as unknown as CometServerOptions),
        ({ message }: Error) => !message.includes('hunter2'),
      )
    }
  })
})

test('the defaults are the documented ones', () => {
  assert.deepEqual(defaultLimits, {
    maxMessageBytes: 1_048_576,
    maxSubscriptions: 128,
    maxConnectionsPerUser: 16,
    maxQueuedMessages: 1000,
    maxBufferedBytes: 1_048_576,
    presenceGraceMs: 1000,
  })
})
