// One client that keeps the process busy must not keep it from the others.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Capability } from '../../lib/mysql-server-protocol-lite/constants.ts'
import { ManualClock, plainCapabilities, query, RawClient, testHandler, testServer } from './support.ts'

const fast = query('fast')

for (const [how, bytes] of [
  ['sent ahead of the answers', Buffer.concat(Array.from({ length: 10 }, () => query('slow')))],
  ['of one query', query(Array(10).fill('slow').join(';'))],
] as const) {
  test(`statements that take long, ${how}, let others have their turn in between`, async (t) => {
    const clock = new ManualClock()
    const ran: string[] = []
    const handler = testHandler({
      query(sql) {
        ran.push(sql)
        if (sql === 'slow') clock.advance(30)
        return { affectedRows: 0 }
      },
    })
    const server = testServer(t, { clock, handler })
    const slow = await RawClient.of(server, { capabilities: plainCapabilities | Capability.MULTI_STATEMENTS })
    const other = await RawClient.of(server)
    slow.send(bytes)
    other.send(fast)
    await Promise.all([slow.readMany(10), other.read()])
    assert.equal(ran.length, 11)
    assert.ok(ran.indexOf('fast') <= 2, ran.join(' '))
  })
}
