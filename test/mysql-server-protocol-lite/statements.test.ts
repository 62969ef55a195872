import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defaultLimits } from '../../lib/mysql-server-protocol-lite/options.ts'
import { Statements } from '../../lib/mysql-server-protocol-lite/statements.ts'

test('a value sent ahead takes the memory of its bytes, in however many parts it comes', () => {
  const statements = new Statements(defaultLimits, () => undefined)
  const statement = statements.prepare('INSERT ?')
  const before = process.memoryUsage()
  const part = Buffer.from('x')
  for (let count = 0; count < 300_000; count++) {
    statements.addLongData(statement, 0, part)
    statements.addLongData(statement, 0, Buffer.alloc(0))
  }
  assert.equal(statement.longData.get(0)?.length, 300_000)
  const after = process.memoryUsage()
  const grown = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers
  assert(grown < 50_000_000, `300 kB in parts of 1 byte take ${grown} bytes`)
  assert.equal(statement.longDataError, undefined)
})
