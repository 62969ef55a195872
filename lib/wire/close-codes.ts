/**
 * Why the server closes a browser's connection. Clients reconnect after 1xxx and 4000 to 4499, and stay away after
 * 4500 and above: trying again would end the same way.
 */
export const closeCodes = {
  /** The server is stopping or restarting. */
  restart: 1012,
  /** A frame above the limit (RFC 6455, 7.4.1). */
  tooBig: 1009,
  /** Silent for too long. */
  timeout: 4000,
  /** Reads too slowly: more bytes wait for it than its budget. */
  slowConsumer: 4001,
  /** More connections than allowed for this user or address. */
  tooManyConnections: 4002,
  /** A binary frame: the protocol is text. */
  binary: 4500,
  /** The path lacks a part, or the origin is not allowed; the error message before it says which. */
  refused: 4501,
} as const
