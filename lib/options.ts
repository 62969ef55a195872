import { createSecureContext } from 'node:tls'
import type { Broker } from './broker/broker.ts'
import type { Clock } from './core/clock.ts'
import type { AuthorizeRequest, Limits, Logger } from './core/host.ts'
import type { PipeRules } from './core/pipe-rules.ts'
import type { CometqlLimits } from './cometql/limits.ts'
import {
  defaultLimits as defaultMysqlLimits,
  type Limits as MysqlLimits,
  type TlsOptions,
} from './mysql-server-protocol-lite/index.ts'
import {
  checkMembers,
  hasMethods,
  isListOf,
  isObject,
  members,
  must,
  mustBeSecret,
  shown,
  wrong,
  type Check,
} from './option-checks.ts'
import type { Storage } from './storage/storage.ts'
import type { Hello, Transport } from './transports/transport.ts'

/** One tenant: what the customers of a shared server are to each other. */
export interface TenantOptions {
  /** Its CometQL password, and the start of its JWT secret. An empty one that a function gives is none: nobody logs in. */
  readonly key: string
  /** The origins whose pages may connect; default: the server's `origins`. */
  readonly origins?: readonly string[]
}

/** Where back-ends connect with their MySQL drivers. */
export interface CometqlOptions {
  /** 0 takes a free one, which `address()` tells. Default 3307. */
  readonly port?: number
  /** Default 127.0.0.1: who wants others to reach it says so. */
  readonly host?: string
  /** Key and certificate; without them TLS is not offered. */
  readonly tls?: TlsOptions
  /** Bounds for back-ends: connections, times, statements, bytes. */
  readonly limits?: Partial<CometqlLimits>
}

/** Options of `createCometServer()`. All have defaults. */
export interface CometServerOptions {
  /** The password of CometQL and the start of the JWT secret, where no tenants are configured. Default: neither login works. */
  readonly password?: string
  /**
   * The tenants by dev_id, or a function that looks one up. Default: every dev_id is a tenant of its own, and all have
   * `password` as their key.
   */
  readonly tenants?:
    | Readonly<Record<number, TenantOptions>>
    | ((devId: number) => TenantOptions | undefined | null | Promise<TenantOptions | undefined | null>)
  /** Refuse browsers that name an unknown tenant; else they belong to tenant 0. Default false. */
  readonly strictTenants?: boolean
  /** The MySQL port; false (the default): none. */
  readonly cometql?: CometqlOptions | false
  /** Where we are mounted on the http server, for example "/comet". Default "": the root. */
  readonly path?: string
  /** How browsers reach us. Default `[webSocket(), sse(), longPoll()]`. */
  readonly transports?: readonly Transport[]
  /** Where history, queues and settings are kept. Default `memoryStorage()`. */
  readonly storage?: Storage
  /**
   * Joins several servers into one: `redisBroker()`, `natsBroker()`, `clusterBroker()`. It needs a `storage` that all of them
   * share. Default: this is the only one.
   */
  readonly broker?: Broker
  /** With a broker: how long a node may be silent until its browsers count as gone, in milliseconds, from 500. Default 6000. */
  readonly leaseMs?: number
  /**
   * Whose pages may connect: exact origins, `https://*.example.com`, `same-origin` or `*`. Default `["*"]`, because the
   * credentials are in the path; `["same-origin"]` where `authenticate` reads cookies, which browsers send by themselves.
   * `same-origin` compares scheme and host, so behind a proxy that ends TLS it needs `trustProxy`.
   */
  readonly origins?: readonly string[]
  /**
   * Believe X-Forwarded-For, X-Forwarded-Host, X-Forwarded-Proto and X-Real-IP: only behind a proxy that sets them. Of a
   * list the last entry counts, which that proxy wrote; what is before it, anybody may have sent. A number says how many
   * proxies of ours a request comes through: 2 takes the last entry but one. true is 1. Default false.
   */
  readonly trustProxy?: boolean | number
  /** The application's own login (cookie, session): the user's id, a whole number above 0, or nothing (or 0) for a visitor. */
  readonly authenticate?: (hello: Hello) => number | undefined | null | Promise<number | undefined | null>
  /**
   * Asked before every subscription, publication and history request of a browser; only `true` allows. Default: all that
   * the rules of the pipes allow.
   */
  readonly authorize?: (request: AuthorizeRequest) => boolean | Promise<boolean>
  /**
   * Rules for pipes of all tenants by name, or by the beginning of names: `{ 'prices*': { slowConsumer: 'newest' } }`. The
   * first that fits a pipe counts. Default: none.
   */
  readonly pipes?: PipeRules
  /** Bounds that protect the process. */
  readonly limits?: Partial<Limits>
  /** The name of this node, shown by `{path}/info`. Default "star-comet". */
  readonly name?: string
  /** Default: warnings through `debug` (DEBUG=star-comet*), errors through process.emitWarning. */
  readonly logger?: Logger
  /** Default: the real time. */
  readonly clock?: Clock
}

