import { setImmediate } from 'node:timers/promises'
import { createCometServer, memory, type CometServer, type CometServerOptions, type MemoryTransport } from 'star-comet'

/** What a figure measured, by name. */
export type Values = Readonly<Record<string, number>>

/** A server without ports, whose limits are as far away as figures need. */
export async function quietServer(
  options: CometServerOptions = {},
): Promise<{ readonly comet: CometServer; readonly browsers: MemoryTransport }> {
  const browsers = memory()
  const many = 2_000_000
  const limits = { maxSubscriptions: many, maxPipes: many, maxQueuedMessages: many, maxConnectionsPerUser: many }
  const bytes = { maxBufferedBytes: 1024 * 1024 * 1024 } // a subscription to a million pipes is a long command
  const comet = createCometServer({ transports: [browsers], limits: { ...limits, ...bytes }, ...options })
  await comet.ready
  return { comet, browsers }
}

/** How long one of `count` calls takes, in microseconds, after as many that do not count; 100 in a turn. */
export async function microsEach(count: number, call: (index: number) => unknown): Promise<number> {
  const run = async (): Promise<number> => {
    const { user, system } = process.cpuUsage()
    for (let index = 0; index < count; index++) {
      void call(index)
      if (index % 100 === 99) await setImmediate()
    }
    const used = process.cpuUsage()
    return used.user + used.system - user - system
  }
  await run()
  return (await run()) / count
}

/** The bytes of the heap that `make` leaves in use, for one of `count`. */
export async function bytesEach(count: number, make: () => Promise<unknown>): Promise<number> {
  const before = await heap()
  await make()
  return ((await heap()) - before) / count
}

async function heap(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    await setImmediate()
    globalThis.gc?.()
  }
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
