import { describe, test } from 'node:test'
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import { inspect } from 'node:util'
import {
  checkOptions,
  cometqlLimits,
  defaultCometqlLimits,
  defaultLimits,
  type CometServerOptions,
} from '../lib/options.ts'
import { memoryStorage } from '../lib/storage/memory.ts'
import { memory } from '../lib/transports/memory.ts'
import { webSocket } from '../lib/transports/websocket.ts'
import { ManualClock } from './support/manual-clock.ts'

const certificate = {
  key: readFileSync(new URL('support/tls/key.pem', import.meta.url)),
  cert: readFileSync(new URL('support/tls/cert.pem', import.meta.url)),
}
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
    { trustProxy: 2 },
    { password: 'secret', cometql: { tls: certificate } },
    { password: 'secret', cometql: { tls: { secureContext: createSecureContext(certificate) } } },
    { password: 'secret', cometql: { limits: { maxConnections: 5, idleTimeoutMs: Infinity, maxResultBytes: 1 } } },
    { limits: { maxMessageBytes: 1, presenceGraceMs: 0, maxBufferedBytes: Infinity } },
    { pipes: { 'prices*': { slowConsumer: 'newest' }, '*': { slowConsumer: 'close' }, news: {} } },
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
    ['tenants', { fifteen: { key: 'a' } }, /"tenants.fifteen" is not known; it must be a dev_id/],
    ['tenants', { '-1': { key: 'a' } }, /"tenants.-1" is not known; it must be a dev_id/],
    ['tenants', { '015': { key: 'a' } }, /"tenants.015" is not known; it must be a dev_id/],
    ['tenants', { 15: 'key' }, /"tenants.15" is of type string; it must be an object with a key/],
    ['tenants', { 15: null }, /"tenants.15" is of type object/],
    ['tenants', { 15: {} }, /"tenants.15.key" is empty; it must be a string that is not empty/],
    ['tenants', { 15: { key: '' } }, /"tenants.15.key" is empty/],
    ['tenants', { 15: { key: undefined } }, /"tenants.15.key" is empty/],
    ['tenants', { 15: { key: 'a', orgins: [] } }, /"tenants.15.orgins" is not known; it must be one of key, origins/],
    [
      'tenants',
      { 15: { key: 'a', origins: 'https:\/\/a.example' } },
      /"tenants.15.origins" is 'https.* a list of origins/,
    ],
    ['tenants', 15, /is of type number.*by dev_id, or a function/],
    ['tenants', null, /is of type object.*by dev_id, or a function/],
    ['strictTenants', 'yes', /is 'yes'; it must be true or false/],
    ['cometql', true, /is true; it must be false, or an object with any of port, host, tls, limits/],
    ['cometql', null, /is null; it must be false, or an object/],
    ['cometql', { prot: 1 }, /"cometql.prot" is not known; it must be one of port, host, tls, limits/],
    ['cometql', { port: '3307' }, /"cometql.port" is '3307'.*0 to 65535/],
    ['cometql', { port: 65_536 }, /"cometql.port" is 65536.*0 to 65535/],
    ['cometql', { port: 1.5 }, /"cometql.port" is 1.5/],
    ['cometql', { host: 1 }, /"cometql.host" is 1; it must be a string/],
    ['cometql', { tls: true }, /"cometql.tls" is true; it must be an object with key and cert/],
    [
      'cometql',
      { tls: { key: certificate.key } },
      /"cometql.tls" is \{ key \}; it must be an object with key and cert/,
    ],
    ['cometql', { tls: { key: 'k', cert: 'c' } }, /"cometql.tls" is not usable \(.*PEM.*\); it must be/],
    [
      'cometql',
      { limits: 5 },
      /"cometql.limits" is 5; it must be an object with any of maxPacketBytes, .*maxResultBytes/,
    ],
    ['cometql', { limits: { maxConnection: 5 } }, /"cometql.limits.maxConnection" is not known; it must be one of/],
    ['cometql', { limits: { maxConnections: 0 } }, /"cometql.limits.maxConnections" is 0; it must be a number above 0/],
    ['cometql', { limits: { idleTimeoutMs: '8h' } }, /"cometql.limits.idleTimeoutMs" is '8h'/],
    ['cometql', { limits: { maxPacketBytes: 1023 } }, /"cometql.limits.maxPacketBytes" is 1023; .* 1024 to 268435456/],
    ['cometql', { limits: { maxPacketBytes: Infinity } }, /"cometql.limits.maxPacketBytes" is Infinity/],
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
    ['trustProxy', 0, /is 0; it must be true, false, or the number of our own proxies/],
    ['trustProxy', 1.5, /is 1.5/],
    ['trustProxy', 'loopback', /is 'loopback'/],
    ['authenticate', true, /is true; it must be a function/],
    ['authorize', {}, /is \{\}; it must be a function/],
    ['limits', 5, /is 5; it must be an object/],
    ['limits', { maxMessages: 5 }, /"limits.maxMessages" is not known; it must be one of maxMessageBytes/],
    ['limits', { maxMessageBytes: -1 }, /"limits.maxMessageBytes" is -1; it must be a number from 0/],
    ['limits', { maxMessageBytes: NaN }, /"limits.maxMessageBytes" is NaN/],
    ['limits', { maxMessageBytes: '1M' }, /"limits.maxMessageBytes" is '1M'/],
    [
      'limits',
      { presenceGraceMs: Infinity },
      /"limits.presenceGraceMs" is Infinity; it must be .* from 0 to 2147483647/,
    ],
    ['limits', { loginTimeoutMs: 0 }, /"limits.loginTimeoutMs" is 0; it must be .* from 1 to 2147483647/],
    ['pipes', [1], /"pipes.0" is 1; it must be an object with any of slowConsumer/],
    ['pipes', 5, /is 5; it must be an object of rules by the names of pipes/],
    ['pipes', { 'a*b': {} }, /"pipes.a\*b" is no name of a pipe; it must be a name, or the beginning of one/],
    [
      'pipes',
      { prices: { slowConsumer: 'drop' } },
      /"pipes.prices.slowConsumer" is 'drop'; it must be "close" or "newest"/,
    ],
    ['pipes', { prices: { slow: 'close' } }, /"pipes.prices.slow" is not known; it must be one of slowConsumer/],
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
          assert.ok(error.message.startsWith(`Option "${option}`), error.message)
          assert.match(error.message, sentence)
          return true
        },
      ))
  }

  for (const options of [null, 'secret', 3307]) {
    test(`${inspect(options)} instead of options`, () =>
      assert.throws(() => checkOptions(options as unknown as CometServerOptions), {
        code: 'COMET_ERR_OPTION',
        message: `Option "options" is ${inspect(options)}; it must be an object, or left out`,
      }))
  }

  test('a CometQL port without any key: whoever reaches it could publish', () => {
    assert.throws(() => checkOptions({ cometql: { port: 0 } }), {
      message: /"password" is missing.*set where "cometql" is/,
    })
  })

  test('no key is ever repeated: errors go to logs', () => {
    for (const wrong of [
      { password: ['hunter2'] },
      { tenants: { 1: { key: 'hunter2' }, x: {} } },
      { tenants: { 1: 'hunter2' } },
      { tenants: { 1: { key: ['hunter2'] } } },
      { tenants: 'hunter2' },
      { cometql: { tls: { key: 'hunter2' } } },
      { cometql: { tls: { key: 'hunter2', cert: 'x' } } },
      { storage: { password: 'hunter2' } },
    ]) {
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
    maxGatherMs: 10,
    presenceGraceMs: 1000,
    loginTimeoutMs: 10_000,
    maxConnectionsPerAddress: 1000,
    maxConnectsPerSecond: 100,
    maxFailedLogins: 60,
    maxCommandsPerSecond: 100,
    maxPipes: 1_000_000,
  })
})

test('the defaults of cometql.limits are the documented ones', () => {
  assert.deepEqual(defaultCometqlLimits, {
    maxPacketBytes: 16_777_216,
    maxLoginPacketBytes: 65_536,
    maxConnections: 1000,
    maxConnectionsPerAddress: Infinity,
    maxStatements: 16_382,
    maxStatementBytes: 67_108_864,
    loginTimeoutMs: 10_000,
    idleTimeoutMs: 28_800_000,
    readTimeoutMs: 120_000,
    writeTimeoutMs: 60_000,
    maxResultBytes: 134_217_728,
  })
  assert.deepEqual(cometqlLimits({ cometql: { limits: { maxConnections: undefined as never } } }), defaultCometqlLimits)
})

test('a packet is as large as the largest message needs, unless the options say it', () => {
  const limits = { maxMessageBytes: 20 * 1024 * 1024 }
  assert.equal(cometqlLimits({ limits }).maxPacketBytes, 40 * 1024 * 1024)
  assert.equal(cometqlLimits({ limits, cometql: { limits: { maxPacketBytes: 1024 } } }).maxPacketBytes, 1024)
})
