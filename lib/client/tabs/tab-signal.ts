import { memberOf } from '../server-message.ts'
import type { Call } from '../subscriptions/dispatch.ts'

/** A function of the page that takes signals. */
export type SignalCallback = (param: unknown, signal: string, isFromThisTab: boolean) => void

interface Slot {
  readonly id: string
  readonly signal: string
  readonly callback: SignalCallback
}

interface Signal {
  readonly signal: string
  readonly param: unknown
}

/** The name of the channel over which the tabs of one origin talk. */
const channelName = 'CometServerApi.tabSignal'

/**
 * Signals between the tabs of one browser, of pages of one origin. `emit` reaches this tab, `send_emit` the others,
 * `emitAll` all of them.
 */
export class TabSignal {
  readonly #BroadcastChannel: typeof BroadcastChannel | undefined
  readonly #call: Call
  /** Open only while somebody listens or sends: an open channel keeps a page from being cached. */
  #channel: BroadcastChannel | undefined
  #slots: readonly Slot[] = []
  #lastId = 0

  /** Without a `BroadcastChannel` signals stay in this tab. */
  constructor(Channel: typeof BroadcastChannel | undefined, call: Call) {
    this.#BroadcastChannel = Channel
    this.#call = call
  }

  /** `connect(signal, callback)` or `connect(slotId, signal, callback)`. Returns the slot's id. */
  connect(signal: string, callback: SignalCallback): string
  connect(slotId: string, signal: string, callback: SignalCallback): string
  connect(...args: [string, SignalCallback] | [string, string, SignalCallback]): string {
    const [id, signal, callback] = args.length === 2 ? [`slot_${++this.#lastId}`, ...args] : args
    this.disconnect(id, signal)
    this.#slots = [...this.#slots, { id, signal, callback }]
    this.#open()
    return id
  }

  /** Removes a slot; where it listens to several signals and `signal` is given, only from that one. */
  disconnect(slotId: string, signal?: string): void {
    this.#slots = this.#slots.filter((slot) => slot.id !== slotId || (signal !== undefined && slot.signal !== signal))
    if (this.#slots.length === 0) this.close()
  }

  /** Calls the slots of this tab. */
  emit(signal: string, param?: unknown): void {
    this.#deliver({ signal, param }, true)
  }

  /** Calls the slots of the other tabs. `param` is anything that can be cloned. @throws DataCloneError */
  send_emit(signal: string, param?: unknown): void {
    this.#open()?.postMessage({ signal, param })
    if (this.#slots.length === 0) this.close()
  }

  /** Calls the slots of all tabs. @throws DataCloneError */
  emitAll(signal: string, param?: unknown): void {
    this.emit(signal, param)
    this.send_emit(signal, param)
  }

  /** Lets the channel go. */
  close(): void {
    this.#channel?.close()
    this.#channel = undefined
  }

  #open(): BroadcastChannel | undefined {
    if (this.#channel === undefined && this.#BroadcastChannel !== undefined) {
      this.#channel = new this.#BroadcastChannel(channelName)
      this.#channel.onmessage = ({ data }: { readonly data: unknown }) => {
        if (isSignal(data)) this.#deliver(data, false)
      }
    }
    return this.#channel
  }

  #deliver({ signal, param }: Signal, isFromThisTab: boolean): void {
    for (const slot of this.#slots) if (slot.signal === signal) this.#call(slot.callback, param, signal, isFromThisTab)
  }
}

function isSignal(value: unknown): value is Signal {
  return typeof memberOf(value, 'signal') === 'string'
}
