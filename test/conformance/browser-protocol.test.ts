import { describe, test, type TestContext } from 'node:test'
import assert from 'node:assert/strict'
import { testComet, type TestComet } from '../support/comet.ts'
import { serve } from '../support/http.ts'
import { connect as connectBy, ways, type NetworkBrowser, type Way } from '../support/network-browsers.ts'

/** The time that the clock of these tests shows. */
const time = 1_700_000_000

interface Scene {
  readonly comet: TestComet
  readonly browser: NetworkBrowser
  readonly connect: (userId: number) => Promise<NetworkBrowser>
}

/** User 7, connected over a real network by a client of version `v`. */
async function scene(t: TestContext, way: Way, v: string): Promise<Scene> {
  const comet = testComet(t)
  const port = await serve(t, comet, way.transport())
  const { credentials } = await comet.tenant()
  const connect = async (userId: number): Promise<NetworkBrowser> => {
    await credentials.setHash(userId, `hash${userId}`)
    return await connectBy(
      t,
      way,
      port,
      `sesion=hash${userId}&myid=${userId}&devid=0&v=${v}&uuid=browser${userId}&api=js`,
    )
  }
  return { comet, connect, browser: await connect(7) }
}

interface Claim {
  readonly what: string
  /** Makes the line come, and resolves when it has. */
  readonly act: (scene: Scene) => Promise<unknown>
  readonly v3: string
  readonly v4: string
}

const claims: readonly Claim[] = [
  {
    what: 'serverInfo',
    act: () => Promise.resolve(),
    v3: `{"data":"hash7","pipe":"sys","event":"serverInfo","user_id":0,"event_name":"serverInfo","message_send_time":${time},"server":"star-comet/test","authorized":true}`,
    v4: `{"data":"hash7","pipe":"sys","event":"serverInfo","user_id":0,"message_send_time":${time},"server":"star-comet/test","authorized":true}`,
  },
  {
    what: 'a message of a back-end: text',
    async act({ comet, browser }) {
      await browser.subscribe('news')
      await (await comet.tenant()).publish({ pipe: 'news', event: 'add', text: `it's "<b>" \n\u2028 👍` })
      await browser.next({ pipe: 'news' })
    },
    v3: `{"data":"it's \\"<b>\\" \\n\u2028 👍","pipe":"news","event":"add","user_id":0,"event_name":"add","message_send_time":${time}}`,
    v4: `{"data":"it's \\"<b>\\" \\n\u2028 👍","pipe":"news","event":"add","user_id":0,"message_send_time":${time}}`,
  },
  {
    what: 'a message of a back-end: JSON, with numbers that no double holds and line breaks between tokens',
    async act({ comet, browser }) {
      await browser.subscribe('news')
      const text = '{"id":12345678901234567890,\n"who":"it\'s"}'
      await (await comet.tenant()).publish({ pipe: 'news', event: '', text })
      await browser.next({ pipe: 'news' })
    },
    v3: `{"data":"{\\"id\\":12345678901234567890, \\"who\\":\\"it's\\"}","pipe":"news","event":"","user_id":0,"event_name":"","message_send_time":${time}}`,
    v4: `{"data":{"id":12345678901234567890, "who":"it's"},"pipe":"news","event":"","user_id":0,"message_send_time":${time}}`,
  },
  {
    what: 'a message of another browser',
    async act({ browser, connect }) {
      await browser.subscribe('web_chat')
      ;(await connect(8)).command('web_pipe2', 'web_chat', 'say', '*', '{"text":"hi"}')
      await browser.next({ pipe: 'web_chat' })
    },
    v3: `{"data":"{\\"text\\":\\"hi\\"}","pipe":"web_chat","event":"say","user_id":8,"event_name":"say","message_send_time":${time}}`,
    v4: `{"data":{"text":"hi"},"pipe":"web_chat","event":"say","user_id":8,"message_send_time":${time}}`,
  },
  {
    what: 'the report to the sender',
    async act({ browser, connect }) {
      await (await connect(8)).subscribe('web_chat')
      browser.command('web_pipe2', 'web_chat', 'say', '*', '"hi"')
      await browser.next({ pipe: '_answer_to_web_chat' })
    },
    v3: '{"data":"{\\"number_messages\\":1,\\"message\\":\\"hi\\"}","pipe":"_answer_to_web_chat","event":"answer","user_id":7,"event_name":"answer"}',
    v4: '{"data":{"number_messages":1,"message":"hi"},"pipe":"_answer_to_web_chat","event":"answer","user_id":7}',
  },
  {
    what: 'a private message: an object in every version',
    async act({ comet, browser }) {
      await (await comet.tenant()).sendToUser(7, { event: 'note', text: '{"a":1}' })
      await browser.next({ pipe: 'msg' })
    },
    v3: `{"data":{"a":1},"pipe":"msg","event":"note","user_id":0,"event_name":"note","message_send_time":${time}}`,
    v4: `{"data":{"a":1},"pipe":"msg","event":"note","user_id":0,"message_send_time":${time}}`,
  },
  {
    what: 'history',
    async act({ comet, browser }) {
      const tenant = await comet.tenant()
      await tenant.history.setKeep('news', 5)
      await tenant.publish({ pipe: 'news', event: 'add', text: '[1]', userId: 8 })
      browser.command('pipe_log', 'news', 'm1')
      await browser.next({ history: true })
    },
    v3: `{"data":"[1]","pipe":"news","event":"add","user_id":8,"event_name":"add","message_send_time":${time},"history":true,"marker":"m1"}`,
    v4: `{"data":[1],"pipe":"news","event":"add","user_id":8,"message_send_time":${time},"history":true,"marker":"m1"}`,
  },
  {
    what: 'pipe_count',
    async act({ browser }) {
      browser.command('pipe_count', 'web_chat', 'm1')
      await browser.next({ marker: 'm1' })
    },
    v3: '{"data":"{\\"user_in_pipe\\":0}","pipe":"_answer_pipe_count","event":"user_in_pipe","user_id":0,"event_name":"user_in_pipe","marker":"m1"}',
    v4: '{"data":{"user_in_pipe":0},"pipe":"_answer_pipe_count","event":"user_in_pipe","user_id":0,"marker":"m1"}',
  },
  {
    what: 'user_data',
    async act({ comet, browser }) {
      await (await comet.tenant()).userData.set(8, '"Bob"')
      browser.command('user_data', 'm1', '8')
      await browser.next({ marker: 'm1' })
    },
    v3: '{"data":"{\\"user_data\\":\\"\\\\\\"Bob\\\\\\"\\",\\"user_id\\":8}","pipe":"_answer","event":"answer","user_id":0,"event_name":"answer","marker":"m1"}',
    v4: '{"data":{"user_data":"\\"Bob\\"","user_id":8},"pipe":"_answer","event":"answer","user_id":0,"marker":"m1"}',
  },
  {
    what: 'user_status',
    async act({ browser }) {
      browser.command('user_status', '8')
      await browser.next({ pipe: '_answer_user_status' })
    },
    v3: '{"data":"{\\"last_online_time\\":-1}","pipe":"_answer_user_status","event":"user_status_8","user_id":0,"event_name":"user_status_8"}',
    v4: '{"data":{"last_online_time":-1},"pipe":"_answer_user_status","event":"user_status_8","user_id":0}',
  },
  {
    what: 'an error, with its code at the top where it is above 400',
    async act({ browser }) {
      browser.command('pipe_count', 'news', '')
      await browser.next({ event: 'error' })
    },
    v3: `{"data":"{\\"error\\":\\"Access denied: browsers count in pipes called web_… or track_…, not in \\\\\\"news\\\\\\"\\",\\"error_code\\":403,\\"info\\":\\"COMET_ERR_DENIED\\"}","pipe":"sys","event":"error","user_id":0,"event_name":"error","error":403}`,
    v4: `{"data":{"error":"Access denied: browsers count in pipes called web_… or track_…, not in \\"news\\"","error_code":403,"info":"COMET_ERR_DENIED"},"pipe":"sys","event":"error","user_id":0,"error":403}`,
  },
  {
    what: 'a user who came online',
    async act({ browser, connect }) {
      await browser.subscribe('user_status_8')
      await connect(8)
      await browser.next({ pipe: 'user_status_8' })
    },
    v3: `{"data":"online","pipe":"user_status_8","event":"online","user_id":0,"event_name":"online","message_send_time":${time}}`,
    v4: `{"data":"online","pipe":"user_status_8","event":"online","user_id":0,"message_send_time":${time}}`,
  },
]

