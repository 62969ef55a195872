// The load process of the benchmark: many subscribers, counted and checked.
import { microseconds, type LoadOrder, type LoadReport, type StreamKind } from '../messages.ts'
import { churn } from './churn.ts'
import { Histogram } from './histogram.ts'
import { messageMarks, presenceMarks } from './marks.ts'
import { OwnStreams } from './own-streams.ts'
import { SharedStream } from './shared-stream.ts'
import type { Streams } from './streams.ts'
import { Subscriber } from './subscriber.ts'

const progressMs = 5
/** When so long nothing has come, nothing will. */
const patienceMs = 5000
const connectAtOnce = 100
const maxProblems = 5

const subscribers: Subscriber[] = []
const latencies = new Histogram()
const failures: string[] = []
let streams = streamsOf('shared')
let isCounting = false
let expected = Infinity
let startedAt = 0
let lastAt = 0
let startCpu = process.cpuUsage()

process.on('disconnect', () => process.exit())
process.on('message', (order: LoadOrder) => {
  if (order.type === 'connect') void connectAll(order)
  else if (order.type === 'count') beginCounting()
  else if (order.type === 'churn') void churn(order).then((result) => send({ type: 'churned', ...result }))
  else expected = order.deliveries
})

function streamsOf(kind: StreamKind): Streams {
  if (kind === 'own') return new OwnStreams(latencies)
  return new SharedStream(kind === 'shared' ? messageMarks : presenceMarks, latencies)
}

async function connectAll(order: LoadOrder & { type: 'connect' }): Promise<void> {
  streams = streamsOf(order.streams)
  const [start, cpuBefore] = [microseconds(), process.cpuUsage()]
  let next = 0
  const connectSome = async (): Promise<void> => {
    while (next < order.connections) await subscribe(order, next++)
  }
  await Promise.all(Array.from({ length: connectAtOnce }, connectSome))
  const us = microseconds() - start
  send({ type: 'ready', ms: us / 1000, busy: cpuSince(cpuBefore) / us })
}

function subscribe({ port, subscribing }: LoadOrder & { type: 'connect' }, number: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const subscriber = new Subscriber(port, number, subscribing, receive, (error) => {
      if (error === undefined) resolve()
      else {
        failures.push(error.message)
        reject(error)
      }
    })
    subscribers.push(subscriber)
  })
}

function receive(subscriber: Subscriber, bytes: Buffer, now: number): void {
  if (!isCounting) return
  lastAt = now
  streams.receive(subscriber, bytes, now)
}

function beginCounting(): void {
  isCounting = true
  expected = Infinity
  latencies.clear()
  streams.begin(subscribers)
  startedAt = lastAt = microseconds()
  startCpu = process.cpuUsage()
  send({ type: 'counting' })
  let lastSeen = 0
  const timer = setInterval(() => {
    send({ type: 'progress', messages: streams.received })
    const isQuiet = lastAt === lastSeen // else the end of the last message may still be on its way
    lastSeen = lastAt
    const isStuck = expected !== Infinity && microseconds() - lastAt > patienceMs * 1000
    if (isStuck || (isQuiet && streams.deliveries >= expected)) {
      clearInterval(timer)
      finish(streams.deliveries)
    }
  }, progressMs)
}

function finish(deliveries: number): void {
  isCounting = false
  const problems = [...failures, ...streams.problems]
  if (deliveries !== expected) problems.push(`${deliveries} deliveries instead of ${expected}`)
  const busy = cpuSince(startCpu) / (lastAt - startedAt)
  const quantiles = { p50: latencies.quantile(0.5), p99: latencies.quantile(0.99) }
  send({ type: 'done', deliveries, lastAt, problems: problems.slice(0, maxProblems), busy, ...quantiles })
}

/** In microseconds. */
function cpuSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before)
  return user + system
}

function send(message: LoadReport): void {
  process.send?.(message)
}
