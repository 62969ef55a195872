import assert from 'node:assert/strict'
import type { TestComet } from '../support/comet.ts'
import type { Inbox } from '../support/inbox.ts'

/** Publishes to `news` until one of its two subscribers, who does not read, is closed; the other one must get all of it. */
export async function publishUntilClosed(comet: TestComet, quick: Inbox): Promise<void> {
  const tenant = await comet.tenant()
  let sent = 0
  while (tenant.pipe('news')?.size === 2 && sent < 1000) {
    void tenant.publish({ pipe: 'news', event: '', text: `${sent++}`.padEnd(100_000) })
    await quick.next({ pipe: 'news' })
  }
  const disconnect = comet.events.find(([name]) => name === 'disconnect')
  assert.deepEqual(disconnect?.[2], { code: 4001, reason: 'reads too slowly' })
  assert.equal(quick.dataOf('news').length, sent)
}
