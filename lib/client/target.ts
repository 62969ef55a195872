import type { Environment } from './environment.ts'
import type { SessionTarget } from './link.ts'
import type { StartOptions } from './options.ts'
import { transportNames } from './transports/transport-name.ts'
import { serverUrls } from './transports/urls.ts'

/** Where and as whom `options` say to connect; `uuid` is that of the browser. */
export function targetOf(options: StartOptions, environment: Environment, uuid: string): SessionTarget {
  const { user_id = 0, user_key = '', dev_id = 0, getToken, oneSocket, withCredentials = false } = options
  return {
    servers: serverUrls(options, environment),
    userKey: user_key,
    userId: String(user_id),
    devId: String(dev_id),
    uuid: options.uuid ?? uuid,
    getToken,
    oneSocket,
    transports: options.transports ?? transportNames,
    withCredentials,
  }
}
