import type { Broker } from '../../broker/broker.ts'
import type { Clock } from '../clock.ts'
import type { Logger } from '../host.ts'
import { ClusterNode } from './cluster-node.ts'
import { LocalSessions } from './local-sessions.ts'
import type { Cluster } from './tenant-in-cluster.ts'

const defaultLeaseMs = 6000

/** This server as one of several, which `broker` joins. `leaseMs`: how long a node may be silent; default 6000. */
export function clusterOf(
  broker: Broker,
  environment: { readonly clock: Clock; readonly logger: Logger },
  leaseMs = defaultLeaseMs,
): Cluster {
  const node = new ClusterNode(broker, environment, leaseMs)
  return { node, sessions: new LocalSessions((item) => node.tell(item)) }
}
