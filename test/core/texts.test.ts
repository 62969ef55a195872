import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { ownText, Texts } from '../../lib/core/texts.ts'

test('texts stay what they are, however many there were', () => {
  const texts = new Texts()
  for (const round of [1, 2]) {
    for (let i = 0; i < 1500; i++) assert.equal(texts.shared(`browser ${i}`), `browser ${i}`, `round ${round}`)
  }
  assert.equal(texts.shared('x'.repeat(1000)), 'x'.repeat(1000))
  assert.equal(texts.shared('x'.repeat(10_000)), 'x'.repeat(1024), 'no browser has such a name')
  assert.equal(ownText('Grüße, 世界 🚀'), 'Grüße, 世界 🚀')
})

test('a name that was cut out of a large text does not keep the text', () => {
  const cut = (i: number): string => ownText(`${'x'.repeat(1_000_000)}name ${i} at its end`.slice(-20))
  const before = process.memoryUsage().heapUsed
  const names = Array.from({ length: 200 }, (_, i) => cut(i))
  collect()
  assert.ok(process.memoryUsage().heapUsed - before < 100_000_000, `${names.length} names keep 200 MB`)
})

/** Needs no flag of the command line. */
function collect(): void {
  setFlagsFromString('--expose-gc')
  const run = runInNewContext('gc') as () => void
  run()
}
