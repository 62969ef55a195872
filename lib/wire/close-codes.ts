/**
 * Why the server closes a browser's connection. Clients reconnect after 1xxx and 4000 to 4499, and stay away after
 * 4500 and above: trying again would end the same way.
 */

/** The server is stopping or restarting. */
export const restart = 1012
/** A frame above the limit (RFC 6455, 7.4.1). */
export const tooBig = 1009
/** Silent for too long. */
export const timeout = 4000
/** Reads too slowly: more bytes wait for it than its budget. */
export const slowConsumer = 4001
/** More connections than allowed for this user or address. */
export const tooManyConnections = 4002
/** A binary frame: the protocol is text. */
export const binary = 4500
/** The path lacks a part, or the origin is not allowed; the error message before it says which. */
export const refused = 4501

/** All of them. The browser client imports them one by one, and so has only those it names. */
export const closeCodes = { restart, tooBig, timeout, slowConsumer, tooManyConnections, binary, refused } as const
