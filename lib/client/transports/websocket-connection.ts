import type { Connection, ConnectionEvents } from './connection.ts'
import type { WebSocketConstructor } from '../environment.ts'

/** Connects to `url`. @throws SyntaxError or SecurityError, as the browser does for an address it does not take. */
export function connectWebSocket(WebSocket: WebSocketConstructor, url: string, events: ConnectionEvents): Connection {
  const socket = new WebSocket(url)
  socket.onopen = () => events.opened()
  socket.onmessage = ({ data }) => {
    if (typeof data === 'string') events.received(data)
  }
  // A failure is an 'error', which tells nothing, and then a 'close'; the package ws throws an error that nobody takes.
  socket.onerror = () => undefined
  socket.onclose = ({ code, reason }) => events.closed(code, reason)

  return {
    send: (text) => socket.send(text),
    close() {
      socket.onopen = socket.onmessage = socket.onclose = null
      socket.close()
    },
  }
}
