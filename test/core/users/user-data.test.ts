import { test } from 'node:test'
import assert from 'node:assert/strict'
import { testComet } from '../../support/comet.ts'

test('a text for each user: set, replaced, read, listed, deleted', async (t) => {
  const { userData } = await testComet(t).tenant()
  await userData.set(7, 'old')
  await userData.set(7, 'Ünïcode 👍\n"')
  await userData.set(8, '')
  assert.deepEqual([...(await userData.get([7, 9]))], [[7, 'Ünïcode 👍\n"']])
  assert.deepEqual([...(await userData.get()).keys()].sort(), [7, 8])
  assert.equal(await userData.delete([7, 9]), 1)
  assert.deepEqual([...(await userData.get()).keys()], [8])
})
