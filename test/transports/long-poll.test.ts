import { describe, test } from 'node:test'
import assert from 'node:assert/strict'
import { request } from 'node:http'
import { longPoll, type LongPollOptions } from '../../lib/transports/long-poll.ts'
import { testComet } from '../support/comet.ts'
import { fetchFrom, openRaw, readFrom, serve } from '../support/http.ts'
import { answerOf, PollBrowser, visitorParts, type PollAnswer } from '../support/http-browsers.ts'

const path = `/poll/${visitorParts}`

/** A session that the test polls by hand; its first answer was taken. */
async function open(port: number): Promise<PollAnswer> {
  return JSON.parse((await fetchFrom(port, path, {}, 'POST')).body) as PollAnswer
}

/** Polls; resolves to the answer. */
async function poll(port: number, session: string | undefined, seq: number | string): Promise<PollAnswer> {
  const { status, body } = await fetchFrom(port, `/poll/session=${session}&seq=${seq}`, {}, 'POST')
  assert.equal(status, 200, body)
  return JSON.parse(body) as PollAnswer
}

/** Sends commands in the name of a session. */
async function send(port: number, session: string | undefined, ...commands: readonly string[]): Promise<void> {
  const asked = request({ port, method: 'POST', path: `/send/session=${session}`, agent: false })
  asked.end(JSON.stringify(commands))
  assert.equal((await answerOf(asked)).status, 204)
}

const dataOf = ({ messages }: PollAnswer): unknown[] => messages.map((message) => (message as { data: unknown }).data)

