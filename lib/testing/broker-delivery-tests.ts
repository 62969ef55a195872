import assert from 'node:assert/strict'
import { exoticTexts } from './storage-samples.ts'
import type { BrokerTest, ConnectNode, SampleNode } from './broker-samples.ts'

/** How messages come while all is well. */
export const deliveryTests: readonly BrokerTest[] = [
  [
    'a message comes to every node once, to its publisher, too',
    async (connect) => {
      const nodes = await several(connect, 3)
      for (const [index, node] of nodes.entries()) await node.publish(`from ${index}`)
      for (const node of nodes) {
        await node.until(() => node.received.length === 3, 'three messages')
        assert.deepEqual(node.received, ['from 0', 'from 1', 'from 2'])
      }
    },
  ],
  [
    'messages of many publishers come to all in one order',
    async (connect) => {
      const nodes = await several(connect, 3)
      const texts = Array.from({ length: 300 }, (_, index) => String(index))
      await Promise.all(texts.map(async (text, index) => nodes[index % 3]?.publish(text)))
      for (const node of nodes) await node.until(() => node.received.length === 300, '300 messages')
      const [first, ...others] = nodes.map(({ received }) => received)
      assert.deepEqual([...(first ?? [])].sort(), texts.sort())
      for (const other of others) assert.deepEqual(other, first)
    },
  ],
  [
    'messages of one publisher keep the order of the calls, long and short ones',
    async (connect) => {
      const [node, other] = await pair(connect)
      const texts = Array.from({ length: 50 }, (_, index) => `${index} ${'x'.repeat(index % 10 === 0 ? 100_000 : 10)}`)
      await Promise.all(texts.map((text) => node.publish(text)))
      await other.until(() => other.received.length === 50, '50 messages')
      assert.ok(other.received.every((text, index) => text === texts[index]))
    },
  ],
  [
    'messages come exactly as they were, whatever they hold',
    async (connect) => {
      const [node, other] = await pair(connect)
      const texts = [...Object.values(exoticTexts), `"${'\\"'.repeat(2 * 1024 * 1024)}"`]
      for (const text of texts) await node.publish(text)
      await other.until(() => other.received.length === texts.length, `${texts.length} messages`)
      for (const [index, text] of texts.entries()) assert.ok(other.received[index] === text, `message ${index}`)
    },
  ],
  [
    'a node gets all that is published after it has connected, and nothing from before',
    async (connect) => {
      const first = await connect()
      await first.publish('before')
      await first.until(() => first.received.length === 1, 'its own message')
      const second = await connect()
      await first.publish('after')
      await second.until(() => second.received.length > 0, 'the message after')
      assert.deepEqual(second.received, ['after'])
    },
  ],
  [
    'a node that closed gets nothing and cannot publish; the others go on',
    async (connect) => {
      const [node, other] = await pair(connect)
      await other.close()
      await assert.rejects(() => other.publish('x'), { code: 'COMET_ERR_BROKER' })
      await node.publish('y')
      await node.until(() => node.received.length === 1, 'its own message')
      assert.deepEqual(other.received, [])
    },
  ],
]

async function several(connect: ConnectNode, count: number): Promise<SampleNode[]> {
  return await Promise.all(Array.from({ length: count }, () => connect()))
}

async function pair(connect: ConnectNode): Promise<readonly [SampleNode, SampleNode]> {
  return [await connect(), await connect()]
}