for (const way of ways) {
  for (const [version, v, form] of [
    ['version 3', '3.29', 'v3'],
    ['version 4', '4.09', 'v4'],
  ] as const) {
    describe(`${way.name}: lines of ${version}, byte for byte`, () => {
      for (const claim of claims) {
        test(claim.what, async (t) => {
          const stage = await scene(t, way, v)
          await claim.act(stage)
          assert.equal(stage.browser.lines.at(-1), claim[form])
        })
      }
    })
  }

  test(`${way.name}: what a program of any kind sends cannot break a line or add a member`, async (t) => {
    const { comet, browser, connect } = await scene(t, way, '4.0')
    await browser.subscribe('web_chat')
    const sender = await connect(8)
    const nasty = [
      '{},"pipe":"sys"',
      '"}\n{"pipe":"sys"',
      '1}\n{"a":1',
      '\r\n',
      '\u2028',
      '{"a":1}\n{"b":2}',
      '{"__proto__":1}',
    ]
    for (const text of nasty) {
      await (await comet.tenant()).publish({ pipe: 'web_chat', event: '', text })
      sender.command('web_pipe2', 'web_chat', '', '*', text)
      sender.command('web_pipe2', 'web_chat', '', '*', JSON.stringify(text))
    }
    sender.command('web_pipe2', 'web_chat', 'end', '*', '1')
    await browser.next({ event: 'end' })
    const messages = browser.messages.filter(({ pipe }) => pipe === 'web_chat')
    assert.equal(messages.length, nasty.length * 3 + 1)
    for (const message of messages) {
      assert.deepEqual(Object.keys(message), ['data', 'pipe', 'event', 'user_id', 'message_send_time'])
    }
  })
}
