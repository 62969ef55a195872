import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { pageHeaders } from './transports/http-answers.ts'
import type { Hello, HttpRoutes, RequestHandler, UpgradeHandler } from './transports/transport.ts'

/** The path at which the original is usually mounted; pages written for it name it, so it always works. */
const originalPath = '/comet-server'

/** A path below the one at which we are mounted: the name of the route, and what follows it. */
interface Match {
  readonly name: string
  /** What ends the name; '' where nothing follows. */
  readonly separator: string
  readonly rest: string
}

/** The paths that we serve below the path at which we are mounted. */
export class Routes implements HttpRoutes {
  readonly #path: string
  readonly #trusted: number
  readonly #upgrades = new Map<string, UpgradeHandler>()
  readonly #requests = new Map<string, RequestHandler[]>()
  readonly #resources = new Map<string, RequestListener>()

  /** `path` is '' or begins with a slash and does not end with one; for `trustProxy` see the option of this name. */
  constructor(path: string, trustProxy: boolean | number) {
    this.#path = path
    this.#trusted = Number(trustProxy)
  }

  upgrade(name: string, handler: UpgradeHandler): void {
    this.#upgrades.set(name, handler)
  }

  request(name: string, handler: RequestHandler): void {
    const handlers = this.#requests.get(name)
    if (handlers === undefined) this.#requests.set(name, [handler])
    else handlers.push(handler)
  }

  /** Takes GET and HEAD of exactly `{path}/{name}`, with any query. */
  resource(name: string, handler: RequestListener): void {
    this.#resources.set(name, handler)
  }

  /** Takes an upgrade of ours; false for one that is not. `path`: where we are mounted, if not where the options say. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, path = this.#path): boolean {
    const match = matchPath(request.url ?? '', path)
    if (match === undefined || (match.separator !== '/' && !isAddressed(match))) return false
    const handler = this.#upgrades.get(match.name)
    if (handler === undefined) return false
    handler(request, socket, head, this.#hello(request, match.rest))
    return true
  }

  /** Answers a request of ours; false for one that is not. */
  handleRequest(request: IncomingMessage, response: ServerResponse, path = this.#path): boolean {
    const match = matchPath(request.url ?? '', path)
    if (match === undefined) return false
    const resource = this.#resourceOf(match, request.method)
    if (resource !== undefined) {
      resource(request, response)
      return true
    }
    const handlers = this.#requests.get(match.name)
    if (handlers === undefined || !(isAddressed(match) || parametersOf(match.rest).has('session'))) return false
    const hello = this.#hello(request, match.rest)
    const parameters = parametersOf(match.rest)
    const part = (name: string): string | undefined => parameters.get(name)
    if (!handlers.some((handler) => handler(request, response, hello, part))) unknownSession(request, response)
    return true
  }

  #resourceOf(match: Match, method: string | undefined): RequestListener | undefined {
    if (match.separator !== '/' && (method === 'GET' || method === 'HEAD')) {
      const resource = this.#resources.get(match.name)
      if (resource !== undefined) return resource
    }
    const isUpgrade = this.#upgrades.has(match.name) && !this.#requests.has(match.name)
    return isUpgrade && isAddressed(match) ? upgradeRequired : undefined
  }

  #hello(request: IncomingMessage, rest: string): Hello {
    const { headers, socket } = request
    const parameters = parametersOf(rest)
    const forwarded = (name: string): string | undefined => forwardedEntry(headers[name], this.#trusted)
    const ip = withoutPort(forwarded('x-forwarded-for') ?? forwarded('x-real-ip'))
    const host = forwarded('x-forwarded-host')
    return {
      sesion: parameters.get('sesion'),
      myid: parameters.get('myid'),
      devid: parameters.get('devid'),
      v: parameters.get('v'),
      uuid: parameters.get('uuid'),
      ip: ip ?? (socket.remoteAddress ?? '').replace(/^::ffff:/, ''),
      secure: 'encrypted' in socket || forwarded('x-forwarded-proto') === 'https',
      headers: host === undefined ? headers : { ...headers, host },
    }
  }
}

/** `{path}/{name}`, `{path}/{name}/…` or `{path}/{name}?…`; extra slashes at the start are overlooked. */
function matchPath(url: string, path: string): Match | undefined {
  const clean = url.replace(/^\/+/, '/')
  const [first, second] = path === '' ? [originalPath, path] : [path, originalPath] // '' is a prefix of every path
  const below = stripPrefix(clean, first) ?? stripPrefix(clean, second)
  if (below === undefined) return undefined
  const end = below.search(/[/?]/)
  if (end === -1) return { name: below, separator: '', rest: '' }
  return { name: below.slice(0, end), separator: below.charAt(end), rest: below.slice(end).replace(/^[/?]+/, '') }
}

/** Whether it has one of our parameters: without one, the path may be that of somebody else's WebSocket server. */
function isAddressed({ rest }: Match): boolean {
  const parameters = parametersOf(rest)
  return parameters.has('sesion') || parameters.has('myid') || parameters.has('devid')
}

function stripPrefix(url: string, prefix: string): string | undefined {
  return url.startsWith(`${prefix}/`) ? url.slice(prefix.length).replace(/^\/+/, '') : undefined
}

/** The parts `name=value` between `&`; the first of a name counts. */
function parametersOf(rest: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>()
  for (const part of rest.split(/[&?]/)) {
    const end = part.indexOf('=')
    const name = part.slice(0, end)
    if (end !== -1 && !parameters.has(name)) parameters.set(name, valueOf(part.slice(end + 1)))
  }
  return parameters
}

/** `undefined` is what old pages send for none. */
function valueOf(value: string): string {
  if (value === 'undefined' || value === 'null') return ''
  return value.includes('%') ? decoded(value) : value
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value // not encoded, then
  }
}

/**
 * What our own proxy wrote: each one appends to the list, so it is the last entry behind one, the last but one behind
 * two. Where the list is shorter, nobody but our proxies can have written its first entry.
 */
function forwardedEntry(header: string | string[] | undefined, trusted: number): string | undefined {
  if (trusted === 0 || header === undefined) return undefined
  const entries = String(header).split(',')
  const entry = entries[Math.max(0, entries.length - trusted)]?.trim()
  return entry === '' ? undefined : entry
}

/** Some proxies write the port, too: `192.0.2.7:50123`, `[2001:db8::7]:50123`. */
function withoutPort(address: string | undefined): string | undefined {
  return address?.replace(/^(\d+(?:\.\d+){3}):\d+$/, '$1').replace(/^\[(.*)\](:\d+)?$/, '$1')
}

function upgradeRequired(_request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(426, { 'content-type': 'text/plain; charset=utf-8', upgrade: 'websocket', connection: 'upgrade' })
  response.end('This address speaks WebSocket: connect to it with CometServerApi.js\n')
}

/**
 * The same for every id, so that it tells nothing; a page of any origin may read it, also one that sends cookies (which
 * `*` would not allow): it connects anew.
 */
function unknownSession(request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(404, {
    'content-type': 'text/plain; charset=utf-8',
    'cache-control': 'no-store',
    ...pageHeaders(request.headers.origin, 'user'),
  })
  response.end('There is no such session, or not any more: connect again\n')
}
