import type { Environment } from '../../../lib/client/environment.ts'
import type { Locks } from '../../../lib/client/tabs/locks.ts'

interface Waiting {
  readonly owner: object
  readonly grant: () => void
}

/** Locks and channels of one browser, for tabs in one process. Everything happens in a later turn, as in a real one. */
export class FakeBrowser {
  /** For each lock who has it, then who waits. */
  readonly #queues = new Map<string, Waiting[]>()
  readonly #channels = new Set<FakeChannel>()

  /** The environment of a new tab, and what ends it without a word. */
  tab(environment: Environment): { readonly environment: Environment; readonly crash: () => void } {
    const owner = {}
    const channels = this.#channels
    class BroadcastChannel extends FakeChannel {
      constructor(name: string) {
        super(name, owner, channels)
      }
    }
    return {
      environment: {
        ...environment,
        locks: this.#locks(owner),
        BroadcastChannel: BroadcastChannel as unknown as typeof globalThis.BroadcastChannel,
      },
      crash: () => {
        for (const channel of [...channels]) if (channel.owner === owner) channel.close()
        for (const name of this.#queues.keys()) this.#leave(name, (waiting) => waiting.owner === owner)
      },
    }
  }

  #locks(owner: object): Locks {
    return {
      request: (name, { signal }, whileHeld) =>
        new Promise((resolve, reject) => {
          let isHeld = false
          const grant = (): void => {
            isHeld = true
            void whileHeld().then(() => {
              this.#leave(name, (other) => other === waiting)
              resolve(undefined)
            })
          }
          const waiting = { owner, grant }
          signal.addEventListener('abort', () => {
            if (isHeld) return
            this.#leave(name, (other) => other === waiting)
            reject(new Error('AbortError'))
          })
          const queue = this.#queues.get(name) ?? []
          this.#queues.set(name, queue)
          queue.push(waiting)
          if (queue.length === 1) this.#grantFirst(name)
        }),
    }
  }

  #leave(name: string, isLeaving: (waiting: Waiting) => boolean): void {
    const queue = this.#queues.get(name) ?? []
    const first = queue[0]
    const rest = queue.filter((waiting) => !isLeaving(waiting))
    queue.splice(0, queue.length, ...rest)
    if (first !== undefined && first !== queue[0]) this.#grantFirst(name)
  }

  #grantFirst(name: string): void {
    const first = this.#queues.get(name)?.[0]
    queueMicrotask(() => {
      if (first !== undefined && this.#queues.get(name)?.[0] === first) first.grant()
    })
  }
}

class FakeChannel {
  onmessage: ((event: { readonly data: unknown }) => void) | null = null
  readonly owner: object
  readonly #name: string
  readonly #all: Set<FakeChannel>

  constructor(name: string, owner: object, all: Set<FakeChannel>) {
    this.#name = name
    this.owner = owner
    this.#all = all
    all.add(this)
  }

  postMessage(message: unknown): void {
    const text = structuredClone(message)
    for (const channel of this.#all) {
      if (channel === this || channel.#name !== this.#name) continue
      queueMicrotask(() => {
        if (this.#all.has(channel)) channel.onmessage?.({ data: text })
      })
    }
  }

  close(): void {
    this.#all.delete(this)
  }
}
