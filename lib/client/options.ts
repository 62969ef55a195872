import type { TransportName } from './transports/transport-name.ts'

/** A function of the page that gets the user's hash or token. */
export type GetToken = () => string | PromiseLike<string>

/** As much of a WebSocket's constructor as has the same type everywhere: in browsers, in Node, in the package `ws`. */
export type AnyWebSocket = new (url: string) => { send(text: string): void; close(): void }

/** Options of `start` and `restart`. All may be left out. */
export interface StartOptions {
  /** The tenant. Default 0. */
  readonly dev_id?: number | string | undefined
  /**
   * The user who is logged in. Default 0: a visitor. To be named where the application logs users in by cookies, too:
   * tabs that name the same user share one connection, and its login.
   */
  readonly user_id?: number | string | undefined
  /** The user's hash or JWT. Default: none. */
  readonly user_key?: string | undefined
  /**
   * Gives the hash or JWT instead of `user_key`: called at the start, again before it expires and when the server does
   * not take it. Default: none.
   */
  readonly getToken?: GetToken | undefined
  /** "host", "host:port" or "host/prefix", or several of them to choose from. Default: the host that served the script. */
  readonly node?: string | readonly string[] | undefined
  /** The same as `node`. */
  readonly nodes?: string | readonly string[] | undefined
  /** Whether to use TLS. Default: what the page uses. */
  readonly wss?: boolean | undefined
  /** Identifies the browser: up to 32 characters. Default: a random one, kept in localStorage. */
  readonly uuid?: string | undefined
  /** Whether all tabs of the browser share one connection, where the browser can do that. Default true. */
  readonly oneSocket?: boolean | undefined
  /** The transports that may be used; the order does not matter. Default: all three, the best that works. */
  readonly transports?: readonly TransportName[] | undefined
  /**
   * Whether fallbacks send cookies to a server of another origin, as WebSocket always does: for applications that log
   * users in by them. Default false.
   */
  readonly withCredentials?: boolean | undefined
  /** A text of the page's own, for `getCustomString()`. Default ''. */
  readonly custom_string?: string | undefined
}
