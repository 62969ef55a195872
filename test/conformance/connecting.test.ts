import { createServer } from 'node:http'
import { describe, test, type TestContext } from 'node:test'
import assert from 'node:assert/strict'
import { createCometServer, memoryStorage, type CometServer, type Storage } from '../../lib/index.ts'
import { testComet } from '../support/comet.ts'
import { attach, fetchFrom, serve } from '../support/http.ts'
import { HttpBrowser } from '../support/http-browsers.ts'
import { connect, ways } from '../support/network-browsers.ts'

const visitor = 'sesion=&myid=&devid=0&v=5.0&uuid=&api=js'

/** A server with the transports that are the default, on a free port. */
async function node(t: TestContext, storage: Storage): Promise<{ comet: CometServer; port: number }> {
  const comet = createCometServer({ storage })
  const server = createServer((_request, response) => response.writeHead(404).end())
  return { comet, port: await attach(t, comet, server) }
}

for (const way of ways) {
  describe(way.name, () => {
    for (const [what, parts, origin, code] of [
      ['no sesion', 'myid=&devid=0&v=4.0', 'https://shop.example', 401],
      ['no myid', 'sesion=&devid=0&v=4.0', 'https://shop.example', 401],
      ['no devid', 'sesion=&myid=&v=4.0', 'https://shop.example', 406],
      ['no v', 'sesion=&myid=&devid=0', 'https://shop.example', 418],
      ['a foreign origin', visitor, 'https://evil.example', 423],
    ] as const) {
      test(`${what}: one error message with ${code}, then the end with 4501`, async (t) => {
        const port = await serve(t, testComet(t, { origins: ['https://shop.example'] }), way.transport())
        const browser = way.open(port, parts, { origin })
        t.after(() => browser.vanish())
        assert.equal((await browser.closed).code, 4501)
        assert.equal(browser.lines.length, 1)
        assert.equal(browser.messages[0]?.pipe, 'sys')
        assert.equal(browser.messages[0].error, code)
      })
    }

    test('a message as large as the limit, all of it quotes, goes both ways', async (t) => {
      const port = await serve(t, testComet(t), way.transport())
      const sender = await connect(t, way, port, visitor)
      const receiver = await connect(t, way, port, visitor)
      await receiver.subscribe('web_chat')
      const message = '"'.repeat(512 * 1024 - 1)
      sender.command('web_pipe2', 'web_chat', '', '*', JSON.stringify(message))
      assert.ok((await receiver.next({ pipe: 'web_chat' })).data === message)
    })

    test('commands are run in their order, answers come in theirs', async (t) => {
      const port = await serve(t, testComet(t), way.transport())
      const browser = await connect(t, way, port, visitor)
      const markers = Array.from({ length: 200 }, (_, i) => `m${i}`)
      for (const marker of markers) browser.command('pipe_count', 'web_a', marker)
      await browser.next({ marker: markers.at(-1) })
      assert.deepEqual(
        browser.messages.flatMap(({ marker }) => marker ?? []),
        markers,
      )
    })

    test('more commands than can wait end the session with a code that lets the page come back', async (t) => {
      const comet = testComet(t, { authorize: () => new Promise(() => undefined) })
      const browser = await connect(t, way, await serve(t, comet, way.transport()), visitor)
      browser.command('subscription', 'news')
      for (let i = 0; i < 1001; i++) browser.command('pipe_count', 'web_a', `m${i}`)
      assert.deepEqual(await browser.closed, { code: 4001, reason: 'sends more commands than can be run' })
      assert.equal(comet.host.sessions.size, 0)
    })

    test('a server that stops tells when to come back', async (t) => {
      const { comet, port } = await node(t, memoryStorage())
      const browser = await connect(t, way, port, visitor)
      await browser.subscribe('news')
      await fetchFrom(port, '/info') // so that a poll has come, too
      await comet.close({ drainMs: 1 })
      assert.deepEqual(await browser.closed, { code: 1012, reason: 'the server is stopping' })
      assert.deepEqual((await browser.next({ event: 'reconnect' })).data, { after: 0 })
    })

    test('what a page missed while its server was away, any other has for it', async (t) => {
      const storage = { ...memoryStorage(), close: () => Promise.resolve() } // keeps what it has
      const first = await node(t, storage)
      await first.comet.query("INSERT INTO pipes_settings (name, length) VALUES ('news', 100)")
      const before = await connect(t, way, first.port, visitor)
      before.command('subscription', 'news')
      const { data } = await before.next({ event: 'subscribed' })
      const { epoch } = (data as { pipes: { news: { epoch: string } } }).pipes.news
      for (let i = 1; i <= 50; i++) void first.comet.publish('news', '', i)
      await before.next({ data: 50 })
      for (let i = 51; i <= 60; i++) void first.comet.publish('news', '', i)
      await first.comet.close({ drainMs: 1 })
      const { code } = await before.closed
      assert.ok(code === 1012 || (code === 404 && way.name === 'long polling'), `${code}`) // between two polls

      const second = await node(t, storage)
      for (let i = 61; i <= 70; i++) await second.comet.publish('news', '', i)
      if (before instanceof HttpBrowser) {
        for (const path of [`/send/session=${before.session}`, `/poll/session=${before.session}&seq=1`]) {
          assert.equal((await fetchFrom(second.port, path, {}, 'POST')).status, 404)
        }
      }
      const after = await connect(t, way, second.port, visitor)
      const offset = before.messages.findLast(({ pipe }) => pipe === 'news')?.offset
      after.command('subscription', `news ${epoch} ${String(offset)}`)
      assert.deepEqual((await after.next({ event: 'subscribed' })).data, {
        pipes: { news: { epoch, offset: 70, recovered: true } },
      })
      void second.comet.publish('news', '', 71)
      await after.next({ data: 71 })
      assert.deepEqual(
        [...before.dataOf('news'), ...after.dataOf('news')],
        Array.from({ length: 71 }, (_, i) => i + 1),
      )
    })
  })
}
