import type { Abuse, Place } from './abuse.ts'
import { command, openBrowser } from './raw-browser.ts'
import { RawSockets } from './raw-socket.ts'

const everyMs = 4000

/** Many that are cut all at once, and come back all at once. */
export function storms({ port, sessions, random }: Place): Abuse {
  let sockets = new RawSockets()
  return {
    perSecond: 1000 / everyMs,
    step() {
      sockets.closeAll()
      sockets = new RawSockets()
      for (let n = 0; n < sessions; n++) {
        openBrowser(sockets, port, { version: 5 }, 2 * everyMs, (socket) =>
          // As a client that was here before: it names a position, which makes the server read the history.
          command(socket, ['subscription', 'soak0', `used${random.below(50)} 0 0`]),
        )
      }
    },
    leave: () => sockets.closeAll(),
  }
}
