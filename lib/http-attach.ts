import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Server as HttpsServer } from 'node:https'
import type { Duplex } from 'node:stream'
import type { Routes } from './http-routes.ts'

/**
 * How we take our paths from a server. `intercept` (the default) looks at each request before the other listeners do, so
 * that it does not matter what else listens: an app that answers 404 to everything, or a WebSocket server that destroys
 * the upgrades it does not know. `listener` only adds a listener for upgrades; mount `comet.handler` for the rest.
 */
export type AttachMode = 'intercept' | 'listener'

const notFound = 'HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n'

/** Takes our paths from `server`, leaves the others alone; returns its own undo. */
export function attachTo(
  server: Server | HttpsServer,
  routes: Routes,
  path: string | undefined,
  mode: AttachMode,
): () => void {
  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    if (mode === 'listener' && routes.handleUpgrade(request, socket, head, path)) return
    // Nobody else listens, so nobody else will answer: without this the browser would wait for ever.
    if (server.listenerCount('upgrade') === 1) refuse(socket)
  }
  server.on('upgrade', onUpgrade) // Node upgrades only where somebody listens, so this is needed in both modes
  const restore = mode === 'intercept' ? intercept(server, routes, path) : () => undefined
  return () => {
    server.off('upgrade', onUpgrade)
    restore()
  }
}

/**
 * Node has taken its own listeners off the socket: without one of ours, a reset would end the process. It has taken its
 * timeouts off, too: a stranger who does not end his side would keep the connection.
 */
function refuse(socket: Duplex): void {
  socket.on('error', () => socket.destroy())
  socket.end(notFound, () => socket.destroy())
}

function intercept(server: Server | HttpsServer, routes: Routes, path: string | undefined): () => void {
  const emit = server.emit.bind(server) as (event: string | symbol, ...args: unknown[]) => boolean
  let isAttached = true
  const intercepted = (event: string | symbol, ...args: unknown[]): boolean => {
    if (isAttached && event === 'upgrade' && routes.handleUpgrade(...(args as [IncomingMessage, Duplex, Buffer]), path))
      return true
    if (isAttached && event === 'request' && routes.handleRequest(...(args as [IncomingMessage, ServerResponse]), path))
      return true
    return emit(event, ...args)
  }
  const before = Object.getOwnPropertyDescriptor(server, 'emit')
  server.emit = intercepted
  return () => {
    isAttached = false
    if (server.emit !== intercepted) return // somebody wrapped it after us: we only pass on from now
    if (before === undefined) delete (server as { emit?: unknown }).emit
    else Object.defineProperty(server, 'emit', before)
  }
}
