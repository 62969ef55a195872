import type { NewMessage } from '../../core/tenant.ts'
import type { PrivateMessage } from '../../core/users/mailbox.ts'
import type { MaybePromise } from '../maybe-promise.ts'
import type { KeptMessage, PipeSettings, TenantView } from '../tenant-view.ts'

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

const noValues: ReadonlyMap<unknown, unknown> = new Map()

/** What keyed changes leave behind: the last value of each key, by what it is; undefined where it was deleted. */
export class KeyedChanges {
  readonly #values = new Map<KeyedKind, Map<unknown, unknown>>()

  note({ kind, key, value }: KeyedChange<KeyedKind>): void {
    const values = this.#values.get(kind) ?? new Map<unknown, unknown>()
    this.#values.set(kind, values.set(key, value))
  }

  has<K extends KeyedKind>(kind: K, key: Keys[K]): boolean {
    return this.#of(kind).has(key)
  }

  value<K extends KeyedKind>(kind: K, key: Keys[K]): Values[K] | undefined {
    return this.#of(kind).get(key)
  }

  /** Those that were set or deleted. */
  keys<K extends KeyedKind>(kind: K): Iterable<Keys[K]> {
    return this.#of(kind).keys()
  }

  /** What `stored` is after them; of the keys `asked`, or of all. Takes time for these only, however many changes there are. */
  after<K extends KeyedKind>(
    stored: ReadonlyMap<Keys[K], Values[K]>,
    kind: K,
    asked?: readonly Keys[K][],
  ): Map<Keys[K], Values[K]> {
    const result = new Map(stored)
    for (const key of asked ?? this.keys(kind)) {
      if (!this.has(kind, key)) continue
      const value = this.value(kind, key)
      if (value === undefined) result.delete(key)
      else result.set(key, value)
    }
    return result
  }

  #of<K extends KeyedKind>(kind: K): ReadonlyMap<Keys[K], Values[K] | undefined> {
    return (this.#values.get(kind) ?? noValues) as ReadonlyMap<Keys[K], Values[K] | undefined>
  }
}

/** The settings of pipes as `changes` leave them: nothing is copied until somebody wants all. */
export function settingsAfter(stored: PipeSettings, changes: KeyedChanges): PipeSettings {
  const get = (pipe: string): number | undefined =>
    changes.has('keep', pipe) ? changes.value('keep', pipe) : stored.get(pipe)
  return {
    get,
    has: (pipe) => get(pipe) !== undefined,
    keys: () => [...new Set([...stored.keys(), ...changes.keys('keep')])].filter((pipe) => get(pipe) !== undefined),
  }
}

export function isKeyed(change: Change): change is KeyedChange<KeyedKind> {
  return 'value' in change
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
