import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Hello, HttpRoutes, RequestHandler, UpgradeHandler } from './transports/transport.ts'

/** The path at which the original is usually mounted; pages written for it name it, so it always works. */
const originalPath = '/comet-server'

const parameters = ['sesion', 'myid', 'devid', 'v', 'uuid'] as const

/** A path of ours: the name of the route, and what follows it. */
interface Match {
  readonly name: string
  /** undefined where nothing follows, not even a separator. */
  readonly rest: string | undefined
}

/** The paths that we serve below the path at which we are mounted. */
export class Routes implements HttpRoutes {
  readonly #path: string
  readonly #trustProxy: boolean
  readonly #upgrades = new Map<string, UpgradeHandler>()
  readonly #requests = new Map<string, RequestHandler>()

  /** `path` is '' or begins with a slash and does not end with one. */
  constructor(path: string, trustProxy: boolean) {
    this.#path = path
    this.#trustProxy = trustProxy
  }

  upgrade(name: string, handler: UpgradeHandler): void {
    this.#upgrades.set(name, handler)
  }

  request(name: string, handler: RequestHandler): void {
    this.#requests.set(name, handler)
  }

  /** Takes an upgrade of ours; false for one that is not. `path`: where we are mounted, if not where the options say. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, path = this.#path): boolean {
    const match = matchPath(request.url ?? '', path)
    const handler = match?.rest === undefined ? undefined : this.#upgrades.get(match.name)
    if (handler === undefined) return false
    handler(request, socket, head, this.#hello(request, match?.rest ?? ''))
    return true
  }

  /** Answers a request of ours; false for one that is not. */
  handleRequest(request: IncomingMessage, response: ServerResponse, path = this.#path): boolean {
    const match = matchPath(request.url ?? '', path)
    if (match === undefined) return false
    const handler = this.#requests.get(match.name)
    if (handler !== undefined) handler(request, response, this.#hello(request, match.rest ?? ''))
    else if (match.rest !== undefined && this.#upgrades.has(match.name)) upgradeRequired(response)
    else return false
    return true
  }

  #hello(request: IncomingMessage, rest: string): Hello {
    const { headers, socket } = request
    const [sesion, myid, devid, v, uuid] = parameters.map((name) => parameter(rest, name))
    const forwarded = this.#trustProxy ? forwardedAddress(request) : undefined
    const overTls = 'encrypted' in socket || (this.#trustProxy && headers['x-forwarded-proto'] === 'https')
    const ip = forwarded ?? (socket.remoteAddress ?? '').replace(/^::ffff:/, '')
    return { sesion, myid, devid, v, uuid, ip, secure: overTls, headers }
  }
}

/** `{path}/{name}`, `{path}/{name}/…` or `{path}/{name}?…`; extra slashes at the start are overlooked. */
function matchPath(url: string, path: string): Match | undefined {
  const clean = url.replace(/^\/+/, '/')
  const [first, second] = path === '' ? [originalPath, path] : [path, originalPath] // '' is a prefix of every path
  const below = stripPrefix(clean, first) ?? stripPrefix(clean, second)
  if (below === undefined) return undefined
  const end = below.search(/[/?]/)
  if (end === -1) return { name: below, rest: undefined }
  return { name: below.slice(0, end), rest: below.slice(end).replace(/^[/?]+/, '') }
}

function stripPrefix(url: string, prefix: string): string | undefined {
  return url.startsWith(`${prefix}/`) ? url.slice(prefix.length).replace(/^\/+/, '') : undefined
}

/** One of the parts `name=value` between `&`; `undefined` as a value is what old pages send for none. */
function parameter(rest: string, name: string): string | undefined {
  for (const part of rest.split(/[&?]/)) {
    if (!part.startsWith(`${name}=`)) continue
    const value = part.slice(name.length + 1)
    return value === 'undefined' || value === 'null' ? '' : decoded(value)
  }
  return undefined
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value // not encoded, then
  }
}

function forwardedAddress({ headers }: IncomingMessage): string | undefined {
  const forwarded = headers['x-forwarded-for'] ?? headers['x-real-ip']
  const first = (Array.isArray(forwarded) ? forwarded[0] : forwarded)?.split(',')[0]?.trim()
  return first === '' ? undefined : first
}

function upgradeRequired(response: ServerResponse): void {
  response.writeHead(426, { 'content-type': 'text/plain; charset=utf-8', upgrade: 'websocket', connection: 'upgrade' })
  response.end('This address speaks WebSocket: connect to it with CometServerApi.js\n')
}
