import type { TestContext } from 'node:test'
import type { Broker } from '../../lib/broker/broker.ts'
import { clusterOf } from '../../lib/core/cluster/cluster.ts'
import type { CometEvents, Host, Limits } from '../../lib/core/host.ts'
import { makeHost } from '../../lib/core/make-host.ts'
import type { Tenant, TenantConfig } from '../../lib/core/tenant.ts'
import { Tenants, type Admission } from '../../lib/core/tenants.ts'
import { defaultLimits } from '../../lib/options.ts'
import { memoryStorage } from '../../lib/storage/memory.ts'
import { ManualClock } from './manual-clock.ts'
import { TestBrowser, type TestHello } from './test-browser.ts'

/** What a test wants to be different. */
export interface Settings extends Partial<Pick<Host, 'authorize' | 'pipeRules' | 'storage'>> {
  readonly limits?: Partial<Limits>
  /** The keys of the tenants; default: every dev_id exists and has the key `secret`. */
  readonly keys?: Readonly<Record<number, string>>
  readonly origins?: readonly string[]
  readonly strict?: boolean
  readonly authenticate?: NonNullable<Admission['authenticate']>
  readonly lookUp?: Admission['lookUp']
  /** The other nodes, and a clock that they share. */
  readonly broker?: Broker
  readonly clock?: ManualClock
  /** Called for every event of the server, at once. */
  readonly onEvent?: (name: keyof CometEvents) => void
}

/** One event of the server, as the application's listeners get it. */
export type SeenEvent = { [Name in keyof CometEvents]: readonly [Name, ...CometEvents[Name]] }[keyof CometEvents]

/** The core without any transport or port, with a clock that the test moves. */
export interface TestComet {
  readonly host: Host
  readonly clock: ManualClock
  readonly tenants: Tenants
  readonly events: SeenEvent[]
  /** What went to the logger. */
  readonly log: string[]
  tenant(devId?: number): Promise<Tenant>
  /** Connects a browser: a visitor of tenant 0 with client version 4, if `hello` says nothing else. */
  connect(hello?: TestHello): TestBrowser
  /** The same for a user, who is given the hash `hash<id>`; resolves when the login is done. */
  logIn(userId: number, hello?: TestHello): Promise<TestBrowser>
}

/** Makes a core that is closed at the end of the test. */
export function testComet(t: TestContext, settings: Settings = {}): TestComet {
  const clock = settings.clock ?? new ManualClock()
  const events: SeenEvent[] = []
  const log: string[] = []
  const host = hostOf(settings, clock, events, log)
  const tenants = new Tenants(host, admissionOf(settings))
  t.after(() => tenants.close())

  const connect = (hello: TestHello = {}): TestBrowser => TestBrowser.connect(tenants.accept, hello)
  return {
    host,
    clock,
    tenants,
    events,
    log,
    connect,
    tenant: (devId = 0) => tenants.get(devId),
    async logIn(userId, hello = {}) {
      const tenant = await tenants.get(Number(hello.devid ?? 0))
      await tenant.credentials.setHash(userId, `hash${userId}`)
      const browser = connect({ myid: String(userId), sesion: `hash${userId}`, ...hello })
      await browser.next({ event: 'serverInfo', authorized: true })
      return browser
    },
  }
}

function hostOf(settings: Settings, clock: ManualClock, events: SeenEvent[], log: string[]): Host {
  const logger = { warn: (message: string) => log.push(message), error: (message: string) => log.push(message) }
  return makeHost({
    serverName: 'star-comet/test',
    clock,
    storage: settings.storage ?? memoryStorage(),
    limits: { ...defaultLimits, ...settings.limits },
    pipeRules: settings.pipeRules ?? {},
    logger,
    cluster: settings.broker && clusterOf(settings.broker, { clock, logger }),
    authorize: settings.authorize,
    emit(name, ...args) {
      events.push([name, ...args] as unknown as SeenEvent)
      settings.onEvent?.(name)
    },
  })
}

function admissionOf({ keys, origins = ['*'], strict = false, authenticate, lookUp }: Settings): Admission {
  const configOf = (devId: number): TenantConfig | undefined => {
    if (keys === undefined) return { key: 'secret', origins: undefined }
    return Object.hasOwn(keys, devId) ? { key: keys[devId], origins: undefined } : undefined
  }
  return { lookUp: lookUp ?? configOf, strict, origins, authenticate }
}
