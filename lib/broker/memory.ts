import { away } from './patience.ts'
import type { Broker, BrokerReceiver } from './broker.ts'

/**
 * Joins servers of one process: give the same broker to each of them, and storages that share what they keep. For tests of
 * applications that will run on several nodes.
 */
export function memoryBroker(): Broker {
  const receivers = new Set<BrokerReceiver>()
  let waiting: string[] = []

  const deliver = (): void => {
    const texts = waiting
    waiting = []
    for (const text of texts) for (const receiver of [...receivers]) receiver.message(text)
  }

  return {
    connect(receiver) {
      const own: BrokerReceiver = { message: (text) => receiver.message(text), gap: () => receiver.gap() }
      receivers.add(own)
      return Promise.resolve({
        publish(text) {
          if (!receivers.has(own)) return Promise.reject(away('the connection is closed'))
          waiting.push(text)
          if (waiting.length === 1) setImmediate(deliver) // not at once: it is as with an engine
          return Promise.resolve()
        },
        close() {
          receivers.delete(own)
          return Promise.resolve()
        },
      })
    },
  }
}
