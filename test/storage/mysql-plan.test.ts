import assert from 'node:assert/strict'
import test from 'node:test'
import { plan, type Call } from '../../lib/storage/mysql-plan.ts'
import { entry } from '../../lib/testing/storage-samples.ts'

const append = (key: string): Call => ({
  kind: 'append',
  log: 'pipes_messages',
  devId: 1,
  key,
  entry: entry(1),
  keep: 1,
})
const read = (key: string): Call => ({ kind: 'read', log: 'pipes_messages', devId: 1, key, after: 0 })
const set = (key: string): Call => ({ kind: 'set', table: 'users_auth', devId: 1, key, value: '' })
const remove = (...keys: string[]): Call => ({ kind: 'delete', table: 'users_auth', devId: 1, keys })
const get = (...keys: string[]): Call => ({ kind: 'get', table: 'users_auth', devId: 1, keys })
const getAll: Call = { kind: 'get', table: 'users_auth', devId: 1 }

/** The steps as their kinds and how many calls they have. */
function steps(...calls: readonly Call[]): string[] {
  return plan(calls).map(({ kind, calls: { length } }) => `${kind} ${length}`)
}

test('calls of one kind are one step, whatever comes in between for other keys', () => {
  assert.deepEqual(steps(append('a'), read('x'), append('b'), append('a'), read('y')), ['append 3', 'read 2'])
  assert.deepEqual(steps(set('1'), get('2'), set('3'), append('a'), get('4')), ['set 2', 'get 2', 'append 1'])
})

test('calls for one key stay in their order', () => {
  assert.deepEqual(steps(append('a'), read('a'), append('a')), ['append 1', 'read 1', 'append 1'])
  assert.deepEqual(steps(set('1'), remove('1', '2'), remove('2'), get('2')), ['set 1', 'delete 1', 'delete 1', 'get 1'])
})

test('who asks for a whole table sees what came before, and nothing that comes after', () => {
  assert.deepEqual(steps(set('1'), getAll, set('2'), getAll), ['set 1', 'get 1', 'set 1', 'get 1'])
  assert.deepEqual(steps(getAll, get('1'), getAll), ['get 3'])
})
