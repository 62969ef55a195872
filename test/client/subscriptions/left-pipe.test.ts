import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CometServerApi } from '../../../lib/client/comet-server-api.ts'
import { fakeServer } from '../support/fake-server.ts'

/** Resolves when what the page changed has been sent. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

const late: Readonly<Record<string, object>> = {
  'a message': { pipe: 'news', event: '', data: 'late', id: 'n9', offset: 9 },
  'the answer to the subscription': {
    pipe: 'sys',
    event: 'subscribed',
    data: { pipes: { news: { epoch: 'a1', offset: 8 } } },
  },
}

for (const [what, line] of Object.entries(late)) {
  test(`${what} that comes when the page has left the pipe is not where it begins when it comes back`, async () => {
    const server = fakeServer()
    const api = new CometServerApi(server.environment)
    const listen = (): string => api.subscription('news', () => assert.fail('nobody listened then'))
    const id = listen()
    api.start()
    server.socket.welcome()
    api.unsubscription(id)
    await turn()
    server.socket.line(line)
    listen()
    await turn()
    assert.deepEqual(server.socket.received, ['subscription\nnews', 'subscription', 'subscription\nnews'])
  })
}
