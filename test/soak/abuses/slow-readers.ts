import type { Socket } from 'node:net'
import { createConnection, type Connection } from 'mysql2'
import type { Abuse, Place } from './abuse.ts'
import { command, openBrowser } from './raw-browser.ts'
import { RawSockets } from './raw-socket.ts'

const lifeMs = 6000
const most = 24
const floods = ['flood', 'newest_flood']
const floodBytes = 64 * 1024
/** How often one who reads slowly reads. */
const sipMs = 300

/** Some never read, some read a little now and then, of pipes in which much is said. */
export function slowReaders({ port, cometqlPort, password, random }: Place): Abuse {
  const sockets = new RawSockets()
  const message = 'x'.repeat(floodBytes)
  let connection: Connection | undefined
  const speak = (): void => {
    connection ??= createConnection({ host: '127.0.0.1', port: cometqlPort, user: 'root', password })
    const sql = "INSERT INTO pipes_messages (name, event, message) VALUES (?, 'add', ?)"
    connection.query(sql, [random.pick(floods), message], () => undefined) // it may end while some are under way
  }
  const slow = (socket: Socket): void => {
    command(socket, ['subscription', random.pick(floods)])
    socket.pause()
    if (random.once(2)) return // never reads
    const sip = setInterval(() => socket.once('data', () => socket.pause()).resume(), sipMs)
    socket.on('close', () => clearInterval(sip))
  }
  return {
    perSecond: 20,
    step() {
      if (sockets.size < most) openBrowser(sockets, port, { version: 4 + random.below(2) }, lifeMs, slow)
      speak()
    },
    leave() {
      sockets.closeAll()
      connection?.destroy()
      connection = undefined
    },
  }
}
