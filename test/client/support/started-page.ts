import { CometServerApi } from '../../../lib/client/comet-server-api.ts'
import { fakeServer, type EnvironmentOptions } from './fake-server.ts'

/** A page that has not connected yet. */
export function begin(options: EnvironmentOptions = {}) {
  const server = fakeServer(options)
  return { server, api: new CometServerApi(server.environment) }
}

/** A page that is connected. */
export function connected(options: EnvironmentOptions = {}) {
  const { server, api } = begin(options)
  api.start({ dev_id: 15 })
  server.socket.welcome()
  return { server, api }
}
