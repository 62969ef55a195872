import * as closeCodes from '../../wire/close-codes.ts'
import type { Connect, Connection, ConnectionEvents } from '../transports/connection.ts'
import type { Clock } from '../environment.ts'

/** Begins a connection, and gives it up where the server has said nothing after `ms` milliseconds. */
export function connectWithin(ms: number, clock: Clock, events: ConnectionEvents, connect: Connect): Connection {
  const relax = (): void => clock.clearTimeout(timer)
  const connection = connect({
    opened: () => events.opened(),
    received(text) {
      relax()
      events.received(text)
    },
    closed(code, reason) {
      relax()
      events.closed(code, reason)
    },
  })
  const timer = clock.setTimeout(() => {
    connection.close()
    events.closed(closeCodes.timeout, 'the server is silent')
  }, ms)
  return {
    send: (text) => connection.send(text),
    close() {
      relax()
      connection.close()
    },
  }
}
