import { CometServerApi } from '../../../lib/client/comet-server-api.ts'
import type { StartOptions } from '../../../lib/client/options.ts'
import { FakeBrowser } from './fake-browser.ts'
import { settled } from './fake-http.ts'
import { fakeServer, type EnvironmentOptions } from './fake-server.ts'

/** A browser whose tabs connect to one server. */
export function browser() {
  const server = fakeServer()
  const browser = new FakeBrowser()
  return {
    server,
    /** Opens a tab that listens to `pipes`, and does `before` before its start; resolves when it has done what it can. */
    open: async (
      pipes: readonly string[],
      options: StartOptions = {},
      changes: EnvironmentOptions = {},
      before: (api: CometServerApi) => void = () => undefined,
    ) => {
      const { environment, crash } = browser.tab({ ...server.environment, ...changes })
      const api = new CometServerApi(environment)
      const seen: unknown[] = []
      for (const pipe of pipes) api.subscription(pipe, ({ data }) => seen.push(data))
      before(api)
      api.start(options)
      await settled()
      return { api, seen, crash }
    },
  }
}

/** Two tabs that listen to `news`, connected; the pipe keeps messages. */
export async function twoTabs() {
  const { server, open } = browser()
  const first = await open(['news'])
  server.socket.welcome()
  server.socket.line({ pipe: 'sys', event: 'subscribed', data: { pipes: { news: { epoch: 'a1', offset: 0 } } } })
  const second = await open(['news'])
  return { server, open, first, second }
}

/** The `n`th message of `news`. */
export const message = (n: number): object => ({ pipe: 'news', event: '', data: n, id: `n${n}`, offset: n })
