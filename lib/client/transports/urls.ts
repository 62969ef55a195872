import type { Environment } from '../environment.ts'
import type { StartOptions } from '../options.ts'

/** The version of the protocol that this client speaks (browser protocol, "Protocol 5"). */
const version = '5.0'

/** Who connects. */
export interface Hello {
  readonly userKey: string
  readonly userId: string
  readonly devId: string
  readonly uuid: string
}

/** Whether to use TLS: as the options say; else as the page does, or, where it serves us, the script. */
export function usesTls({ wss, node, nodes }: StartOptions, { location, scriptUrl }: Environment): boolean {
  if (wss !== undefined) return wss
  if (location?.protocol === 'https:') return true
  return nodeList(node, nodes).length === 0 && scriptUrl?.startsWith('https:') === true
}

/** The addresses of the servers, each as in "wss://host/prefix". Empty where neither options nor page name a host. */
export function serverUrls(options: StartOptions, environment: Environment): string[] {
  const nodes = nodeList(options.node, options.nodes)
  const scheme = usesTls(options, environment) ? 'wss:' : 'ws:'
  return (nodes.length > 0 ? nodes : defaultNodes(environment)).map((node) => `${scheme}//${node}`)
}

/** The options for servers at `urls`, such as "https://host/prefix". @throws TypeError where one is no such address */
export function nodesOf(urls: string | readonly string[] | undefined): Pick<StartOptions, 'node' | 'wss'> {
  const nodes = urls === undefined ? [] : [urls].flat()
  for (const url of nodes)
    if (!/^(https?|wss?):\/\/[^/\s?#]+[^\s?#]*$/.test(url))
      throw new TypeError(`"${url}" is no address of a server: give "url" as in "https://example.com/push"`)
  return { node: nodes, wss: nodes[0] === undefined ? undefined : /^(https|wss):/.test(nodes[0]) }
}

/** The same server for requests: "https://host/prefix" for "wss://host/prefix". */
export function httpUrl(serverUrl: string): string {
  return serverUrl.replace(/^ws/, 'http')
}

/**
 * The address that opens a session: by `ws`, `sse` or `poll`. The parameters stand in the path, credentials too: such is
 * the protocol.
 */
export function sessionUrl(
  serverUrl: string,
  path: 'ws' | 'sse' | 'poll',
  { userKey, userId, devId, uuid }: Hello,
): string {
  const [sesion, myid, devid, id] = [userKey, userId, devId, uuid].map(encodeURIComponent)
  return `${serverUrl}/${path}/sesion=${sesion}&myid=${myid}&devid=${devid}&v=${version}&uuid=${id}&api=js`
}

/** The address for the commands of a session that is no WebSocket. `&close=1` after it ends the session. */
export function sendUrl(serverUrl: string, session: string): string {
  return `${serverUrl}/send/session=${encodeURIComponent(session)}`
}

/** The address for the answer after the `seq`th. */
export function pollUrl(serverUrl: string, session: string, seq: number): string {
  return `${serverUrl}/poll/session=${encodeURIComponent(session)}&seq=${seq}`
}

/** The nodes, without scheme and trailing slashes; pages also write "//host" and "https://host". */
function nodeList(...given: StartOptions['node'][]): string[] {
  return given
    .flatMap((nodes) => nodes ?? [])
    .map((node) => node.trim().replace(/^(\w+:)?\/\/|\/+$/g, ''))
    .filter((node) => node !== '')
}

function defaultNodes({ scriptUrl, location }: Environment): string[] {
  if (scriptUrl !== undefined && /^https?:/.test(scriptUrl)) {
    const { host, pathname } = new URL(scriptUrl)
    return [host + pathname.slice(0, pathname.lastIndexOf('/'))]
  }
  return nodeList(location?.host)
}
