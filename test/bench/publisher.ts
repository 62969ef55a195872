import type { ServerOrder, ServerReport, Task } from './messages.ts'

/** So many messages may be on their way: enough to keep the server busy, little enough for memory. */
const maxUnderWay = 500

/** The part of a server process that publishes when it is told to, no faster than the subscribers receive. */
export function servePublisher(publish: (n: number) => void): void {
  let published = 0
  let received = 0
  process.on('message', (order: ServerOrder) => {
    if (order.type === 'received') received = order.messages
    else run(order.task)
  })

  function run({ burst, ms }: Task): void {
    published = 0
    received = 0
    const cpu = process.cpuUsage()
    const start = performance.now()
    const turn = (): void => {
      const elapsed = performance.now() - start
      if (elapsed > ms) {
        const { user, system } = process.cpuUsage(cpu)
        report({ type: 'published', messages: published, cpuMs: (user + system) / 1000, wallMs: elapsed })
        return
      }
      if (published - received < maxUnderWay) for (let i = 0; i < burst; i++) publish(++published)
      setImmediate(turn)
    }
    turn()
  }
}

export function report(message: ServerReport): void {
  process.send?.(message)
}
