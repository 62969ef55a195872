import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { Broker, BrokerReceiver } from '../../lib/broker/broker.ts'
import { memoryBroker } from '../../lib/broker/memory.ts'
import { memoryStorage } from '../../lib/storage/memory.ts'
import type { Storage } from '../../lib/storage/storage.ts'
import { testComet, type Settings, type TestComet } from './comet.ts'
import { ManualClock } from './manual-clock.ts'

/** One server of several in one process, with a connection to the others that the test can cut. */
export interface TestNode extends TestComet {
  readonly wire: TestWire
}

/** Several servers, of which the test moves the one clock. */
export interface TestNodes {
  readonly nodes: readonly TestNode[]
  readonly clock: ManualClock
  readonly storage: Storage
  /** Starts one more. */
  add(settings?: Settings): Promise<TestNode>
}

/** Starts `count` servers that share a storage and a broker. */
export async function testNodes(t: TestContext, count: number, settings: Settings = {}): Promise<TestNodes> {
  const clock = new ManualClock()
  const storage = shared(settings.storage ?? memoryStorage())
  const broker = memoryBroker()
  const nodes: TestNode[] = []
  const add = async (own: Settings = {}): Promise<TestNode> => {
    const wire = new TestWire(broker)
    const node = { ...testComet(t, { ...settings, ...own, storage, broker: wire, clock }), wire }
    await node.tenants.start()
    nodes.push(node)
    return node
  }
  for (let i = 0; i < count; i++) await add()
  await quiet()
  return { nodes, clock, storage, add }
}

/** The same storage for several servers: the end of one is not the end of it. */
export function shared(storage: Storage): Storage {
  return { ...storage, close: () => Promise.resolve() }
}

/** Resolves when what is on its way between the nodes has come: nothing takes more than a few turns of the event loop. */
export async function quiet(): Promise<void> {
  for (let turn = 0; turn < 30; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** Resolves as soon as `look` says so; rejects after `seconds`. */
export async function eventually(look: () => boolean | Promise<boolean>, what: string, seconds = 60): Promise<void> {
  const end = Date.now() + seconds * 1000
  while (!(await look())) {
    assert.ok(Date.now() < end, `not within ${seconds} s: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/** A node's way to the broker. */
export class TestWire implements Broker {
  readonly #broker: Broker
  #receiver: BrokerReceiver | undefined
  /** Nothing comes and nothing goes, and the node knows it when it is over. */
  #isCut = false
  /** Looks at each message that comes; those for which it returns true are lost, and nobody knows. */
  loses: (text: string) => boolean = () => false
  /** What goes waits until it is not slow any more. */
  isSlow = false

  constructor(broker: Broker) {
    this.#broker = broker
  }

  async connect(receiver: BrokerReceiver): ReturnType<Broker['connect']> {
    this.#receiver = receiver
    const connection = await this.#broker.connect({
      message: (text) => {
        if (!this.#isCut && !this.loses(text)) receiver.message(text)
      },
      gap: () => receiver.gap(),
    })
    return {
      publish: async (text) => {
        if (this.#isCut) throw new Error('the wire is cut')
        while (this.isSlow) await new Promise((resolve) => setImmediate(resolve))
        await connection.publish(text)
      },
      close: () => connection.close(),
    }
  }

  cut(): void {
    this.#isCut = true
  }

  mend(): void {
    this.#isCut = false
    this.#receiver?.gap()
  }
}
