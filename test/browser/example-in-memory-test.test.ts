import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { root } from './example.ts'

test('in-memory-test: its tests pass with nothing but node', () => {
  // Without it the inner runner would report to the outer one instead of printing.
  const env = { ...process.env }
  delete env.NODE_TEST_CONTEXT

  const args = ['--test', '--test-reporter=tap', 'examples/in-memory-test/']
  const { status, stdout } = spawnSync(process.execPath, args, { cwd: root, env, encoding: 'utf8' })

  assert.equal(status, 0, stdout)
  assert.match(stdout, /^# pass 3$/m)
})
