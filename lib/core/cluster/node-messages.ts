import type { Entry } from '../../storage/storage.ts'

/** What others see of a session that is connected to another node. */
export interface RemoteInfo {
  /** Counted by the session's node. */
  readonly sid: number
  readonly uuid: string
  readonly userAgent: string
  readonly ip: string
  readonly origin: string
  readonly language: string
  /** Whether its client speaks protocol 5. */
  readonly hasPositions: boolean
}

/** All that others know of a session: 0 for no user. */
export interface SessionState extends RemoteInfo {
  readonly userId: number
  readonly pipes: readonly string[]
}

/** Something that concerns one tenant. */
export type TenantItem =
  /** A message for a pipe; with an offset where the pipe keeps history. */
  | { readonly kind: 'message'; readonly pipe: string; readonly entry: Entry; readonly offset?: number }
  /** A private message that is in the user's queue at `seq`. */
  | { readonly kind: 'private'; readonly userId: number; readonly entry: Entry; readonly seq: number }
  /** A setting of pipes_settings; null where it is deleted. */
  | { readonly kind: 'keep'; readonly pipe: string; readonly keep: number | null }
  /** Logins of the user end: those by the JWT `tokenId`, or all where it is ''. */
  | { readonly kind: 'logout'; readonly userId: number; readonly tokenId: string }
  /** A session has something to tell for the first time; those that have neither user nor pipes are forgotten. */
  | { readonly kind: 'enter'; readonly session: RemoteInfo }
  /** Who a session is, from now on: 0 for nobody. */
  | { readonly kind: 'user'; readonly sid: number; readonly userId: number }
  | { readonly kind: 'join' | 'part'; readonly sid: number; readonly pipe: string }

/** What a node says to the others. */
export type NodeItem =
  | (TenantItem & { readonly devId: number })
  /** All sessions of the node, in parts: what was known of them before counts no more. */
  | {
      readonly kind: 'state'
      readonly tenants: readonly TenantState[]
      readonly isFirst: boolean
      readonly isLast: boolean
    }
  /** A node has missed something: the one named, or all, are to tell their state. */
  | { readonly kind: 'ask'; readonly node?: string }
  /** The node lives. */
  | { readonly kind: 'beat' }
  /** The node ends, in good order. */
  | { readonly kind: 'bye' }

/** Some sessions of one tenant. */
export interface TenantState {
  readonly devId: number
  readonly sessions: readonly SessionState[]
}

/** What a node gathered in one turn of its event loop. */
export interface Envelope {
  /** The version of this form; others are not read. */
  readonly v: 1
  readonly node: string
  /** Growing by 1 from 1: a hole tells that something was missed. */
  readonly seq: number
  readonly items: readonly NodeItem[]
}

export function encodeEnvelope(envelope: Envelope): string {
  return JSON.stringify(envelope)
}

/** undefined for what is not ours, or of another version. */
export function decodeEnvelope(text: string): Envelope | undefined {
  try {
    const envelope = JSON.parse(text) as Partial<Envelope> | null
    return envelope?.v === 1 ? (envelope as Envelope) : undefined
  } catch {
    return undefined
  }
}
