import { CommandQueue } from './command-queue.ts'
import { abnormal, type Connection, type ConnectionEvents } from './connection.ts'
import type { EventSourceConstructor } from '../environment.ts'
import type { HttpRequests } from './http-requests.ts'
import { memberOf, parseJson } from '../server-message.ts'
import { sendUrl } from './urls.ts'

/** Server-Sent Events from `url`, and requests to `server` for commands. */
export function connectEventSource(
  EventSource: EventSourceConstructor,
  {
    server,
    url,
    withCredentials,
  }: { readonly server: string; readonly url: string; readonly withCredentials: boolean },
  requests: HttpRequests,
  events: ConnectionEvents,
): Connection {
  const source = new EventSource(url, { withCredentials })
  let commands: CommandQueue | undefined
  let isOver = false
  const end = (code: number, reason: string): void => {
    // Always: left alone it would come back by itself, with the address of today and no position.
    source.close()
    if (isOver) return
    isOver = true
    requests.abort()
    events.closed(code, reason)
  }
  const on = (name: string, take: (data: string) => void): void =>
    source.addEventListener(name, ({ data }) => {
      if (!isOver) take(String(data))
    })
  on('session', (data) => {
    commands = new CommandQueue(requests, sendUrl(server, String(memberOf(parseJson(data), 'session'))), end)
    events.opened()
  })
  on('message', (data) => events.received(data))
  on('close', (data) => end(Number(memberOf(parseJson(data), 'code')), String(memberOf(parseJson(data), 'reason'))))
  source.onerror = () => end(abnormal, '')

  return {
    send: (text) => commands?.send(text),
    close() {
      if (isOver) return
      isOver = true
      // The server ends the session with the stream: commands go first.
      void (commands?.end(false) ?? Promise.resolve()).then(() => source.close())
    },
  }
}
