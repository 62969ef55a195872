import type { Duplex } from 'node:stream'
import { TLSSocket, type SecureContext } from 'node:tls'

/** How a connection is encrypted, as OpenSSL calls that: `TLSv1.3`, `TLS_AES_256_GCM_SHA384`. */
export interface Tls {
  readonly version: string
  readonly cipher: string
}

/**
 * The server's side of TLS over `plain`, to which nobody listens any more. `rest` is what came right behind the request
 * for it: that belongs to the TLS stream, and to nobody else.
 */
export function encrypted(plain: Duplex, rest: Buffer, secureContext: SecureContext): TLSSocket {
  plain.pause() // a flowing stream without listeners would drop what is put back
  if (rest.length > 0) plain.unshift(rest)
  return new TLSSocket(plain, { isServer: true, secureContext })
}

/** How `socket` is encrypted, once it is. */
export function tlsOf(socket: TLSSocket): Tls {
  return { version: socket.getProtocol() ?? '', cipher: socket.getCipher().name }
}
