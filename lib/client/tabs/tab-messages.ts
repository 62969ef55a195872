import type { KnownPipe } from '../subscriptions/positions.ts'
import type { ServerMessage } from '../server-message.ts'

/** What the tabs that share a connection tell each other. `tab` is the sender, `to` the only tab meant. */
export type TabMessage =
  /** To the leader: a tab is here, or the leader is new to it. */
  | {
      readonly kind: 'hello'
      readonly tab: string
      readonly pipes: readonly string[]
      readonly positions: readonly KnownPipe[]
      readonly userKey: string
    }
  /** To the leader: the tab wants other pipes; it did not want those of `added` before. */
  | {
      readonly kind: 'pipes'
      readonly tab: string
      readonly pipes: readonly string[]
      readonly added: readonly string[]
    }
  /** To the leader: a command for the server. `n` counts the tab's commands. */
  | { readonly kind: 'send'; readonly tab: string; readonly n: number; readonly command: string }
  /** To the leader: a connection is likely to come up now, see wake-ups.ts. */
  | { readonly kind: 'wake'; readonly tab: string }
  /** To the leader: the tab leaves. */
  | { readonly kind: 'bye'; readonly tab: string }
  /** The sender holds the connection from now on. */
  | { readonly kind: 'leader'; readonly tab: string }
  /** The server has let us in, or says anew who we are, in `info`. To all, and to who says `hello` later. */
  | {
      readonly kind: 'connected'
      readonly tab: string
      readonly to?: string
      readonly info: ServerMessage
      readonly positions: readonly KnownPipe[]
    }
  /** The command `n` has been sent to the server. */
  | { readonly kind: 'took'; readonly tab: string; readonly to: string; readonly n: number }
  /** From the server: for one tab, for all but one, or for all. */
  | {
      readonly kind: 'message'
      readonly tab: string
      readonly to?: string
      readonly except?: string
      readonly message: ServerMessage
    }
  /** What all tabs want, as far as the leader knows: it knows `tabs`, without itself. */
  | {
      readonly kind: 'wanted'
      readonly tab: string
      readonly tabs: readonly string[]
      readonly pipes: readonly string[]
    }
  /** The connection ended; see LinkEvents. */
  | {
      readonly kind: 'lost'
      readonly tab: string
      readonly code: number
      readonly reason: string
      readonly retryMs: number | undefined
    }
