import { checkEvent, checkLength, checkPipeName, checkUserId } from '../../core/names.ts'
import type { PrivateMessage } from '../../core/users/mailbox.ts'
import type { NewMessage, Published } from '../../core/tenant.ts'
import { cometError } from '../../errors.ts'
import {
  apply,
  historyAfter,
  isKeyed,
  KeyedChanges,
  settingsAfter,
  unknownId,
  type Change,
  type KeyedKind,
} from './changes.ts'
import type { KeptMessage, TenantView } from '../tenant-view.ts'
import { checkMessageSize, type MessageLimit } from '../expressions/text-size.ts'

/** What a transaction needs to know of the server. */
export interface TransactionOptions extends MessageLimit {
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

const maxIdLength = 36
/** No setting lets a pipe keep more. */
const maxKeep = 1000
/** As much as one transaction may hold back: changes, and characters of messages and other texts. */
const maxChanges = 100_000
const maxCharacters = 64 * 1024 * 1024
const maxSavepoints = 10_000
/** As long as MySQL's names are. */
const maxSavepointName = 64

/**
 * What was done since BEGIN. It looks like a tenant on which all of it happened, and the tenant itself knows nothing of
 * it until COMMIT. Mistakes are found when a statement runs, so that COMMIT has none.
 */
export class Transaction implements TenantView {
  readonly #tenant: TenantView
  readonly #options: TransactionOptions
  #changes: Change[] = []
  /** What they leave behind: a statement of many rows asks for each. */
  #keyed = new KeyedChanges()
  #characters = 0
  /** How many changes there were at each savepoint. */
  readonly #savepoints = new Map<string, number>()

  constructor(tenant: TenantView, options: TransactionOptions) {
    this.#tenant = tenant
    this.#options = options
  }

