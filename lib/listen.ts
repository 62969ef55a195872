import type { AddressInfo } from 'node:net'
import type { MysqlServer } from './mysql-server-protocol-lite/index.ts'

const defaultPort = 3307
const defaultHost = '127.0.0.1'

/**
 * Lets `server` listen for back-ends.
 * @throws Error with a sentence that says why the port cannot be had, and what to do
 */
export async function listen(
  server: MysqlServer,
  { port = defaultPort, host = defaultHost } = {},
): Promise<AddressInfo> {
  try {
    return await server.listen({ port, host })
  } catch (error) {
    throw new Error(problem(error, port, host), { cause: error })
  }
}

function problem(error: unknown, port: number, host: string): string {
  const { code, message } = error as NodeJS.ErrnoException
  const what = `The CometQL port ${port} on ${host} cannot be opened`
  switch (code) {
    case 'EADDRINUSE':
      return `${what}: something else listens there; choose another one with the option cometql.port`
    case 'EACCES':
      return `${what}: this user may not use it; take one above 1023 with the option cometql.port`
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${what}: this machine has no such address; choose one with the option cometql.host`
    default:
      return `${what}: ${message}`
  }
}