export const defaultLimits: Limits = {
  maxMessageBytes: 1024 * 1024,
  maxSubscriptions: 128,
  maxConnectionsPerUser: 16,
  maxQueuedMessages: 1000,
  maxBufferedBytes: 1024 * 1024,
  maxGatherMs: 10,
  presenceGraceMs: 1000,
  loginTimeoutMs: 10_000,
  maxConnectionsPerAddress: 1000,
  maxConnectsPerSecond: 100,
  maxFailedLogins: 60,
  maxCommandsPerSecond: 100,
  maxPipes: 1_000_000,
}

export const defaultCometqlLimits: CometqlLimits = { ...defaultMysqlLimits, maxResultBytes: 128 * 1024 * 1024 }

/** The limits of back-ends. Unless the options say it, a packet is as large as one message with all its escapes needs. */
export function cometqlLimits({ cometql, limits }: CometServerOptions): CometqlLimits {
  const { maxMessageBytes = defaultLimits.maxMessageBytes } = limits ?? {}
  const forMessages = Math.max(defaultCometqlLimits.maxPacketBytes, maxMessageBytes * 2)
  const given = cometql === undefined || cometql === false ? {} : (cometql.limits ?? {})
  return {
    ...defaultCometqlLimits,
    maxPacketBytes: Math.min(largestPacket, forMessages),
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => (value as number | undefined) !== undefined)),
  }
}

/** Those that the MySQL protocol keeps. */
export function protocolLimits(limits: CometqlLimits): Partial<MysqlLimits> {
  return Object.fromEntries(Object.entries(limits).filter(([name]) => name in defaultMysqlLimits))
}

/** Bounds of what a packet may be, in bytes: a statement is one text, and no text in Node can have more than 512 MiB. */
const smallestPacket = 1024
const largestPacket = 256 * 1024 * 1024

/** The longest time that timers of Node take, in milliseconds. */
const maxMs = 2 ** 31 - 1

const text = (value: unknown): boolean => typeof value === 'string' && value !== ''
const flag = must('true or false', (value) => typeof value === 'boolean')
const callable = must('a function', (value) => typeof value === 'function')
const fromZero = must('a number from 0', (value) => typeof value === 'number' && value >= 0)
const milliseconds = (from: number): Check =>
  must(`a number of milliseconds from ${from} to ${maxMs}`, (value) => isBetween(value, from, maxMs))
