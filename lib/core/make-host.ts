import { Addresses } from './limits/addresses.ts'
import type { Host } from './host.ts'
import { MessageIds } from './message-ids.ts'
import { Meter } from './limits/metrics.ts'
import { Outbox } from './delivery/outbox.ts'
import { ratesOf } from './limits/rates.ts'
import { ServerInfo } from './server-info.ts'
import { Texts } from './texts.ts'

/** What has to be said of a host; all else follows from it. */
export type HostSettings = Omit<
  Host,
  'outbox' | 'ids' | 'sessions' | 'rates' | 'addresses' | 'meter' | 'serverInfo' | 'texts'
> & {
  /** The name and version that browsers see. */
  readonly serverName: string
}

/** Makes what all tenants of one server share. */
export function makeHost({ serverName, ...settings }: HostSettings): Host {
  const { limits, clock, logger } = settings
  const meter = new Meter()
  return {
    ...settings,
    outbox: new Outbox(clock, limits.maxGatherMs),
    ids: new MessageIds(),
    sessions: new Set(),
    rates: ratesOf(limits),
    addresses: new Addresses(limits, clock, logger, meter),
    meter,
    serverInfo: new ServerInfo(serverName, clock),
    texts: new Texts(),
  }
}
