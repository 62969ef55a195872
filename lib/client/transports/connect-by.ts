import type { Connection, ConnectionEvents } from './connection.ts'
import type { Environment } from '../environment.ts'
import { EventSourceConnection } from './event-source-connection.ts'
import { HttpRequests } from './http-requests.ts'
import { PollingConnection } from './polling-connection.ts'
import type { TransportName } from './transport-name.ts'
import { httpUrl, sessionUrl, type Hello } from './urls.ts'
import { connectWebSocket } from './websocket-connection.ts'

/** Begins a connection to `server`, which is as in "wss://host/prefix". @throws where the platform cannot */
export function connectBy(
  name: TransportName,
  server: string,
  hello: Hello & { readonly withCredentials: boolean },
  environment: Environment,
  events: ConnectionEvents,
): Connection {
  const { WebSocket, EventSource } = environment
  if (name === 'websocket' && WebSocket !== undefined)
    return connectWebSocket(WebSocket, sessionUrl(server, 'ws', hello), events)
  const { withCredentials } = hello
  const requests = (): HttpRequests => new HttpRequests(environment, withCredentials)
  const way = (path: 'sse' | 'poll') => {
    const base = httpUrl(server)
    return { server: base, url: sessionUrl(base, path, hello), withCredentials }
  }
  if (name === 'sse' && EventSource !== undefined)
    return new EventSourceConnection(EventSource, way('sse'), requests(), events)
  return new PollingConnection(environment, way('poll'), requests(), requests(), events)
}
