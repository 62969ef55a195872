import { CometError, cometError } from '../../errors.ts'
import type { BrokerConnection } from '../../broker/broker.ts'
import { encodeEnvelope, type NodeItem } from './node-messages.ts'

/** A turn that gathered more than this is sent at once, so that no envelope is too long for an engine; in characters. */
const maxGathered = 256 * 1024

/** About how long an item is without its text, in characters. */
const itemSize = 200

interface Waiter {
  readonly resolve: () => void
  readonly reject: (error: CometError) => void
}

/** Gathers what this node says in one turn of the event loop and publishes it at its end. */
export class NodeSender {
  readonly #node: string
  readonly #connection: BrokerConnection
  #items: NodeItem[] = []
  #waiters: Waiter[] = []
  #size = 0
  #seq = 0
  #turnEnd: NodeJS.Immediate | undefined
  readonly #inFlight = new Set<Promise<void>>()

  constructor(node: string, connection: BrokerConnection) {
    this.#node = node
    this.#connection = connection
  }

  /** Says it at the end of the turn. If that fails nobody is told: the hole in the numbers tells the other nodes. */
  tell(item: NodeItem, size = 0): void {
    this.#items.push(item)
    this.#size += size + itemSize
    if (this.#size > maxGathered) this.#flush()
    else this.#turnEnd ??= setImmediate(() => this.#flush())
  }

  /**
   * The same; resolves when the engine has it.
   * @throws CometError COMET_ERR_BROKER
   */
  publish(item: NodeItem, size = 0): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      this.#waiters.push({ resolve, reject })
      this.tell(item, size)
    })
  }

  /** Sends what is gathered; resolves when the engine has everything, or did not take it. */
  async drained(): Promise<void> {
    this.#flush()
    await Promise.all(this.#inFlight)
  }

  #flush(): void {
    if (this.#turnEnd !== undefined) clearImmediate(this.#turnEnd)
    this.#turnEnd = undefined
    if (this.#items.length === 0) return
    const text = encodeEnvelope({ v: 1, node: this.#node, seq: ++this.#seq, items: this.#items })
    const waiters = this.#waiters
    this.#items = []
    this.#waiters = []
    this.#size = 0
    const sent = this.#connection.publish(text).then(
      () => {
        for (const { resolve } of waiters) resolve()
      },
      (error: unknown) => {
        for (const { reject } of waiters) reject(brokerError(error))
      },
    )
    this.#inFlight.add(sent)
    void sent.then(() => this.#inFlight.delete(sent))
  }
}

function brokerError(error: unknown): CometError {
  if (error instanceof CometError) return error
  return cometError('COMET_ERR_BROKER', { problem: error instanceof Error ? error.message : String(error) })
}
