import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test, type TestContext } from 'node:test'
import { callWith } from '../../../lib/client/subscriptions/dispatch.ts'
import { TabSignal } from '../../../lib/client/tabs/tab-signal.ts'

function tab(t: TestContext): TabSignal {
  const signals = new TabSignal(
    BroadcastChannel,
    callWith((error) => assert.fail(String(error))),
  )
  t.after(() => signals.close())
  return signals
}

/** Resolves with the arguments of the next `signal` in `tab`. */
function next(tab: TabSignal, signal: string): Promise<unknown[]> {
  const target = new EventTarget()
  let got: unknown[] = []
  tab.connect('next', signal, (...args) => {
    got = args
    target.dispatchEvent(new Event('signal'))
  })
  return once(target, 'signal').then(() => got)
}

test('emit reaches this tab, with the parameter and the name', (t) => {
  const signals = tab(t)
  const seen: unknown[] = []
  signals.connect('color', (...args) => seen.push(args))
  signals.connect('slot', 'color', (param) => seen.push(param))
  signals.emit('color', 'red')
  signals.emit('size', 5)
  assert.deepEqual(seen, [['red', 'color', true], 'red'])
})

test('send_emit reaches the other tabs only', async (t) => {
  const [here, there] = [tab(t), tab(t)]
  here.connect('color', () => assert.fail('send_emit called this tab'))
  const arrived = next(there, 'color')
  here.send_emit('color', { name: 'red' })
  assert.deepEqual(await arrived, [{ name: 'red' }, 'color', false])
})

test('a tab that listens to nothing can send', async (t) => {
  const [here, there] = [tab(t), tab(t)]
  const arrived = next(there, 'color')
  here.send_emit('color', 1)
  assert.deepEqual(await arrived, [1, 'color', false])
})

test('emitAll reaches all tabs', async (t) => {
  const [here, there] = [tab(t), tab(t)]
  const seen: unknown[] = []
  here.connect('color', (param) => seen.push(param))
  const arrived = next(there, 'color')
  here.emitAll('color', 'blue')
  assert.deepEqual(await arrived, ['blue', 'color', false])
  assert.deepEqual(seen, ['blue'])
})

test('disconnect removes a slot, from one signal or from all', (t) => {
  const signals = tab(t)
  const seen: string[] = []
  for (const signal of ['a', 'b', 'c']) signals.connect('slot', signal, (_, name) => seen.push(name))
  signals.disconnect('slot', 'a')
  for (const signal of ['a', 'b', 'c']) signals.emit(signal)
  signals.disconnect('slot')
  for (const signal of ['a', 'b', 'c']) signals.emit(signal)
  assert.deepEqual(seen, ['b', 'c'])
})

test('without BroadcastChannel signals stay in the tab', () => {
  const signals = new TabSignal(
    undefined,
    callWith((error) => assert.fail(String(error))),
  )
  const seen: unknown[] = []
  signals.connect('color', (param) => seen.push(param))
  signals.emitAll('color', 1)
  assert.deepEqual(seen, [1])
})