  /**
   * Does all of it, in order. Messages in a row start in one turn, so nobody else's come between those of one pipe.
   * Resolves to what each change resolved to.
   */
  async commit(): Promise<readonly unknown[]> {
    const changes = this.#changes
    this.#changes = []
    this.#keyed = new KeyedChanges()
    const outcomes: unknown[] = []
    for (let at = 0; at < changes.length;) {
      let end = at + 1
      while (end < changes.length && isMessage(changes[end]) && isMessage(changes[end - 1])) end++
      const run = changes.slice(at, end)
      outcomes.push(...(await Promise.all(run.map((change) => apply(change, this.#tenant)))))
      at = end
    }
    return outcomes
  }

  /**
   * Sets a savepoint; one of the same name moves here.
   * @throws CometError COMET_ERR_TOO_LONG, COMET_ERR_TOO_MANY_NAMES
   */
  savepoint(name: string): void {
    checkLength('savepoint', name, maxSavepointName)
    this.release(name)
    if (this.#savepoints.size >= maxSavepoints) {
      throw cometError('COMET_ERR_TOO_MANY_NAMES', { count: this.#savepoints.size + 1, limit: maxSavepoints })
    }
    this.#savepoints.set(name.toLowerCase(), this.#changes.length)
  }

  /** Undoes what was done since the savepoint; false if there is none of this name. */
  rollbackTo(name: string): boolean {
    const length = this.#savepoints.get(name.toLowerCase())
    if (length === undefined) return false
    for (const undone of this.#changes.splice(length)) this.#characters -= charactersOf(undone)
    this.#keyed = new KeyedChanges()
    for (const change of this.#changes) if (isKeyed(change)) this.#keyed.note(change)
    for (const [other, at] of this.#savepoints) if (at > length) this.#savepoints.delete(other)
    return true
  }

  /** Forgets a savepoint; false if there is none of this name. */
  release(name: string): boolean {
    return this.#savepoints.delete(name.toLowerCase())
  }

  publish(message: NewMessage): Published {
    checkPipeName(message.pipe)
    checkEvent(message.event)
    this.#checkSize(message.text)
    checkLength('id', message.id ?? '', maxIdLength)
    this.#note({ kind: 'publish', message, time: Math.floor(this.#options.now() / 1000) })
    return { receivers: 0 }
  }

  sendToUser(userId: number, message: PrivateMessage): void {
    checkUserId(userId)
    checkEvent(message.event)
    this.#checkSize(message.text)
    this.#note({ kind: 'send', userId, message })
  }

  audience(name: string): ReturnType<TenantView['audience']> {
    return this.#tenant.audience(name)
  }

  pipeNames(): Iterable<string> {
    return this.#tenant.pipeNames()
  }

  get presence(): TenantView['presence'] {
    return this.#tenant.presence
  }

  get history(): TenantView['history'] {
    const { history } = this.#tenant
    const settings = settingsAfter(history.settings, this.#keyed)
    return {
      settings,
      read: (pipe) => this.#read(pipe),
      setKeep: (pipe, length) => this.#set('keep', pipe, Math.min(length, maxKeep)),
      dropKeep: (pipe) => this.#delete('keep', [pipe], settings),
      clear: async (pipe) => this.#counted({ kind: 'clearHistory', pipe }, (await this.#read(pipe)).length),
      deleteMessage: (id, from) => this.#deleteMessage(id, from, [...settings.keys()]),
    }
  }

  get mailbox(): TenantView['mailbox'] {
    const { mailbox } = this.#tenant
    const waiting = async (userId: number): Promise<readonly KeptMessage[]> =>
      this.#changes.some((change) => change.kind === 'clearMailbox' && change.userId === userId)
        ? []
        : await mailbox.waiting(userId)
    return {
      waiting,
      clear: async (userId) => this.#counted({ kind: 'clearMailbox', userId }, (await waiting(userId)).length),
    }
  }

  get credentials(): TenantView['credentials'] {
    const { credentials } = this.#tenant
    const hashes = async (ids?: readonly number[]) => this.#keyed.after(await credentials.hashes(ids), 'hash', ids)
    const revoked = async (tokens?: readonly string[]) => {
      const stored = new Map((await credentials.revoked(tokens)).map((token) => [token, true] as const))
      return this.#keyed.after(stored, 'token', tokens)
    }
    return {
      hashes,
      setHash: (id, hash) => this.#set('hash', id, hash),
      deleteHashes: async (ids) => this.#delete('hash', ids, await hashes(ids)),
      revoked: async (tokens) => [...(await revoked(tokens)).keys()],
      revoke: (token) => this.#set('token', token, true),
      unrevoke: async (tokens) => this.#delete('token', tokens, await revoked(tokens)),
    }
  }

  get userData(): TenantView['userData'] {
    const { userData } = this.#tenant
    const get = async (ids?: readonly number[]) => this.#keyed.after(await userData.get(ids), 'data', ids)
    return {
      get,
      set: (id, data) => this.#set('data', id, data),
      delete: async (ids) => this.#delete('data', ids, await get(ids)),
    }
  }

  async #read(pipe: string): Promise<readonly KeptMessage[]> {
    const { history } = this.#tenant
    return historyAfter(await history.read(pipe), this.#changes, pipe, history.settings.get(pipe) ?? 0)
  }

  /** Where the pipe is not named, all that have the message are found here: COMMIT removes what this counts. */
  async #deleteMessage(id: string, from: string | undefined, pipes: readonly string[]): Promise<number> {
    if (id === unknownId) {
      throw cometError('COMET_ERR_NOT_IMPLEMENTED', { what: 'Deleting a message before the COMMIT that publishes it' })
    }
    let count = 0
    for (const pipe of from === undefined ? pipes : [from]) {
      const isThere = (await this.#read(pipe)).some((entry) => entry.id === id)
      if (isThere) count += this.#counted({ kind: 'deleteMessage', id, pipe }, 1)
    }
    return count
  }

  #set(kind: KeyedKind, key: string | number, value: string | number | true): Promise<void> {
    this.#note({ kind, key, value } as Change)
    return Promise.resolve()
  }

  /** Notes that `keys` are deleted; resolves to how many of them there are in `present`. */
  #delete(
    kind: KeyedKind,
    keys: readonly (string | number)[],
    present: { has(key: string | number): boolean },
  ): Promise<number> {
    let count = 0
    for (const key of new Set(keys)) {
      if (present.has(key)) count++
      this.#note({ kind, key, value: undefined } as Change)
    }
    return Promise.resolve(count)
  }

  /** Scripts that never commit are not unheard of: what waits is bounded. */
  #note(change: Change): void {
    const size = this.#characters + charactersOf(change)
    if (this.#changes.length >= maxChanges) {
      throw cometError('COMET_ERR_TOO_MANY_VALUES', { count: 'a transaction of more statements', limit: maxChanges })
    }
    if (size > maxCharacters) {
      throw cometError('COMET_ERR_TOO_LONG', { column: 'transaction', size, unit: 'characters', limit: maxCharacters })
    }
    this.#characters = size
    this.#changes.push(change)
    if (isKeyed(change)) this.#keyed.note(change)
  }

  #counted(change: Change, count: number): number {
    this.#note(change)
    return count
  }

  #checkSize(text: string): void {
    checkMessageSize('message', text, this.#options)
  }
}

/** What a change keeps of the client's texts. */
function charactersOf(change: Change): number {
  if (isMessage(change)) return change.message.text.length
  return 'value' in change ? String(change.key).length + String(change.value).length : 0
}

function isMessage(change: Change | undefined): change is Extract<Change, { kind: 'publish' | 'send' }> {
  return change?.kind === 'publish' || change?.kind === 'send'
}
