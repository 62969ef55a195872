import { test } from 'node:test'
import assert from 'node:assert/strict'
import { memoryBroker } from '../../lib/broker/memory.ts'
import { brokerConformance } from '../../lib/testing/broker-conformance.ts'

brokerConformance('memory', () => memoryBroker(), { engine: 'it has no engine that could be away' })

test('a test that is skipped by a wrong name is an error that lists the right ones', () => {
  const skip = [{ test: 'a message comes', reason: 'a typing error' }]
  assert.throws(
    () => brokerConformance('mine', () => memoryBroker(), { skip, engine: '' }),
    /"a message comes".*"a message comes to every node once, to its publisher, too"/,
  )
})
