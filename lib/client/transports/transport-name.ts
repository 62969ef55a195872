/** The ways to a server, best first. Source: browser protocol, "Connecting" and "Fallback transports". */
export const transportNames = ['websocket', 'sse', 'polling'] as const

/** WebSocket; Server-Sent Events with requests for what the page sends; long polling. */
export type TransportName = (typeof transportNames)[number]
