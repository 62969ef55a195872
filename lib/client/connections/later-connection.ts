import * as closeCodes from '../../wire/close-codes.ts'
import { abnormal, type Connection, type ConnectionEvents } from '../transports/connection.ts'

/** A connection whose address has to be waited for. `connect` may throw as a `Connect` does. */
export function connectLater<Part>(
  part: Promise<Part>,
  events: ConnectionEvents,
  connect: (part: Part) => Connection,
): Connection {
  let connection: Connection | undefined
  let isClosed = false
  const begin = (value: Part): void => {
    if (isClosed) return
    try {
      connection = connect(value)
    } catch (error) {
      events.closed(closeCodes.refused, String(error))
    }
  }
  const fail = (error: unknown): void => {
    if (!isClosed) events.closed(abnormal, `getToken failed: ${String(error)}`)
  }
  void part.then(begin, fail)

  return {
    send: (text) => connection?.send(text),
    close() {
      isClosed = true
      connection?.close()
    },
  }
}