const port = must('a whole number from 0 to 65535', isPort)
const host = must('a string: a name or an address of this machine', (value) => typeof value === 'string')
const origins = must('a list of origins, for example ["https://example.com"]', (value) => isListOf(value, isOriginRule))
const path = must(
  '"" or a path like "/comet", with a slash at the start and none at the end',
  (value) => typeof value === 'string' && /^(\/[^/?#]+)*$/.test(value),
)
const tenant = members({ key: mustBeSecret('a string that is not empty', text), origins }, 'an object with a key')
const aboveZero = must('a number above 0', (value) => typeof value === 'number' && value > 0)
const packetSize = must(`a number of bytes from ${smallestPacket} to ${largestPacket}`, (value) =>
  isBetween(value, smallestPacket, largestPacket),
)
const ofBackEnds = members({
  ...Object.fromEntries(Object.keys(defaultCometqlLimits).map((limit) => [limit, aboveZero])),
  maxPacketBytes: packetSize,
  maxLoginPacketBytes: packetSize,
})
const cometql = members(
  { port, host, tls: checkTls, limits: ofBackEnds },
  'false, or an object with any of port, host, tls, limits',
)
const pipeRule = members({
  slowConsumer: must('"close" or "newest"', (value) => value === 'close' || value === 'newest'),
})

const checks: Readonly<Record<keyof CometServerOptions, Check>> = {
  password: mustBeSecret('a string that is not empty', text),
  tenants: checkTenants,
  strictTenants: flag,
  cometql: (name, value) => {
    if (value !== false) cometql(name, value)
  },
  path,
  transports: must('a list of transports, for example [webSocket()]', (value) =>
    isListOf(value, (one) => hasMethods(one, ['start', 'close'])),
  ),
  storage: must('a storage, for example memoryStorage()', (value) =>
    hasMethods(value, ['open', 'close', 'get', 'set', 'delete', 'append', 'read', 'remove']),
  ),
  broker: must('a broker, for example redisBroker({ client })', (value) => hasMethods(value, ['connect'])),
  leaseMs: must('a number of milliseconds from 500', (value) => typeof value === 'number' && value >= 500),
  origins,
  trustProxy: must(
    'true, false, or the number of our own proxies that a request comes through, from 1',
    (value) => typeof value === 'boolean' || (Number.isInteger(value) && Number(value) > 0),
  ),
  authenticate: callable,
  authorize: callable,
  pipes: checkPipes,
  limits: members({
    ...Object.fromEntries(Object.keys(defaultLimits).map((limit) => [limit, fromZero])),
    presenceGraceMs: milliseconds(0),
    loginTimeoutMs: milliseconds(1),
    maxConnectsPerSecond: aboveZero,
    maxFailedLogins: aboveZero,
    maxCommandsPerSecond: aboveZero,
  }),
  name: must('a string that is not empty', text),
  logger: must('an object with the functions warn and error', (value) => hasMethods(value, ['warn', 'error'])),
  clock: must('an object with the functions now, setTimeout and clearTimeout', (value) =>
    hasMethods(value, ['now', 'setTimeout', 'clearTimeout']),
  ),
}

/**
 * Looks at every option; returns them unchanged.
 * @throws CometError COMET_ERR_OPTION, which names the option, the value and what it must be.
 */
export function checkOptions(options: CometServerOptions): CometServerOptions {
  if (!isObject(options)) wrong('options', shown(options), 'an object, or left out')
  checkMembers(options, checks)
  const { cometql = false, password, tenants } = options
  if (cometql !== false && password === undefined && tenants === undefined) {
    wrong('password', 'missing', 'set where "cometql" is: whoever reaches the port could publish')
  }
  if (options.broker !== undefined && options.storage === undefined) {
    wrong(
      'storage',
      'missing',
      'one that all nodes share where "broker" is set: each would have users and histories of its own',
    )
  }
  return options
}

/** The options of `attach()`. @throws CometError COMET_ERR_OPTION */
export const checkAttachOptions: (name: string, value: unknown) => void = members({
  path,
  mode: must('"intercept" or "listener"', (value) => value === 'intercept' || value === 'listener'),
})

/** The options of `listenCometQL()`; TLS is set with the server's own. @throws CometError COMET_ERR_OPTION */
export const checkListenOptions: (name: string, value: unknown) => void = members({ port, host })

/**
 * Looks at what the function of the option `tenants` gave for `devId`. It may be a row of a database: members that we
 * do not know are overlooked, and an empty key is none.
 * @throws CometError COMET_ERR_OPTION
 */
export function checkTenant(devId: number, { key, origins: ofTenant }: TenantOptions): void {
  mustBeSecret('a string', (value) => typeof value === 'string')(`tenants(${devId}).key`, key)
  if (ofTenant !== undefined) origins(`tenants(${devId}).origins`, ofTenant)
}

function checkTenants(name: string, value: unknown): void {
  if (typeof value === 'function') return
  const rule = 'an object of { key, origins } by dev_id, or a function'
  if (!isObject(value)) wrong(name, `of type ${typeof value}`, rule)
  for (const [devId, one] of Object.entries(value)) {
    if (!/^(0|[1-9]\d*)$/.test(devId)) wrong(`${name}.${devId}`, 'not known', `a dev_id: ${rule}`)
    if (!isObject(one)) wrong(`${name}.${devId}`, `of type ${typeof one}`, 'an object with a key')
    tenant(`${name}.${devId}`, { ...one, key: one.key ?? '' }) // a missing one is an empty one
  }
}

function checkPipes(name: string, value: unknown): void {
  const rule = 'an object of rules by the names of pipes, for example { "prices*": { slowConsumer: "newest" } }'
  if (!isObject(value)) wrong(name, shown(value), rule)
  for (const [pattern, one] of Object.entries(value)) {
    const isName = /^[0-9A-Za-z_=+/-]{0,64}\*?$/.test(pattern)
    if (!isName) wrong(`${name}.${pattern}`, 'no name of a pipe', 'a name, or the beginning of one with "*" behind it')
    pipeRule(`${name}.${pattern}`, one)
  }
}

function checkTls(name: string, value: unknown): void {
  const rule = 'an object with key and cert in PEM, or with a secureContext'
  if (!isObject(value)) wrong(name, shown(value), rule)
  const { secureContext, key, cert, pfx } = value
  if (secureContext === undefined && pfx === undefined && (key === undefined || cert === undefined)) {
    wrong(name, shown(value), rule)
  }
  try {
    if (secureContext === undefined) createSecureContext(value)
  } catch (error) {
    wrong(name, `not usable (${error instanceof Error ? error.message : String(error)})`, rule)
  }
}

function isPort(value: unknown): boolean {
  return Number.isInteger(value) && isBetween(value, 0, 65535)
}

function isBetween(value: unknown, from: number, to: number): boolean {
  return typeof value === 'number' && value >= from && value <= to
}

function isOriginRule(value: unknown): boolean {
  return typeof value === 'string' && /^(\*|same-origin|[a-z][a-z0-9+.-]*:\/\/[^/]+)$/i.test(value)
}
