import { createServer, type Server, type ServerOptions } from 'node:http'
import type { TestContext } from 'node:test'
import { createCometServer, type CometServer, type CometServerOptions } from '../../lib/index.ts'
import { attach } from '../support/http.ts'

export interface Scene {
  readonly comet: CometServer
  readonly http: Server
  readonly port: number
}

/** A comet server on an http server of its own, both until the end of the test. */
export async function scene(
  t: TestContext,
  options: CometServerOptions = {},
  httpOptions: ServerOptions = {},
): Promise<Scene> {
  const comet = createCometServer(options)
  const http = createServer(httpOptions, (_, response) => response.end('the application'))
  return { comet, http, port: await attach(t, comet, http) }
}
