import type { KnownPipe } from '../subscriptions/positions.ts'
import type { ServerMessage } from '../server-message.ts'

/** What the tabs that share a connection tell each other. `tab` is the sender. */
export type TabMessage = TabNews & { readonly tab: string }

/** The same without the sender. It is for the tab `to`; or for all, but for the tab `except`. */
export type TabNews = News & { readonly to?: string | undefined; readonly except?: string | undefined }

type News =
  /** To the leader: a tab is here, or the leader is new to it. */
  | {
      readonly kind: 'hello'
      readonly pipes: readonly string[]
      readonly positions: readonly KnownPipe[]
      readonly userKey: string
    }
  /** To the leader: the tab wants other pipes; it did not want those of `added` before. */
  | {
      readonly kind: 'pipes'
      readonly pipes: readonly string[]
      readonly added: readonly string[]
    }
  /** To the leader: a command for the server. `n` counts the tab's commands. */
  | { readonly kind: 'send'; readonly n: number; readonly command: string }
  /** To the leader: a connection is likely to come up now, see wake-ups.ts. */
  | { readonly kind: 'wake' }
  /** To the leader: the tab leaves. */
  | { readonly kind: 'bye' }
  /** The sender holds the connection from now on. */
  | { readonly kind: 'leader' }
  /** The server has let us in, or says anew who we are, in `info`. To all, and to who says `hello` later. */
  | {
      readonly kind: 'connected'
      readonly info: ServerMessage
      readonly positions: readonly KnownPipe[]
    }
  /** The command `n` has been sent to the server. */
  | { readonly kind: 'took'; readonly n: number }
  /** From the server: for one tab, for all but one, or for all. */
  | {
      readonly kind: 'message'
      readonly message: ServerMessage
    }
  /** What all tabs want, as far as the leader knows: it knows `tabs`, without itself. */
  | {
      readonly kind: 'wanted'
      readonly tabs: readonly string[]
      readonly pipes: readonly string[]
    }
  /** The connection ended; see LinkEvents. */
  | {
      readonly kind: 'lost'
      readonly code: number
      readonly reason: string
      readonly retryMs: number | undefined
    }
