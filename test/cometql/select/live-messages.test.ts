import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LiveMessages } from '../../../lib/cometql/select/live-messages.ts'
import { testComet } from '../../support/comet.ts'

const megabyte = 'x'.repeat(1024 * 1024)

test('holds 1000 messages of a pipe and 16 Mi characters of all; the latest is always among them', async (t) => {
  const live = new LiveMessages(await testComet(t).tenant())
  const note = (pipe: string, id: number, message: string) => {
    live.note({ kind: 'message', pipe, entry: { id: String(id), time: 0, event: '', message, userId: 0, json: false } })
  }
  const ids = async (pipe: string) => (await live.history.read(pipe)).map(({ id }) => Number(id))

  for (let id = 1; id <= 1001; id++) note('many', id, 'x')
  assert.deepEqual([(await ids('many')).length, (await ids('many'))[0]], [1000, 2])

  for (let id = 1; id <= 20; id++) note('long', id, megabyte)
  assert.deepEqual(await ids('many'), [])
  assert.deepEqual(await ids('long'), [5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20])

  note('huge', 1, megabyte.repeat(17))
  assert.deepEqual([await ids('long'), await ids('huge')], [[], [1]])
})
