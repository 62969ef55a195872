import type { Host } from '../host.ts'
import type { Tenant } from '../tenant.ts'
import type { ClusterReceiver } from './cluster-node.ts'
import type { TenantItem, TenantState } from './node-messages.ts'
import type { Cluster } from './tenant-in-cluster.ts'

/** The tenants of a node, as far as this needs them. */
export interface TenantSource {
  readonly open: ReadonlyMap<number, Tenant>
  /** Opens a tenant; resolves to undefined where there is none of this id. */
  find(devId: number): Promise<Tenant | undefined>
}

type Work = (tenant: Tenant) => void

/** Hands what the nodes say to the tenants. Who is in use anywhere is open on every node. */
export class ClusterTenants implements ClusterReceiver {
  readonly #host: Host
  readonly #cluster: Cluster
  readonly #source: TenantSource
  /** What came for tenants that are being opened. */
  readonly #opening = new Map<number, Work[]>()
  #isCatchingUp = false
  #isMissing = false

  constructor(host: Host, cluster: Cluster, source: TenantSource) {
    this.#host = host
    this.#cluster = cluster
    this.#source = source
  }

  ownState(): TenantState[] {
    return this.#cluster.sessions.state()
  }

  take(node: string, devId: number, item: TenantItem): void {
    this.#with(devId, (tenant) => tenant.cluster?.take(node, item))
  }

  takeState(node: string, tenants: readonly TenantState[]): void {
    const sessions = new Map<number, TenantState['sessions'][number][]>()
    for (const devId of this.#inUse()) sessions.set(devId, [])
    for (const part of tenants) sessions.set(part.devId, [...(sessions.get(part.devId) ?? []), ...part.sessions])
    for (const [devId, all] of sessions) this.#with(devId, (tenant) => tenant.cluster?.takeState(node, all))
  }

  gone(node: string): void {
    for (const devId of this.#inUse()) this.#with(devId, (tenant) => tenant.nodeGone(node))
  }

  missed(): void {
    this.#isMissing = true
    if (!this.#isCatchingUp) void this.#catchUp()
  }

  beat(): void {
    for (const tenant of this.#source.open.values()) tenant.cluster?.retry()
    if (this.#isMissing) this.missed()
  }

  alone(): void {
    for (const tenant of this.#source.open.values()) {
      tenant.presence.repair().catch((error: unknown) => this.#failed(tenant.devId, error))
    }
  }

  #inUse(): number[] {
    return [...this.#source.open.keys(), ...this.#opening.keys()]
  }

  #with(devId: number, work: Work): void {
    const queue = this.#opening.get(devId)
    const tenant = this.#source.open.get(devId)
    if (queue !== undefined) queue.push(work)
    else if (tenant !== undefined) work(tenant)
    else void this.#open(devId, work)
  }

  async #open(devId: number, first: Work): Promise<void> {
    const queue = [first]
    this.#opening.set(devId, queue)
    try {
      const tenant = await this.#source.find(devId)
      if (tenant !== undefined) for (const work of queue) work(tenant)
    } catch (error) {
      this.#cluster.node.forgetStates() // what was in the queue is lost
      this.#failed(devId, error)
    } finally {
      this.#opening.delete(devId)
    }
  }

  /** One after the other, so that the storage is not stormed. */
  async #catchUp(): Promise<void> {
    this.#isCatchingUp = true
    this.#isMissing = false
    for (const tenant of [...this.#source.open.values()]) {
      await tenant.cluster?.catchUp().catch((error: unknown) => {
        this.#isMissing = true // again, with the next beat
        this.#failed(tenant.devId, error)
      })
    }
    this.#isCatchingUp = false
  }

  #failed(devId: number, error: unknown): void {
    this.#host.logger.error(`Tenant ${devId} could not be brought up to date with the other nodes: ${String(error)}`)
  }
}
