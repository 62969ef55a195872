import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CometServerApi } from '../../../lib/client/comet-server-api.ts'
import { settled } from '../support/fake-http.ts'
import { browser, message, twoTabs } from '../support/tabs.ts'

test('answers go to the tab that asked, also where its connection ended before', async () => {
  const { server, first, second } = await twoTabs()
  const answers: unknown[] = []
  first.api.subscription('_answer_pipe_count', () => answers.push('the wrong tab'))
  second.api.count_users_in_pipe('web_a', ({ data }) => answers.push(data))
  second.api.get_pipe_log('news')
  await settled()
  const [count = '', log = ''] = server.socket.received.slice(-2)
  const answer = { pipe: '_answer_pipe_count', event: 'user_in_pipe', data: 5, marker: count.split('\n')[2] }
  server.socket.line({ pipe: 'news', event: '', data: 'old', history: true, marker: log.split('\n')[2] })
  server.socket.line(answer)
  await settled()
  assert.deepEqual(answers, [5])
  assert.deepEqual([first.seen, second.seen], [[], ['old']])
})

test('what a tab asked before start comes to it, too', async () => {
  const { server, open } = browser()
  const answers: unknown[] = []
  const ask = (name: string) => (api: CometServerApi) => api.getUserData(7, ({ data }) => answers.push([name, data]))
  await open([], {}, {}, ask('first'))
  server.socket.welcome()
  await settled()
  await open([], {}, {}, ask('second'))
  const questions = server.socket.received.filter((command) => command.startsWith('user_data\n'))
  assert.equal(questions.length, 2)
  for (const [i, question] of questions.entries())
    server.socket.line({ pipe: '_answer', event: 'answer', data: i + 1, marker: question.split('\n')[1] })
  await settled()
  assert.deepEqual(answers, [
    ['first', 1],
    ['second', 2],
  ])
})

test('the history of a pipe in which the tab is not comes to who asked for it', async () => {
  const { server, first, second } = await twoTabs()
  for (const { api } of [first, second]) {
    const history: unknown[] = []
    api.get_pipe_log('talk', ({ data }) => history.push(data))
    await settled()
    const marker = server.socket.received.at(-1)?.split('\n')[2]
    server.socket.line({ pipe: 'talk', event: '', data: 'old', history: true, marker })
    await settled()
    assert.deepEqual(history, ['old'])
  }
})

test('a report goes to the tab that published, the message to the others', async () => {
  const { server, open } = browser()
  const tabs = []
  for (let i = 0; i < 3; i++) {
    tabs.push(await open(['web_chat', '#web_chat']))
    if (i === 0) server.socket.welcome()
  }
  tabs[1]?.api.web_pipe_send('web_chat', 'say', { text: 'hi' })
  await settled()
  assert.equal(server.socket.received.at(-1), 'web_pipe2\nweb_chat\nsay\n*\n{"text":"hi"}')
  const report = { number_messages: 0, message: { text: 'hi' } }
  server.socket.line({ pipe: '_answer_to_web_chat', event: 'answer', data: report, user_id: 7 })
  await settled()
  assert.deepEqual(
    tabs.map(({ seen }) => seen),
    [[{ text: 'hi' }], [report], [{ text: 'hi' }]],
  )
})

test('what a tab has published does not come again to any of them after a reconnect', async () => {
  const { server, open } = browser()
  const tabs = []
  for (let i = 0; i < 3; i++) {
    tabs.push(await open(['web_chat']))
    if (i > 0) continue
    server.socket.welcome()
    server.socket.line({ pipe: 'sys', event: 'subscribed', data: { pipes: { web_chat: { epoch: 'a1', offset: 0 } } } })
  }
  tabs[1]?.api.web_pipe_send('web_chat', 'hi')
  await settled()
  const report = { number_messages: 0, message: 'hi' }
  server.socket.line({ pipe: '_answer_to_web_chat', event: 'answer', data: report, id: 'w1' })
  await settled()
  server.socket.drop()
  server.clock.advance(5000)
  server.socket.welcome()
  server.socket.line({ pipe: 'web_chat', event: '', data: 'hi', id: 'w1', offset: 1 })
  await settled()
  assert.deepEqual(
    tabs.map(({ seen }) => seen),
    [['hi'], [], ['hi']],
  )
})

