import type { Locks } from './tabs/locks.ts'
import type { AnyWebSocket } from './options.ts'
import { transportNames, type TransportName } from './transports/transport-name.ts'

/** What the client needs of the place where it runs. Tests hand in their own. */
export interface Environment {
  /** Each of these three is undefined where the platform has none. */
  readonly WebSocket?: WebSocketConstructor | undefined
  readonly EventSource?: EventSourceConstructor | undefined
  readonly fetch?: Fetch | undefined
  readonly BroadcastChannel?: typeof BroadcastChannel | undefined
  /** Undefined in old browsers, and in pages that came over plain http from another computer. */
  readonly locks?: Locks | undefined
  readonly clock: Clock
  /** From 0 to below 1. */
  random(): number
  /** 32 hexadecimal digits that nobody had before. */
  newUuid(): string
  /** Where the browser's uuid is kept, and which transport worked; undefined where the browser denies storage. */
  readonly storage?: Pick<Storage, 'getItem' | 'setItem'> | undefined
  /** The page. */
  readonly location?: { readonly protocol: string; readonly host: string } | undefined
  /** The address from which this script came. */
  readonly scriptUrl?: string | undefined
  /** Tells `online` and `pageshow`. */
  readonly window?: EventTarget | undefined
  /** Tells `visibilitychange`. */
  readonly document?: (EventTarget & { readonly visibilityState: string }) | undefined
  /** Takes what a callback of the page has thrown. */
  reportError(error: unknown): void
  /** Takes a line for the developer of the page. */
  print(text: string): void
}

/** Where time comes from. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number
  /** Calls `run` once, `ms` milliseconds from now. */
  setTimeout(run: () => void, ms: number): unknown
  clearTimeout(timer: unknown): void
}

/** As much of a WebSocket as the client uses. */
export interface WebSocketLike {
  onopen: ((event: Event) => void) | null
  onmessage: ((event: MessageEvent<unknown>) => void) | null
  onclose: ((event: CloseEvent) => void) | null
  onerror: ((event: Event) => void) | null
  send(text: string): void
  close(code?: number, reason?: string): void
}

/** Opens a WebSocket. */
export type WebSocketConstructor = new (url: string) => WebSocketLike

/** As much of an EventSource as the client uses. */
export interface EventSourceLike {
  onerror: ((event: Event) => void) | null
  addEventListener(name: string, listener: (event: MessageEvent<unknown>) => void): void
  close(): void
}

/** Opens a stream of Server-Sent Events. */
export type EventSourceConstructor = new (
  url: string,
  options: { readonly withCredentials: boolean },
) => EventSourceLike

/** As much of `fetch` as the client uses. */
export type Fetch = (url: string, init: RequestInit) => Promise<{ readonly status: number; json(): Promise<unknown> }>

/** The page in which the script runs. `scriptUrl`: see `Environment`. */
export function browserEnvironment(scriptUrl: string | undefined): Environment {
  const { EventSource, BroadcastChannel } = globalThis as Partial<typeof globalThis>
  return {
    ...bareEnvironment(WebSocket),
    EventSource,
    BroadcastChannel,
    locks: (navigator as Partial<Navigator>).locks,
    storage: localStorageIfAllowed(),
    location,
    scriptUrl,
    window,
    document,
  }
}

/**
 * Wherever the module runs: in a page, a worker or Node. `Socket` replaces the platform's WebSocket.
 * @throws TypeError where there is neither, and `transports` want one
 */
export function moduleEnvironment(
  Socket: AnyWebSocket | undefined,
  transports: readonly TransportName[] = transportNames,
): Environment {
  const own = 'WebSocket' in globalThis ? WebSocket : undefined
  const constructor = (Socket as WebSocketConstructor | undefined) ?? own
  if (constructor === undefined && transports.includes('websocket')) {
    throw new TypeError(
      'This platform has no WebSocket (Node has it since version 22): pass one as option "WebSocket", or name "transports" without it',
    )
  }
  const isPage = 'document' in globalThis
  return isPage ? { ...browserEnvironment(undefined), WebSocket: constructor } : bareEnvironment(constructor)
}

function bareEnvironment(Socket: WebSocketConstructor | undefined): Environment {
  return {
    WebSocket: Socket,
    fetch: (url, init) => fetch(url, init),
    clock: {
      now: () => Date.now(),
      setTimeout: (run, ms) => setTimeout(run, ms),
      clearTimeout: (timer) => clearTimeout(timer as number),
    },
    random: () => Math.random(),
    newUuid: randomUuid,
    reportError: throwLater,
    // The console is where the developer of a page looks; setLogLevel(0) keeps it clean.
    // eslint-disable-next-line no-console
    print: (text) => console.warn(text),
  }
}

function randomUuid(): string {
  // Not crypto.randomUUID(): pages served over plain http have none.
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

function localStorageIfAllowed(): Storage | undefined {
  try {
    return localStorage
  } catch {
    return undefined // Reading the property throws where the user has blocked storage.
  }
}

function throwLater(error: unknown): void {
  // Seen by window.onerror as any other mistake of the page, while the other callbacks go on.
  setTimeout(() => {
    throw error
  }, 0)
}