describe('a session', () => {
  test('is opened by a poll that is answered with its id and who the browser is', async (t) => {
    const port = await serve(t, testComet(t), longPoll())
    const { headers, body } = await fetchFrom(port, path, {}, 'POST')
    assert.match(body, /^\{"session":"[\w-]{24}","seq":1,"messages":\[\{.*"event":"serverInfo".*\}\]\}$/)
    assert.equal(headers['content-type'], 'application/json')
    assert.equal(headers['cache-control'], 'no-store')
    assert.equal(headers['content-length'], String(body.length))
  })

  test('gets all that waits in one answer, numbered', async (t) => {
    const comet = testComet(t)
    const port = await serve(t, comet, longPoll())
    const { session } = await open(port)
    await send(port, session, 'subscription\nnews')
    const tenant = await comet.tenant()
    for (const text of ['1', '2', '{"a":3}']) {
      void tenant.publish({ pipe: 'news', event: '', text })
      comet.host.outbox.flush()
    }
    const answer = await poll(port, session, 1)
    assert.deepEqual(dataOf(answer).slice(-3), ['1', '2', { a: 3 }])
    assert.equal(answer.seq, 2)
    assert.equal(answer.session, undefined)
  })

  test('is held while there is nothing to tell, and then told so: the number stays', async (t) => {
    const port = await serve(t, testComet(t), longPoll({ waitMs: 20 }))
    const { session } = await open(port)
    assert.deepEqual(await poll(port, session, 1), { seq: 1, messages: [] })
    assert.deepEqual(await poll(port, session, 1), { seq: 1, messages: [] })
  })

  test('gets an answer again until it says that it has it', async (t) => {
    const comet = testComet(t)
    const port = await serve(t, comet, longPoll())
    const { session } = await open(port)
    await send(port, session, 'subscription\nnews', 'pipe_count\nweb_a\nm')
    const tenant = await comet.tenant()
    const publish = async (text: string): Promise<void> => {
      await tenant.publish({ pipe: 'news', event: '', text })
      comet.host.outbox.flush()
    }
    await publish('1')
    const first = await poll(port, session, 1)
    await publish('2')
    assert.deepEqual(await poll(port, session, 1), first)
    assert.deepEqual(await poll(port, session, 1), first)
    assert.deepEqual(dataOf(await poll(port, session, 2)), ['2'])
  })

  for (const seq of [0, 3, -1, 'x', '', '1e400']) {
    test(`answers 404 to the number ${seq}, which cannot be, and goes on`, async (t) => {
      const port = await serve(t, testComet(t), longPoll({ waitMs: 20 }))
      const { session } = await open(port)
      const { status } = await fetchFrom(port, `/poll/session=${session}&seq=${seq}`, {}, 'POST')
      assert.equal(status, 404)
      assert.deepEqual(await poll(port, session, 1), { seq: 1, messages: [] })
    })
  }

  test('has one poll at a time: the older one is answered 204', async (t) => {
    const comet = testComet(t)
    const port = await serve(t, comet, longPoll())
    const { session } = await open(port)
    const older = fetchFrom(port, `/poll/session=${session}&seq=1`, {}, 'POST')
    const newer = fetchFrom(port, `/poll/session=${session}&seq=1`, {}, 'POST')
    assert.equal((await Promise.race([older, newer])).status, 204)
    await send(port, session, 'pipe_count\nweb_a\nm')
    const answers = await Promise.all([older, newer])
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 204])
  })

  test('takes polls that a connection pipelines', async (t) => {
    const port = await serve(t, testComet(t), longPoll())
    const { session } = await open(port)
    const one = `POST /poll/session=${session}&seq=1 HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n`
    const body = JSON.stringify(['pipe_count\nweb_a\nm'])
    const send = `POST /send/session=${session} HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`
    const socket = await openRaw(t, port, one + one + send)
    const received = String(await readFrom(socket, (bytes) => bytes.toString().match(/HTTP\/1.1/g)?.length === 3))
    assert.deepEqual(
      [...received.matchAll(/HTTP\/1.1 (\d+)/g)].map(([, status]) => status),
      ['204', '200', '204'],
    )
  })

  test('ends where its browser has not polled for the time of the option', async (t) => {
    const comet = testComet(t)
    const port = await serve(t, comet, longPoll({ sessionTimeoutMs: 20 }))
    const { session } = await open(port)
    while (comet.host.sessions.size > 0) await new Promise(setImmediate)
    const disconnect = comet.events.find(([name]) => name === 'disconnect')
    assert.deepEqual(disconnect?.[2], { code: 4000, reason: 'no poll for 20 ms' })
    assert.equal((await fetchFrom(port, `/poll/session=${session}&seq=1`, {}, 'POST')).status, 404)
  })

  test('goes on after a poll that was cut off', async (t) => {
    const port = await serve(t, testComet(t), longPoll())
    const { session } = await open(port)
    const bytes = `POST /poll/session=${session}&seq=1 HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n`
    ;(await openRaw(t, port, bytes)).destroy()
    await send(port, session, 'pipe_count\nweb_a\nm')
    assert.equal((await poll(port, session, 1)).seq, 2)
  })

  test('ends where no other poll follows one that was cut off', async (t) => {
    const comet = testComet(t)
    const port = await serve(t, comet, longPoll({ sessionTimeoutMs: 50 }))
    const { session } = await open(port)
    const bytes = `POST /poll/session=${session}&seq=1 HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n`
    ;(await openRaw(t, port, bytes)).end()
    while (comet.host.sessions.size > 0) await new Promise(setImmediate)
    assert.match(JSON.stringify(comet.events), /no poll/)
  })

  test('whose opening was cut off ends at once: nobody knows its id', async (t) => {
    const comet = testComet(t, { authenticate: () => new Promise(() => undefined) })
    const port = await serve(t, comet, longPoll())
    const head = `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n`
    const socket = await openRaw(t, port, head + 'x'.repeat(200_000)) // what nobody reads must not hide the end
    while (comet.host.sessions.size === 0) await new Promise(setImmediate)
    socket.destroy()
    while (comet.host.sessions.size > 0) await new Promise(setImmediate)
  })

  test('that the browser leaves ends at once; its poll is answered', async (t) => {
    const comet = testComet(t)
    const port = await serve(t, comet, longPoll())
    const { session } = await open(port)
    const held = fetchFrom(port, `/poll/session=${session}&seq=1`, {}, 'POST')
    assert.equal((await fetchFrom(port, `/send/session=${session}&close=1`, {}, 'POST')).status, 204)
    assert.ok([204, 404].includes((await held).status ?? 0))
    assert.deepEqual(comet.events.find(([name]) => name === 'disconnect')?.[2], {
      code: 1001,
      reason: 'the browser left',
    })
  })

  test('that reads too slowly is told so after what it had; the budget counts what waits', async (t) => {
    const comet = testComet(t, { limits: { maxBufferedBytes: 1000 } })
    const port = await serve(t, comet, longPoll())
    const { session } = await open(port)
    await send(port, session, 'subscription\nnews')
    const tenant = await comet.tenant()
    for (let i = 0; i < 4; i++) {
      void tenant.publish({ pipe: 'news', event: '', text: `${i}`.padEnd(800) })
      comet.host.outbox.flush()
    }
    assert.equal(comet.host.sessions.size, 0)
    const answer = await poll(port, session, 1)
    assert.deepEqual(answer.close, { code: 4001, reason: 'reads too slowly' })
    assert.deepEqual(
      dataOf(answer)
        .slice(1)
        .map(String)
        .map((data) => data.trim()),
      ['0', '1'],
    )
    assert.deepEqual(await poll(port, session, 1), answer)
  })

  test('has taken what it acknowledged: an unread queue is forgotten then, not before', async (t) => {
    const comet = testComet(t)
    const tenant = await comet.tenant()
    await tenant.credentials.setHash(7, 'hash7')
    await tenant.sendToUser(7, { event: '', text: 'waited' })
    const port = await serve(t, comet, longPoll())
    const parts = 'sesion=hash7&myid=7&devid=0&v=4.0'
    const { session, seq, messages } = JSON.parse(
      (await fetchFrom(port, `/poll/${parts}`, {}, 'POST')).body,
    ) as PollAnswer
    const last = messages.length === 2 ? seq : (await poll(port, session, seq)).seq
    assert.equal((await tenant.mailbox.waiting(7)).length, 1)
    void fetchFrom(port, `/poll/session=${session}&seq=${last}`, {}, 'POST').catch(() => undefined)
    while ((await tenant.mailbox.waiting(7)).length > 0) await new Promise(setImmediate)
  })
})

