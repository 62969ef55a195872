import type { CometEvents, Host, Limits } from '../../lib/core/host.ts'
import { makeHost } from '../../lib/core/make-host.ts'
import type { Tenant } from '../../lib/core/tenant.ts'
import { Tenants } from '../../lib/core/tenants.ts'
import { defaultLimits } from '../../lib/options.ts'
import type { Database } from './durable-storage.ts'
import type { Network } from './network.ts'
import { NodeClock } from './node-clock.ts'
import type { World } from './world.ts'

/** How long a stopping server waits for the answers of its clients, in milliseconds. */
const closingMs = 1000

/** What a server is told, and whom it tells. */
export interface ServerSettings {
  readonly limits: Partial<Limits>
  /** How long the application takes to answer `authorize`, at most, in milliseconds; 0: it is not asked. */
  readonly authorizeMs: number
  readonly wrong: (what: string) => void
}

/** One run of the server's program, from its start to its end. */
export class Server {
  readonly clock: NodeClock
  readonly #world: World
  readonly #network: Network
  readonly #host: Host
  readonly #tenants: Tenants
  readonly #online = new Set<number>()
  readonly #wrong: (what: string) => void

  constructor(world: World, network: Network, database: Database, { limits, authorizeMs, wrong }: ServerSettings) {
    this.clock = new NodeClock(world)
    this.#world = world
    this.#network = network
    this.#wrong = wrong
    const fail = (message: string): void => wrong(`the server's log says: ${message}`)
    this.#host = makeHost({
      serverName: 'star-comet/simulated',
      clock: this.clock,
      storage: database.storageOf(this.clock),
      limits: { ...defaultLimits, ...limits },
      pipeRules: { 'prices*': { slowConsumer: 'newest' } },
      logger: { warn: fail, error: fail },
      authorize: authorizeMs === 0 ? undefined : () => this.#allow(authorizeMs),
      emit: (name, ...args) => this.#see(name, args),
    })
    const lookUp = (): { key: string; origins: undefined } => ({ key: 'secret', origins: undefined })
    this.#tenants = new Tenants(this.#host, { lookUp, strict: false, origins: ['*'], authenticate: undefined })
    network.server = { accept: this.#tenants.accept, clock: this.clock }
  }

  get sessions(): number {
    return this.#host.sessions.size
  }

  /** Does something in tenant 0; what a server that has ended does comes to nothing. */
  do(work: (tenant: Tenant) => unknown): void {
    const begin = async (): Promise<void> => {
      const tenant = await this.#tenants.get(0)
      if (!this.clock.isDead) await work(tenant)
    }
    begin().catch((error: unknown) => {
      if (!String(error).includes('is closed')) this.#wrong(`the server threw ${String(error)}`)
    })
  }

  tenant(): Promise<Tenant> {
    return this.#tenants.get(0)
  }

  /** The process ends as it is: its system tells the clients, or, without power, nobody does. */
  crash(isPowerLost: boolean): void {
    this.clock.isDead = true
    this.#network.server = undefined
    for (const link of this.#network.links) {
      if (isPowerLost) link.halfOpen()
      else link.cut()
    }
  }

  /** What `close()` does: it asks the clients to come back, ends their connections, and then itself. */
  stop(): void {
    this.#network.server = undefined
    for (const session of this.#host.sessions) session.announceRestart(this.#world.between(0, 2000))
    this.#host.outbox.flush()
    for (const link of this.#network.links) link.close(1012, 'the server is stopping')
    this.#world.in(closingMs + 1, () => {
      if (this.#host.sessions.size > 0) this.#wrong(`${this.#host.sessions.size} sessions are left of a stopped server`)
      void this.#tenants.close().then(() => (this.clock.isDead = true))
    })
  }

  #allow(ms: number): Promise<boolean> {
    return new Promise((resolve) => this.#world.in(this.#world.between(0, ms), () => resolve(true)))
  }

  /** A user is online once, and offline once after that. */
  #see<Name extends keyof CometEvents>(name: Name, [userId]: CometEvents[Name]): void {
    if (this.clock.isDead || typeof userId !== 'number') return
    const isOnline = name === 'online'
    this.#world.note(`user ${userId} ${name}`)
    if (this.#online.has(userId) === isOnline) this.#wrong(`user ${userId} ${name} twice`)
    if (isOnline) this.#online.add(userId)
    else this.#online.delete(userId)
  }
}
