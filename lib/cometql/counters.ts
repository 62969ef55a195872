/** What is counted since the server started, of one tenant or of all. */
export interface Counts {
  /** Logins that were let in. */
  connections: number
  /** Connections that are open. */
  open: number
  /** The most that were open at the same time. */
  mostOpen: number
  /** Logins that were refused; whose they were is not known, so only the server's own counts have them. */
  refused: number
  /** Connections that ended without a good-bye. */
  aborted: number
  /** Statements. */
  questions: number
  /** Of connections that are closed. */
  bytesReceived: number
  bytesSent: number
}

/** Counts for SHOW STATUS: each tenant sees its own, tenant 0 those of the server. */
export class Counters {
  readonly #server = noCounts()
  readonly #tenants = new Map<number, Counts>()

  /** As tenant `devId` sees them. */
  of(devId: number): Readonly<Counts> {
    return devId === 0 ? this.#server : this.#ofTenant(devId)
  }

  add(devId: number, name: keyof Counts, amount = 1): void {
    this.#server[name] += amount
    if (devId !== 0) this.#ofTenant(devId)[name] += amount
  }

  refused(): void {
    this.#server.refused++
  }

  opened(devId: number): void {
    this.add(devId, 'connections')
    this.add(devId, 'open')
    for (const counts of [this.#server, devId === 0 ? this.#server : this.#ofTenant(devId)]) {
      counts.mostOpen = Math.max(counts.mostOpen, counts.open)
    }
  }

  #ofTenant(devId: number): Counts {
    const counts = this.#tenants.get(devId) ?? noCounts()
    this.#tenants.set(devId, counts)
    return counts
  }
}

function noCounts(): Counts {
  return {
    connections: 0,
    open: 0,
    mostOpen: 0,
    refused: 0,
    aborted: 0,
    questions: 0,
    bytesReceived: 0,
    bytesSent: 0,
  }
}
