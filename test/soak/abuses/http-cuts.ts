import type { Socket } from 'node:net'
import type { Abuse, Place } from './abuse.ts'
import { pathOf } from './raw-browser.ts'
import { RawSockets } from './raw-socket.ts'

const lifeMs = 1500

/** Event streams and polls that are cut at any moment, bodies that end in the middle, polls that make no sense. */
export function httpCuts({ port, random }: Place): Abuse {
  const sockets = new RawSockets()
  const visitor = (): string => pathOf({ version: 4 + random.below(2), devId: random.below(3) })
  const soon = (): number => random.below(lifeMs)
  const subscription = JSON.stringify([`subscription\nweb_h${random.below(1000)}\nsoak1`])

  /** What to do with the id of a session. */
  const next: readonly ((id: string) => void)[] = [
    (id) => sockets.open(port, post(`/send/session=${id}`, subscription), soon()),
    (id) => sockets.open(port, post(`/send/session=${id}`, subscription, 5000), soon()), // the rest never comes
    (id) => sockets.open(port, post(`/send/session=${id}`, '{"no":"commands"}'), soon()),
    (id) => sockets.open(port, post(`/send/session=${id}&close=1`), soon()),
    (id) => sockets.open(port, post(`/poll/session=${id}&seq=1`), soon()),
    (id) => sockets.open(port, post(`/poll/session=${id}&seq=99`), soon()),
    (id) => [1, 2].forEach(() => sockets.open(port, post(`/poll/session=${id}&seq=1`), soon())),
    () => undefined,
  ]

  return {
    perSecond: 30,
    step() {
      const request = random.once(2) ? get(`/sse/${visitor()}`) : post(`/poll/${visitor()}`)
      whenNamed(sockets.open(port, request, soon()), (id) => {
        random.pick(next)(id)
        random.pick(next)(id)
      })
    },
    leave: () => sockets.closeAll(),
  }
}

function get(path: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`
}

function post(path: string, body = '', length = body.length): string {
  return `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${length}\r\n\r\n${body}`
}

/** Calls `run` with the id of the session, once the server has told it. */
function whenNamed(socket: Socket, run: (id: string) => void): void {
  let head = ''
  const look = (chunk: Buffer): void => {
    head += chunk.toString('latin1')
    const id = /"session":"([^"]+)"/.exec(head)?.[1]
    if (id === undefined && head.length <= 2000) return
    socket.off('data', look)
    socket.resume()
    if (id !== undefined) run(id)
  }
  socket.on('data', look)
}