test('more sessions than the limit are refused with an error that the page hears', async (t) => {
  const comet = testComet(t)
  const port = await serve(t, comet, longPoll({ maxSessions: 1 }))
  const { session } = await open(port)
  const { close, messages, session: none } = await open(port)
  assert.equal(none, '')
  assert.deepEqual(close, { code: 4002, reason: 'COMET_ERR_LIMIT' })
  assert.match(
    JSON.stringify(messages),
    /1 sessions of long polling: that is the limit \(longPoll\.maxSessions\).*"error":429/,
  )
  await fetchFrom(port, `/send/session=${session}&close=1`, {}, 'POST')
  assert.notEqual((await open(port)).session, '')
})

test('sessions that are refused take no places: others come in', async (t) => {
  const comet = testComet(t, { strict: true, keys: { 0: 'secret' } })
  const port = await serve(t, comet, longPoll({ maxSessions: 1 }))
  for (let i = 0; i < 3; i++) {
    const refused = await fetchFrom(port, '/poll/sesion=&myid=&devid=7&v=5.0', {}, 'POST')
    assert.match(refused.body, /COMET_ERR_NO_DEV_ID/)
  }
  assert.notEqual((await open(port)).session, '')
})

describe('close', () => {
  test('answers every poll with what waits and 1012, forgets every session, and leaves no timer', async (t) => {
    const comet = testComet(t)
    const transport = longPoll()
    const port = await serve(t, comet, transport)
    const browser = await PollBrowser.connect(t, { port })
    await browser.subscribe('news')
    const { session } = await open(port)
    await comet.tenant().then((tenant) => tenant.publish({ pipe: 'news', event: '', text: 'last' }))
    comet.host.outbox.flush()
    await transport.close()
    assert.deepEqual(await browser.closed, { code: 1012, reason: 'the server is stopping' })
    assert.deepEqual(browser.dataOf('news'), ['last'])
    assert.equal(comet.host.sessions.size, 0)
    assert.equal((await fetchFrom(port, `/poll/session=${session}&seq=1`, {}, 'POST')).status, 404)
    assert.equal((await fetchFrom(port, path, {}, 'POST')).status, 503)
    assert.equal(process.getActiveResourcesInfo().filter((what) => what === 'Timeout').length, 0)
  })

  test('of a transport that was never started does nothing', () => longPoll().close())
})

describe('options', () => {
  for (const [options, message] of [
    [{ waitMs: 0 }, 'Option "longPoll.waitMs" is 0; it must be a number from 1 to 2147483647'],
    [{ maxSessions: '9' }, 'Option "longPoll.maxSessions" is 9; it must be a number from 1 to 2147483647'],
    [
      { wait: 1 },
      'Option "longPoll.wait" is not known; it must be one of waitMs, sessionTimeoutMs, maxSessions, maxBodyBytes, bodyTimeoutMs',
    ],
  ] as const) {
    test(message, () => {
      assert.throws(() => longPoll(options as LongPollOptions), { code: 'COMET_ERR_OPTION', message })
    })
  }
})
