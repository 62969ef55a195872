// A primary process of node:cluster that hands a message to a worker which is dead, before it can know of that. Ends with 0
// if it survives.
import cluster from 'node:cluster'
import { readFileSync } from 'node:fs'
import { clusterBroker, relayClusterMessages } from '../../lib/broker/cluster.ts'

/** Whether nothing of the process is left but its exit code; the pipe to it is closed then. */
function isDead(pid: number): boolean {
  return readFileSync(`/proc/${pid}/stat`, 'utf8').includes(' Z ')
}

if (cluster.isPrimary) {
  relayClusterMessages()
  const worker = cluster.fork()
  worker.on('message', (said: unknown) => {
    if (said !== 'connected') return
    const pid = worker.process.pid ?? 0
    process.kill(pid, 'SIGKILL')
    while (!isDead(pid)); // without a turn of the event loop, so that the primary cannot hear of it
    cluster.emit('message', worker, { starComet: 'star-comet', from: 'other', kind: 'message', text: 'x' })
  })
} else {
  await clusterBroker().connect({ message: () => undefined, gap: () => undefined })
  process.send?.('connected')
}
