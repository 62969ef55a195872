// Three nodes, each a process of its own, and pages that go from one to another: nodes are killed, the engine of the broker
// is paused and killed, and every page has to get every message once and in order. CHAOS=10 kills ten nodes, with the times
// that are the defaults; without it one is killed, and all times are shorter.
import { describe, test, type TestContext } from 'node:test'
import assert from 'node:assert/strict'
import { setTimeout } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { findProgram, startNats, startRedis } from '../support/engine.ts'
import { eventually } from '../support/nodes.ts'
import { ClientPage } from './client-page.ts'
import { Installation, type Engines } from './installation.ts'
import type { Page } from './page.ts'
import { RovingPage } from './roving-page.ts'

const isLong = process.env.CHAOS !== undefined
const kills = Number(process.env.CHAOS ?? 1)
const leaseMs = isLong ? 6000 : 1500
const pauseMs = isLong ? 5000 : 2500
/** Beyond the lease: the machine may be busy. */
const slackMs = 4000
const pages = 12

const redis = findProgram('redis-server')
const nats = findProgram('nats-server')
const missing = [redis, nats].flatMap((found) => ('missing' in found ? [found.missing] : []))

/** What a broker needs to work, whatever that is. */
interface Engine {
  stop(): Promise<void>
  start(): Promise<void>
  pause(ms: number): Promise<void>
}

/** The nodes, and the pages that go from one to another. */
interface Scene {
  readonly installation: Installation
  /** That of the broker. */
  readonly engine: Engine
  readonly crowd: readonly Page[]
}

async function stage(t: TestContext, kind: Engines['BROKER']): Promise<Scene> {
  const storage = await startRedis('path' in redis ? redis.path : '', true)
  t.after(() => storage.close())
  const service = kind === 'nats' ? await startNats('path' in nats ? nats.path : '') : storage
  t.after(() => service.close())
  const client = new Redis(storage.port)
  for (let id = 1; id <= pages; id++) await client.hset('star-comet:{0:users_auth}', String(id), `hash${id}`)
  client.disconnect()
  const ports = { REDIS_PORT: String(storage.port), NATS_PORT: String(service.port) }
  const installation = await Installation.start({ BROKER: kind, LEASE_MS: String(leaseMs), ...ports }, 3)
  t.after(() => installation.close())
  const crowd = Array.from({ length: pages }, (_, index) => {
    const id = index + 1
    return id % 3 === 0 ? new ClientPage(installation.ports, id) : new RovingPage(() => installation.running, id)
  })
  t.after(() => crowd.forEach((page) => page.close()))
  return { installation, engine: kind === 'cluster' ? installation : service, crowd }
}

/** Publishes one message after the other, each until it is answered; resolves to the number of the last one. */
async function publish({ signal }: TestContext, installation: Installation, isDone: () => boolean): Promise<number> {
  for (let n = 1; ; n++) {
    while (!signal.aborted && !(await publishOnce(installation, n))) await setTimeout(20)
    if (isDone() || signal.aborted) return n
    await setTimeout(5)
  }
}

async function publishOnce(installation: Installation, n: number): Promise<boolean> {
  const ports = installation.running
  const port = ports[n % ports.length]
  return port !== undefined && (await installation.ask(port, `publish/${n}`).then(Boolean, () => false))
}

/**
 * Resolves when the pages, and nobody else, are in the pipe and online, as every node tells it: within the lease since they
 * all found a node. Resolves to how long it took since the call.
 */
async function converge(t: TestContext, { installation, crowd }: Scene, what: string): Promise<number> {
  const all = String(Array.from({ length: pages }, (_, index) => index + 1))
  const began = Date.now()
  let allHere = began
  const agree = async (): Promise<boolean> => {
    const { running } = installation
    if (running.length === 0 || !crowd.every((page) => page.isAtOneOf(running))) {
      allHere = Date.now()
      return false
    }
    const questions = running.flatMap((port) =>
      ['members', 'online'].map((word) => installation.ask(port, word).catch(String)),
    )
    return (await Promise.all(questions)).every((answer) => String(answer) === all)
  }
  await eventually(agree, `${pages} members on all nodes after ${what}`, 60)
  const took = Date.now() - allHere
  t.diagnostic(`presence agreed ${Date.now() - began} ms after ${what}, ${took} ms after the last page was back`)
  assert.ok(took < leaseMs + slackMs, `${took} ms after ${what}`)
  return Date.now() - began
}

async function run(t: TestContext, kind: Engines['BROKER']): Promise<void> {
  const scene = await stage(t, kind)
  const { installation, engine, crowd } = scene
  await converge(t, scene, 'the start')
  let isDone = false
  const published = publish(t, installation, () => isDone)

  for (let i = 0; i < kills; i++) {
    const port = installation.ports[i % 3] ?? 0
    installation.kill(port)
    assert.ok((await converge(t, scene, `kill ${i + 1}`)) < 10_000, 'no ghosts after 10 s')
    await installation.startNode(port)
  }
  await engine.pause(pauseMs)
  await converge(t, scene, `a pause of ${pauseMs} ms`)
  // With the primary process all nodes end, and pages take their time to come back after that.
  if (isLong || kind !== 'cluster') {
    await engine.stop()
    await setTimeout(500) // some messages find nobody
    await engine.start()
    await converge(t, scene, 'a restart of the engine')
  }

  isDone = true
  const last = await published
  await eventually(() => crowd.every(({ received }) => received.at(-1)?.text === String(last)), `message ${last}`)
  for (const { received, problems } of crowd) {
    assert.deepEqual(problems, [])
    const numbers = Array.from({ length: last }, (_, index) => index + 1)
    assert.deepEqual(
      received.map(({ offset }) => offset),
      numbers,
    )
    assert.deepEqual(
      received.map(({ text }) => Number(text)),
      numbers,
    )
  }
  t.diagnostic(`${last} messages to ${pages} pages, each once and in order`)
}

describe('three nodes, of which some are killed, and their engine', { skip: missing[0] ?? false }, () => {
  for (const kind of ['redis', 'nats', 'cluster'] as const) {
    test(`joined by ${kind}: every page gets every message`, { timeout: 90_000 + kills * 15_000 }, (t) => run(t, kind))
  }
})
