import assert from 'node:assert/strict'
import { describe, test, type TestContext } from 'node:test'
import type { Tenant } from '../../../lib/core/tenant.ts'
import { testComet, type TestComet } from '../../support/comet.ts'
import type { Message } from '../../support/inbox.ts'

const v5 = { v: '5.0' }

/** A comet whose pipe `news` keeps `keep` messages, and holds `count` of them: 1, 2, 3 … */
async function keeping(t: TestContext, keep: number, count: number): Promise<{ comet: TestComet; tenant: Tenant }> {
  const comet = testComet(t)
  const tenant = await comet.tenant()
  await tenant.history.setKeep('news', keep)
  for (let n = 1; n <= count; n++) await publish(tenant, n)
  return { comet, tenant }
}

async function publish(tenant: Tenant, n: number): Promise<void> {
  await tenant.publish({ pipe: 'news', event: '', text: String(n) })
}

interface State {
  readonly epoch: string
  readonly offset: number
  readonly recovered?: boolean
}

function stateOf({ data }: Message): State | undefined {
  return (data as { pipes: Record<string, State> }).pipes.news
}

async function epochOf(comet: TestComet): Promise<string> {
  const browser = comet.connect(v5)
  browser.command('subscription', 'news')
  return stateOf(await browser.next({ event: 'subscribed' }))?.epoch ?? ''
}

describe('protocol 5: subscription', () => {
  test('is answered with the position of each pipe that keeps history; others are left out', async (t) => {
    const { comet } = await keeping(t, 10, 3)
    const browser = comet.connect(v5)
    browser.command('subscription', 'news', 'other')
    const answer = await browser.next({ pipe: 'sys', event: 'subscribed' })
    assert.deepEqual(Object.keys((answer.data as { pipes: object }).pipes), ['news'])
    assert.deepEqual({ ...stateOf(answer), epoch: '' }, { epoch: '', offset: 3 })
    assert.deepEqual(browser.dataOf('news'), [])
  })

  test('messages have an id, and in a kept pipe the offset; older clients see neither', async (t) => {
    const { comet, tenant } = await keeping(t, 10, 0)
    const [browser, old] = [comet.connect(v5), comet.connect()]
    for (const page of [browser, old]) page.command('subscription', 'news', 'other')
    await browser.next({ event: 'subscribed' })
    await publish(tenant, 1)
    await tenant.publish({ pipe: 'other', event: '', text: 'x' })
    const kept = await browser.next({ pipe: 'news' })
    assert.equal(kept.offset, 1)
    assert.equal(kept.id, (await tenant.history.read('news'))[0]?.id)
    const other = await browser.next({ pipe: 'other' })
    assert.match(String(other.id), /^[0-9a-f-]{36}$/)
    assert.equal('offset' in other, false)
    assert.deepEqual(
      ['id', 'offset'].map((member) => member in (old.messages.find(({ pipe }) => pipe === 'news') ?? {})),
      [false, false],
    )
  })

  test('with a position sends what was missed, oldest first, then the answer, then what comes', async (t) => {
    const { comet, tenant } = await keeping(t, 10, 5)
    const epoch = await epochOf(comet)
    const browser = comet.connect(v5)
    browser.command('subscription', `news ${epoch} 2`)
    const answer = await browser.next({ event: 'subscribed' })
    assert.deepEqual(stateOf(answer), { epoch, offset: 5, recovered: true })
    await publish(tenant, 6)
    await browser.next({ data: '6' })
    const order = browser.messages
      .slice(1)
      .map(({ pipe, data, event, offset }) => (pipe === 'sys' ? event : [data, offset]))
    assert.deepEqual(order, ['recovering', ['3', 3], ['4', 4], ['5', 5], 'subscribed', ['6', 6]])
  })

  const gaps: readonly [what: string, position: (epoch: string) => string, sent: string[]][] = [
    ['the history is too short', (epoch) => `${epoch} 1`, ['4', '5', '6']],
    ['the numbering is another one', () => 'other 2', ['4', '5', '6']],
    ['the position is ahead of the pipe', (epoch) => `${epoch} 99`, []],
  ]
  for (const [what, position, sent] of gaps) {
    test(`says recovered:false where ${what}, and sends what there is`, async (t) => {
      const { comet } = await keeping(t, 3, 6)
      const epoch = await epochOf(comet)
      const browser = comet.connect(v5)
      browser.command('subscription', `news ${position(epoch)}`)
      assert.deepEqual(stateOf(await browser.next({ event: 'subscribed' })), { epoch, offset: 6, recovered: false })
      assert.deepEqual(browser.dataOf('news'), sent)
    })
  }

  test('what is published while the history is read comes once, in order, after the answer', async (t) => {
    const { comet, tenant } = await keeping(t, 100, 3)
    const epoch = await epochOf(comet)
    const { storage } = comet.host
    const read = storage.read.bind(storage)
    storage.read = async (...where) => {
      await publish(tenant, 4) // before the storage looks: in the history, and held back
      const log = await read(...where)
      await publish(tenant, 5) // after it: held back only
      return log
    }
    const browser = comet.connect(v5)
    browser.command('subscription', `news ${epoch} 1`)
    await browser.next({ event: 'subscribed' })
    storage.read = read
    await publish(tenant, 6)
    await browser.next({ data: '6' })
    assert.deepEqual(browser.dataOf('news'), ['2', '3', '4', '5', '6'])
  })

  test('a pipe that stays subscribed misses nothing and is not asked about again', async (t) => {
    const { comet, tenant } = await keeping(t, 10, 1)
    const browser = comet.connect(v5)
    browser.command('subscription', 'news')
    await browser.next({ event: 'subscribed' })
    browser.command('subscription', 'news x 0', 'more')
    assert.deepEqual((await browser.next({ event: 'subscribed' })).data, { pipes: {} })
    await publish(tenant, 2)
    await browser.next({ data: '2' })
    assert.deepEqual(browser.dataOf('news'), ['2'])
  })

  test('where the storage fails, nothing newer comes over what was missed: the client is to come back for all', async (t) => {
    const { comet, tenant } = await keeping(t, 10, 2)
    const epoch = await epochOf(comet)
    const browser = comet.connect(v5)
    await browser.settled()
    t.mock.method(comet.host.storage, 'read', () => Promise.reject(new Error('disk on fire')), { times: 1 })
    browser.command('subscription', `news ${epoch} 1`)
    await publish(tenant, 3)
    assert.equal((await browser.closed).code, 1012)
    assert.match(JSON.stringify(browser.messages.at(-1)), /COMET_ERR_INTERNAL/)
    assert.deepEqual(browser.dataOf('news'), [])
    assert.match(comet.log.join(), /disk on fire/)
    const again = comet.connect(v5)
    await again.subscribe(`news ${epoch} 1`)
    assert.deepEqual(again.dataOf('news'), ['2', '3'])
  })
})