test('what a tab publishes while nobody leads is sent by the next leader, once', async () => {
  const { server, open, first, second } = await twoTabs()
  const third = await open([])
  first.crash()
  third.api.web_pipe_send('web_chat', 'e', 1)
  second.api.web_pipe_send('web_chat', 'e', 2)
  await settled()
  server.socket.welcome()
  await settled()
  const sent = server.sockets.flatMap(({ received }) => received).filter((command) => command.startsWith('web_pipe2'))
  assert.deepEqual(sent.sort(), ['web_pipe2\nweb_chat\ne\n*\n1', 'web_pipe2\nweb_chat\ne\n*\n2'])
})

test('what reaches the leader while the connection comes back is sent once', async () => {
  const { server, second } = await twoTabs()
  second.api.web_pipe_send('web_chat', 'e', 1)
  server.socket.drop()
  server.clock.advance(5000)
  server.socket.welcome()
  await settled()
  const sent = server.socket.received.filter((command) => command.startsWith('web_pipe2'))
  assert.deepEqual(sent, ['web_pipe2\nweb_chat\ne\n*\n1'])
})

test('after a reconnect no tab takes messages that are numbered anew for old ones', async () => {
  const { server, first, second } = await twoTabs()
  server.socket.line(message(5))
  await settled()
  server.socket.drop()
  server.clock.advance(5000)
  server.socket.welcome()
  server.socket.line(message(1))
  server.socket.line({
    pipe: 'sys',
    event: 'subscribed',
    data: { pipes: { news: { epoch: 'a2', offset: 1, recovered: false } } },
  })
  await settled()
  assert.deepEqual(
    [first.seen, second.seen],
    [
      [5, 1],
      [5, 1],
    ],
  )
})

test('a refusal to publish goes to the tab that tried', async () => {
  const { server, open } = browser()
  const tabs = []
  for (let i = 0; i < 2; i++) {
    tabs.push(await open(['sys.error']))
    if (i === 0) server.socket.welcome()
  }
  tabs[1]?.api.web_pipe_send('news', 'e', 1)
  await settled()
  const data = { error: 'Access denied', number_messages: -1 }
  server.socket.line({ pipe: 'sys', event: 'error', data })
  await settled()
  assert.deepEqual(
    tabs.map(({ seen }) => seen),
    [[], [data]],
  )
})

test('a tab that comes into a pipe in which others are goes on there when the leading tab ends', async () => {
  const { server, open, first, second } = await twoTabs()
  const third = await open([])
  server.socket.line(message(1))
  third.api.subscription('news', ({ data }) => third.seen.push(data))
  await settled()
  server.socket.line(message(2))
  await settled()
  for (const { crash } of [second, first]) crash()
  await settled()
  server.socket.welcome()
  await settled()
  assert.deepEqual(server.socket.received, ['subscription\nnews a1 2'])
  assert.deepEqual(third.seen, [2])
})

test('a message that comes when all tabs have left its pipe is for none of them where they begin again', async () => {
  const { server, first, second } = await twoTabs()
  for (const { api } of [first, second]) api.unsubscriptionAll()
  await settled()
  second.api.subscription('news', ({ data }) => second.seen.push(data))
  await settled()
  server.socket.line(message(9)) // on its way since before they left
  await settled()
  first.crash()
  await settled()
  server.socket.welcome()
  assert.deepEqual(server.socket.received, ['subscription\nnews'])
  assert.deepEqual(second.seen, [])
})

test('a tab whose position the next leader did not know in time is told of the gap', async () => {
  const { server, second } = await twoTabs()
  const gaps: string[] = []
  second.api.onGap((pipe) => gaps.push(pipe))
  server.socket.line({ pipe: 'sys', event: 'subscribed', data: { pipes: { news: { epoch: 'a1', offset: 3 } } } })
  await settled()
  assert.deepEqual(gaps, ['news'])
})

test('private messages are acknowledged once any tab listens to them, and none has to be loaded before they come', async () => {
  const { server, open, first, second } = await twoTabs()
  const personal = (n: number): void => server.socket.line({ pipe: 'msg', event: '', data: n, id: `m${n}` })
  const acks = (): string[] => server.socket.received.filter((command) => command.startsWith('ack'))
  personal(1)
  await settled()
  assert.deepEqual(acks(), [])
  const third = await open(['msg'])
  await settled()
  assert.deepEqual([third.seen, acks()], [[1], ['ack\nm1']])
  personal(2)
  await settled()
  assert.deepEqual([third.seen, first.seen, second.seen], [[1, 2], [], []])
  third.crash()
  await settled()
  personal(3)
  assert.deepEqual(acks(), ['ack\nm1', 'ack\nm2'])
  second.api.subscription('msg', ({ data }) => second.seen.push(data))
  await settled()
  assert.deepEqual([second.seen, acks().at(-1)], [[3], 'ack\nm3'])
})
