import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { ConnectNode, SampleNode } from './broker-samples.ts'

/** The engine of a broker, as the suite plays with it. */
export interface Engine {
  /** Ends it, without warning. */
  stop(): Promise<void>
  /** Starts it again, where it was; with what it kept, or without. */
  start(): Promise<void>
}

/** A MUST of `Broker` about an engine that is away. */
export type OutageTest = readonly [
  title: string,
  run: (connect: ConnectNode, engine: Engine, t: TestContext) => Promise<void>,
]

/** How nodes bear that the engine is away. */
export const outageTests: readonly OutageTest[] = [
  [
    'publish rejects within a bound while the engine is away, with a sentence',
    async (connect, engine, t) => {
      const node = await connect()
      await stopped(engine, t)
      const error: unknown = await node.publish('x').then(
        () => undefined,
        (rejection: unknown) => rejection,
      )
      assert.ok(error instanceof Error, 'it did not reject')
      assert.equal((error as Error & { code?: unknown }).code, 'COMET_ERR_BROKER')
      assert.match(error.message, /^The other nodes cannot be reached: .{5}/)
    },
  ],
  [
    'when the engine is back all nodes hear that there was a gap, and messages come again in one order',
    async (connect, engine, t) => {
      const nodes = [await connect(), await connect()]
      await nodes[0]?.publish('before')
      for (const node of nodes) await node.until(() => node.received.length === 1, 'the message before')
      await stopped(engine, t)
      await Promise.all(nodes.map((node) => node.publish('lost').catch(() => undefined)))
      await engine.start()
      for (const node of nodes) await node.until(() => node.gaps > 0, 'the news of the gap')
      await Promise.all(Array.from({ length: 20 }, (_, index) => publishAgain(nodes, index)))
      for (const node of nodes) await node.until(() => after(node).length === 20, '20 messages after')
      const [first, second] = nodes.map(after)
      assert.deepEqual(second, first)
    },
  ],
]

async function stopped(engine: Engine, t: TestContext): Promise<void> {
  await engine.stop()
  t.after(() => engine.start())
}

async function publishAgain(nodes: readonly SampleNode[], index: number): Promise<void> {
  await nodes[index % nodes.length]?.publish(`after ${index}`)
}

function after({ received }: SampleNode): string[] {
  return received.filter((text) => text.startsWith('after'))
}
