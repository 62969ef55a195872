import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { testComet, type TestComet } from '../support/comet.ts'

const failure = new Error('the database is away')

/** A comet whose application fails to say what it allows in the pipe `web_bad`. */
function failing(t: TestContext, authorize: () => boolean | Promise<boolean>): TestComet {
  return testComet(t, { authorize: ({ pipe }) => (pipe === 'web_bad' ? authorize() : true) })
}

const answers: Readonly<Record<string, () => boolean | Promise<boolean>>> = {
  throws: () => {
    throw failure
  },
  rejects: () => Promise.reject(failure),
}

for (const [how, authorize] of Object.entries(answers)) {
  test(`where authorize ${how} for one pipe, the others of the subscription count`, async (t) => {
    const comet = failing(t, authorize)
    const tenant = await comet.tenant()
    await tenant.history.setKeep('news', 10)
    const browser = comet.connect({ v: '5.0' })
    await browser.subscribe('news', 'web_bad', 'sport')
    assert.deepEqual([...tenant.pipeNames()], ['news', 'sport'])
    await browser.next({ event: 'subscribed' })
    await tenant.publish({ pipe: 'news', event: '', text: 'hello' })
    await browser.next({ pipe: 'news', data: 'hello' })
    assert.match(comet.log.join(), /the database is away/)
  })

  test(`where authorize ${how}, who publishes or asks is told which of its commands failed`, async (t) => {
    const browser = failing(t, authorize).connect({ v: '5.0' })
    browser.command('web_pipe2', 'web_bad', '', '*', '1')
    const refused = await browser.next({ event: 'error' })
    browser.command('pipe_log', 'web_bad', 'q1')
    const { data } = await browser.next({ event: 'error', marker: 'q1' })
    const error = 'Internal error; the log of the server has the details'
    assert.deepEqual(refused.data, { error, number_messages: -1, error_code: 500, info: 'COMET_ERR_INTERNAL' })
    assert.deepEqual(data, { error, error_code: 500, info: 'COMET_ERR_INTERNAL' })
  })
}

test('where the storage cannot keep a message, who published it is told', async (t) => {
  const comet = testComet(t)
  await (await comet.tenant()).history.setKeep('web_chat', 10)
  t.mock.method(comet.host.storage, 'append', () => Promise.reject(failure))
  const browser = comet.connect({ v: '5.0' })
  browser.command('web_pipe2', 'web_chat', '', '*', '1')
  const { data } = await browser.next({ event: 'error' })
  assert.equal((data as { number_messages?: number }).number_messages, -1)
})
