import { connect } from 'node:net'

/** A browser of protocol 5 by Server-Sent Events, over a bare socket. `received` gets each line as it comes. */
export function openEventStream(
  port: number,
  subscriptions: readonly string[],
  received: (line: string) => void,
): { close(): void } {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  socket.setEncoding('utf8')
  socket.on('error', () => undefined) // 'close' follows
  socket.write('GET /sse/sesion=&myid=&devid=0&v=5.0&uuid=&api=js HTTP/1.1\r\nHost: localhost\r\n\r\n')
  let text = ''
  socket.on('data', (chunk: string) => {
    const events = (text + chunk).split('\n\n')
    text = events.pop() ?? ''
    for (const event of events) {
      const id = /^data: \{"session":"([^"]+)"\}$/m.exec(event)?.[1]
      if (id !== undefined) postCommands(port, id, [['subscription', ...subscriptions].join('\n')])
      else for (const [, line = ''] of event.matchAll(/^data: (.*)$/gm)) received(line)
    }
  })
  return { close: () => void socket.destroy() }
}

function postCommands(port: number, id: string, commands: readonly string[]): void {
  const body = JSON.stringify(commands)
  const socket = connect({ port, host: '127.0.0.1' })
  socket.on('error', () => undefined)
  socket.end(
    `POST /send/session=${id} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  )
  socket.resume()
}
