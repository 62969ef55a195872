// The load process of the benchmark: many subscribers, counted and checked. All subscribers of one pipe get the same
// bytes; so the first one's are parsed, each message's number must be one more than the last, and all others' are
// compared with them, which costs next to nothing.
import { connect, type Socket } from 'node:net'
import type { LoadOrder, LoadReport } from './messages.ts'

const progressMs = 5
const connectAtOnce = 100

interface Subscriber {
  readonly socket: Socket
  /** Bytes received since counting began. */
  bytes: number
}

const subscribers: Subscriber[] = []
const problems: string[] = []
/** The bytes of whoever is ahead; the first `referenceBytes` are in use. */
let reference = Buffer.alloc(1024 * 1024)
let referenceBytes = 0
let parsedBytes = 0
let messages = 0
let counting = false
let expected = Infinity
let idleStart = performance.eventLoopUtilization()

process.on('message', (order: LoadOrder) => {
  if (order.type === 'connect') void connectAll(order)
  else if (order.type === 'count') beginCounting()
  else expected = order.messages
})

async function connectAll(order: LoadOrder & { type: 'connect' }): Promise<void> {
  for (let from = 0; from < order.connections; from += connectAtOnce) {
    const count = Math.min(connectAtOnce, order.connections - from)
    await Promise.all(Array.from({ length: count }, () => subscribe(order)))
  }
  send({ type: 'ready' })
}

function subscribe({ port, path, commands, marker, confirmation }: LoadOrder & { type: 'connect' }): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    const subscriber = { socket, bytes: 0 }
    let head = ''
    let isAsked = false
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
    )
    const onHead = (chunk: Buffer): void => {
      head += chunk.toString('latin1')
      if (!head.includes('\r\n\r\n') || !head.includes(marker)) return
      if (!isAsked) for (const command of commands) socket.write(maskedFrame(command))
      isAsked = true
      if (!head.includes(confirmation)) return // what is published before it has subscribed would be missing
      socket.off('data', onHead)
      socket.on('data', (data: Buffer) => receive(subscriber, data))
      subscribers.push(subscriber)
      resolve()
    }
    socket.on('data', onHead)
    socket.on('error', (error) => problems.push(error.message))
    socket.on('close', () => problems.push('a subscriber was disconnected'))
  })
}

function beginCounting(): void {
  counting = true
  referenceBytes = 0
  parsedBytes = 0
  messages = 0
  expected = Infinity
  problems.length = 0
  for (const subscriber of subscribers) subscriber.bytes = 0
  idleStart = performance.eventLoopUtilization()
  send({ type: 'counting' })
  const timer = setInterval(() => {
    if (!progress()) return
    clearInterval(timer)
    counting = false
    const busy = performance.eventLoopUtilization(idleStart).utilization
    send({ type: 'done', messages, deliveries: messages * subscribers.length, problems: problems.slice(0, 5), busy })
  }, progressMs)
}

function receive(subscriber: Subscriber, data: Buffer): void {
  if (!counting) return
  const from = subscriber.bytes
  subscriber.bytes += data.length
  const known = Math.min(data.length, referenceBytes - from)
  if (known > 0 && reference.compare(data, 0, known, from, from + known) !== 0) {
    problems.push('a subscriber got other bytes than the others')
  }
  if (known < data.length) append(data.subarray(known))
}

function append(data: Buffer): void {
  while (referenceBytes + data.length > reference.length)
    reference = Buffer.concat([reference, Buffer.alloc(reference.length)])
  data.copy(reference, referenceBytes)
  referenceBytes += data.length
}

/** Parses what is new in the reference; tells how far the slowest subscriber is. Returns whether all have everything. */
function progress(): boolean {
  while (parsedBytes + 2 <= referenceBytes) {
    const short = reference[parsedBytes + 1] ?? 0
    const header = short < 126 ? 2 : short === 126 ? 4 : 10
    if (parsedBytes + header > referenceBytes) break
    const length =
      short < 126
        ? short
        : short === 126
          ? reference.readUInt16BE(parsedBytes + 2)
          : Number(reference.readBigUInt64BE(parsedBytes + 2))
    if (parsedBytes + header + length > referenceBytes) break
    if (reference[parsedBytes] === 0x81)
      checkLines(reference.toString('latin1', parsedBytes + header, parsedBytes + header + length))
    parsedBytes += header + length
  }
  let slowest = Infinity
  for (const { bytes } of subscribers) if (bytes < slowest) slowest = bytes
  send({ type: 'progress', messages: referenceBytes === 0 ? 0 : Math.floor((messages * slowest) / referenceBytes) })
  return messages >= expected && slowest === referenceBytes
}

function checkLines(text: string): void {
  for (const line of text.split('\n')) {
    const n = Number(/"n":(\d+)/.exec(line)?.[1])
    messages++
    if (n !== messages) problems.push(`message ${n} came as number ${messages}`)
  }
}

function maskedFrame(text: string): Buffer {
  const payload = Buffer.from(text)
  if (payload.length > 125) throw new Error('The commands of the benchmark are short')
  return Buffer.concat([Buffer.from([0x81, 0x80 | payload.length, 0, 0, 0, 0]), payload]) // a mask of zeros changes nothing
}

function send(message: LoadReport): void {
  process.send?.(message)
}
