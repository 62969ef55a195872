import { inspect } from 'node:util'
import type { Clock } from './core/clock.ts'
import type { AuthorizeRequest, Limits, Logger } from './core/host.ts'
import { cometError } from './errors.ts'
import type { TlsOptions } from './mysql-server-protocol-lite/index.ts'
import type { Storage } from './storage/storage.ts'
import type { Hello, Transport } from './transports/transport.ts'

/** One tenant: what the customers of a shared server are to each other. */
export interface TenantOptions {
  /** Its CometQL password, and the start of its JWT secret. */
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
    | ((devId: number) => TenantOptions | undefined | Promise<TenantOptions | undefined>)
  /** Refuse browsers that name an unknown tenant; else they belong to tenant 0. Default false. */
  readonly strictTenants?: boolean
  /** The MySQL port; false (the default): none. */
  readonly cometql?: CometqlOptions | false
  /** Where we are mounted on the http server, for example "/comet". Default "": the root. */
  readonly path?: string
  /** How browsers reach us. Default `[webSocket()]`. */
  readonly transports?: readonly Transport[]
  /** Where history, queues and settings are kept. Default `memoryStorage()`. */
  readonly storage?: Storage
  /**
   * Whose pages may connect: exact origins, `https://*.example.com`, `same-origin` or `*`. Default `["*"]`, because the
   * credentials are in the path; `["same-origin"]` where `authenticate` reads cookies, which browsers send by themselves.
   */
  readonly origins?: readonly string[]
  /** Believe X-Forwarded-For, X-Real-IP and X-Forwarded-Proto: only behind a proxy that sets them. Default false. */
  readonly trustProxy?: boolean
  /** The application's own login (cookie, session): the user's id, or nothing for a visitor. */
  readonly authenticate?: (hello: Hello) => number | undefined | null | Promise<number | undefined | null>
  /** Asked before every subscription, publication and history request of a browser. Default: all that the rules of the pipes allow. */
  readonly authorize?: (request: AuthorizeRequest) => boolean | Promise<boolean>
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
  presenceGraceMs: 1000,
}

type Check = readonly [rule: string, isRight: (value: unknown) => boolean]

const text: Check = ['a string that is not empty', (value) => typeof value === 'string' && value !== '']
const flag: Check = ['true or false', (value) => typeof value === 'boolean']
const callable: Check = ['a function', (value) => typeof value === 'function']

const checks: Readonly<Record<keyof CometServerOptions, Check>> = {
  password: text,
  tenants: [
    'an object of { key } by dev_id, or a function',
    (value) => typeof value === 'function' || isTenants(value),
  ],
  strictTenants: flag,
  cometql: ['false, or { port, host, tls } with a port from 0 to 65535', isCometql],
  path: [
    '"" or a path like "/comet", with a slash at the start and none at the end',
    (value) => typeof value === 'string' && /^(\/[^/?#]+)*$/.test(value),
  ],
  transports: [
    'a list of transports, for example [webSocket()]',
    (value) => isListOf(value, (one) => hasMethods(one, ['start', 'close'])),
  ],
  storage: [
    'a storage, for example memoryStorage()',
    (value) => hasMethods(value, ['open', 'close', 'get', 'set', 'delete', 'append', 'read', 'remove']),
  ],
  origins: ['a list of origins, for example ["https://example.com"]', (value) => isListOf(value, isOriginRule)],
  trustProxy: flag,
  authenticate: callable,
  authorize: callable,
  limits: [`an object with numbers from 0 for any of ${Object.keys(defaultLimits).join(', ')}`, isLimits],
  name: text,
  logger: ['an object with the functions warn and error', (value) => hasMethods(value, ['warn', 'error'])],
  clock: [
    'an object with the functions now, setTimeout and clearTimeout',
    (value) => hasMethods(value, ['now', 'setTimeout', 'clearTimeout']),
  ],
}

/**
 * Looks at every option; returns them unchanged.
 * @throws CometError COMET_ERR_OPTION, which names the option, the value and what it must be.
 */
export function checkOptions(options: CometServerOptions): CometServerOptions {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue
    if (!Object.hasOwn(checks, name)) wrong(name, 'not known', `one of ${Object.keys(checks).join(', ')}`)
    const [rule, isRight] = checks[name as keyof CometServerOptions]
    if (!isRight(value)) wrong(name, shown(name, value), rule)
  }
  const { cometql = false, password, tenants } = options
  if (cometql !== false && password === undefined && tenants === undefined) {
    wrong('password', 'missing', 'set where "cometql" is: whoever reaches the port could publish')
  }
  return options
}

/** The value as the sentence shows it: without keys and passwords, because sentences end in logs. */
function shown(option: string, value: unknown): string {
  if (option === 'password') return typeof value === 'string' ? 'empty' : `of type ${typeof value}`
  if (option === 'tenants' && isObject(value)) return `an object by ${Object.keys(value).join(', ')}`
  return inspect(value, { depth: 0, breakLength: Infinity })
}

function wrong(option: string, value: string, rule: string): never {
  throw cometError('COMET_ERR_OPTION', { option, value, rule })
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function hasMethods(value: unknown, names: readonly string[]): boolean {
  return isObject(value) && names.every((name) => typeof value[name] === 'function')
}

function isListOf(value: unknown, isRight: (one: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(isRight)
}

function isOriginRule(value: unknown): boolean {
  return typeof value === 'string' && /^(\*|same-origin|[a-z][a-z0-9+.-]*:\/\/[^/]+)$/i.test(value)
}

function isTenants(value: unknown): boolean {
  return (
    isObject(value) &&
    Object.entries(value).every(([devId, tenant]) => /^\d+$/.test(devId) && isObject(tenant) && text[1](tenant.key))
  )
}

function isCometql(value: unknown): boolean {
  if (value === false) return true
  if (!isObject(value)) return false
  const { port = 0, host = '' } = value
  return typeof port === 'number' && Number.isInteger(port) && port >= 0 && port <= 65535 && typeof host === 'string'
}

function isLimits(value: unknown): boolean {
  return (
    isObject(value) &&
    Object.entries(value).every(
      ([name, limit]) => Object.hasOwn(defaultLimits, name) && typeof limit === 'number' && limit >= 0,
    )
  )
}
