import type { TestContext } from 'node:test'
import { createCometServer, memory, type CometServer, type MemoryBrowser } from '../../lib/index.ts'

export const password = 'it\'s a "secret"'

/** Texts that must come through exactly. */
export const tricky =
  "quote ' double \" back \\ percent % _ newline \n tab \t Привет 😀 <b> '; DELETE FROM users_auth; --"

export const largest = 'x'.repeat(1024 * 1024)

/** The sentence for a message of one byte more. */
export const tooLong = 'message is too long: 1048577 bytes, the limit is 1048576'

export interface Served {
  readonly comet: CometServer
  readonly port: number
  /** A page that is subscribed to `news`. */
  readonly page: MemoryBrowser
  /** The data of the messages that the page got so far, once `count` have come. */
  readonly news: (count: number) => Promise<unknown[]>
}

/** A comet server with a CometQL port and one page; closed after the test. */
export async function serve(t: TestContext): Promise<Served> {
  const browsers = memory()
  const comet = createCometServer({ password, cometql: { port: 0 }, transports: [browsers] })
  t.after(() => comet.close())
  await comet.ready
  const page = browsers.connect()
  page.send('subscription\nnews')
  const data = (): unknown[] =>
    page.received.filter((message) => message.pipe === 'news').map((message) => message.data)
  const news = async (count: number): Promise<unknown[]> => {
    await page.next(() => data().length >= count)
    return data()
  }
  await page.next((message) => message.event === 'serverInfo')
  return { comet, port: comet.address()?.port ?? 0, page, news }
}
