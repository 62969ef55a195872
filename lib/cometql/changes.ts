import type { NewMessage } from '../core/tenant.ts'
import type { PrivateMessage } from '../core/mailbox.ts'
import type { MaybePromise } from './maybe-promise.ts'
import type { KeptMessage, TenantView } from './tenant-view.ts'

/** The values that have a key, by what they are. */
interface Keys {
  keep: string
  hash: number
  data: number
  token: string
}

interface Values {
  keep: number
  hash: string
  data: string
  token: true
}

export type KeyedKind = keyof Keys

/** A value set, or deleted where it is undefined. */
type KeyedChange<K extends KeyedKind> = {
  [Kind in K]: { readonly kind: Kind; readonly key: Keys[Kind]; readonly value: Values[Kind] | undefined }
}[K]

/** One thing that a transaction does at COMMIT. */
export type Change =
  | { readonly kind: 'publish'; readonly message: NewMessage; readonly time: number }
  | { readonly kind: 'send'; readonly userId: number; readonly message: PrivateMessage }
  | { readonly kind: 'clearHistory'; readonly pipe: string }
  | { readonly kind: 'deleteMessage'; readonly id: string; readonly pipe: string }
  | { readonly kind: 'clearMailbox'; readonly userId: number }
  | KeyedChange<KeyedKind>

/** Does to the tenant what `change` says. */
export function apply(change: Change, tenant: TenantView): MaybePromise<unknown> {
  switch (change.kind) {
    case 'publish':
      return tenant.publish(change.message)
    case 'send':
      return tenant.sendToUser(change.userId, change.message)
    case 'clearHistory':
      return tenant.history.clear(change.pipe)
    case 'deleteMessage':
      return tenant.history.deleteMessage(change.id, change.pipe)
    case 'clearMailbox':
      return tenant.mailbox.clear(change.userId)
    default:
      return applyKeyed(change, tenant)
  }
}

function applyKeyed(change: KeyedChange<KeyedKind>, { history, credentials, userData }: TenantView): Promise<unknown> {
  switch (change.kind) {
    case 'keep':
      return change.value === undefined ? history.dropKeep(change.key) : history.setKeep(change.key, change.value)
    case 'hash':
      return change.value === undefined
        ? credentials.deleteHashes([change.key])
        : credentials.setHash(change.key, change.value)
    case 'data':
      return change.value === undefined ? userData.delete([change.key]) : userData.set(change.key, change.value)
    case 'token':
      return change.value === undefined ? credentials.unrevoke([change.key]) : credentials.revoke(change.key)
  }
}

/** What `stored` would be after `changes`; of the keys `asked`, or of all. */
export function withChanges<K extends KeyedKind>(
  stored: ReadonlyMap<Keys[K], Values[K]>,
  changes: readonly Change[],
  kind: K,
  asked?: readonly Keys[K][],
): Map<Keys[K], Values[K]> {
  const result = new Map(stored)
  const wanted = asked && new Set(asked)
  for (const change of changes) {
    if (change.kind !== kind) continue
    const { key, value } = change as KeyedChange<KeyedKind> & { key: Keys[K]; value: Values[K] | undefined }
    if (wanted?.has(key) === false) continue
    if (value === undefined) result.delete(key)
    else result.set(key, value)
  }
  return result
}

/** What the history of `pipe` would be after `changes`; `keep` is how many messages it keeps before them. */
export function historyAfter(
  stored: readonly KeptMessage[],
  changes: readonly Change[],
  pipe: string,
  keep: number,
): readonly KeptMessage[] {
  let entries = [...stored]
  for (const change of changes) {
    if (change.kind === 'keep' && change.key === pipe) keep = change.value ?? 0
    else if (change.kind === 'clearHistory' && change.pipe === pipe) entries = []
    else if (change.kind === 'deleteMessage' && change.pipe === pipe) entries = without(entries, change.id)
    else if (change.kind === 'publish' && change.message.pipe === pipe) entries.push(entryOf(change, entries))
    else continue
    entries = keep === 0 ? [] : entries.slice(-keep)
  }
  return entries
}

function without(entries: readonly KeptMessage[], unwanted: string): KeptMessage[] {
  return entries.filter(({ id }) => id !== unwanted)
}

/** The id of a message that gets its own when it is published: ids are in the order of publishing. */
export const unknownId = ''

function entryOf({ message, time }: Extract<Change, { kind: 'publish' }>, before: readonly KeptMessage[]): KeptMessage {
  const { id = unknownId, event, text, json = false, userId = 0 } = message
  return { id, time, event, message: text, userId, json, seq: (before.at(-1)?.seq ?? 0) + 1 }
}
