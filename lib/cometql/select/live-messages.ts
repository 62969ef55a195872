import type { Change } from '../../core/changes.ts'
import type { KeptMessage, TenantView } from '../tenant-view.ts'

/** As many messages of one pipe a waiting statement holds; the oldest go first. */
const maxHeld = 1000
/** Of all pipes together, in characters. */
const maxCharacters = 16 * 1024 * 1024

/**
 * A tenant as a waiting statement sees it: the messages that come while it waits are in the history also of pipes that
 * keep none.
 */
export class LiveMessages implements TenantView {
  readonly #view: TenantView
  readonly #held = new Map<string, KeptMessage[]>()
  #characters = 0

  constructor(view: TenantView) {
    this.#view = view
  }

  /** Takes a message along, if it is not in the history anyway. */
  note(change: Change): void {
    if (change.kind !== 'message' || this.#keeps(change.pipe)) return
    const held = this.#held.get(change.pipe) ?? []
    held.push({ ...change.entry, seq: 0 })
    this.#characters += change.entry.message.length
    // Put behind those of the other pipes: what is dropped is of the pipe in which nothing came for longest.
    this.#held.delete(change.pipe)
    this.#held.set(change.pipe, held)
    if (held.length > maxHeld) this.#drop(change.pipe, held)
    for (const [pipe, messages] of this.#held) {
      const fewest = pipe === change.pipe ? 1 : 0
      while (this.#characters > maxCharacters && messages.length > fewest) this.#drop(pipe, messages)
      if (this.#characters <= maxCharacters) break
    }
  }

  #drop(pipe: string, messages: KeptMessage[]): void {
    this.#characters -= messages.shift()?.message.length ?? 0
    if (messages.length === 0) this.#held.delete(pipe)
  }

  get history(): TenantView['history'] {
    const { history } = this.#view
    return {
      settings: history.settings,
      read: async (pipe) => (this.#keeps(pipe) ? await history.read(pipe) : (this.#held.get(pipe) ?? [])),
      setKeep: (pipe, length) => history.setKeep(pipe, length),
      dropKeep: (pipe) => history.dropKeep(pipe),
      clear: (pipe) => history.clear(pipe),
      deleteMessage: (id, from) => history.deleteMessage(id, from),
    }
  }

  get mailbox(): TenantView['mailbox'] {
    return this.#view.mailbox
  }

  get presence(): TenantView['presence'] {
    return this.#view.presence
  }

  get credentials(): TenantView['credentials'] {
    return this.#view.credentials
  }

  get userData(): TenantView['userData'] {
    return this.#view.userData
  }

  publish(...args: Parameters<TenantView['publish']>): ReturnType<TenantView['publish']> {
    return this.#view.publish(...args)
  }

  sendToUser(...args: Parameters<TenantView['sendToUser']>): ReturnType<TenantView['sendToUser']> {
    return this.#view.sendToUser(...args)
  }

  audience(name: string): ReturnType<TenantView['audience']> {
    return this.#view.audience(name)
  }

  pipeNames(): Iterable<string> {
    return this.#view.pipeNames()
  }

  #keeps(pipe: string): boolean {
    return (this.#view.history.settings.get(pipe) ?? 0) > 0
  }
}
