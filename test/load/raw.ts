import { connect } from 'node:net'
import type { TestContext } from 'node:test'
import { createCometServer, type CometServer, type CometServerOptions } from '../../lib/index.ts'
import { password, RawClient } from '../mysql-server-protocol-lite/support.ts'

export interface Served {
  readonly comet: CometServer
  readonly port: number
}

/** A comet server with a CometQL port; closed after the test. */
export async function serve(t: TestContext, options: CometServerOptions = {}): Promise<Served> {
  const comet = createCometServer({ password, cometql: { port: 0 }, ...options })
  t.after(() => comet.close())
  await comet.ready
  return { comet, port: comet.address()?.port ?? 0 }
}

/** A client of packets over TCP, not greeted yet; its socket is destroyed after the test. */
export function connectRaw(t: TestContext, port: number): RawClient {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  t.after(() => socket.destroy())
  return new RawClient(socket)
}

/** A client that is logged in. */
export async function logIn(t: TestContext, port: number): Promise<RawClient> {
  const client = connectRaw(t, port)
  await client.greet()
  await client.login()
  return client
}
