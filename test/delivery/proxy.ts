import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'

interface Pair {
  readonly outer: Socket
  readonly inner: Socket
}

/** A TCP proxy whose connections break when that is asked for. */
export class Proxy {
  readonly #server: Server
  readonly #pairs = new Set<Pair>()
  #target = 0
  #isClosed = false

  readonly #refused: () => readonly string[]

  /** `refused`: for each connection, the paths that must not be what it asks for first. */
  constructor(refused: () => readonly string[]) {
    this.#refused = refused
    this.#server = createServer((outer) => this.#open(outer))
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Passes on to `target`, a port of this machine. */
  async start(target: number): Promise<void> {
    this.#target = target
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
  }

  /** Both sides of each connection are told that it has ended. */
  cutAll(): void {
    for (const pair of this.#pairs) destroy(pair)
  }

  /** Ends one connection; returns false where there is none. */
  cut(pick: (count: number) => number): boolean {
    const pair = [...this.#pairs][pick(this.#pairs.size)]
    if (pair !== undefined) destroy(pair)
    return pair !== undefined
  }

  /** One connection passes on nothing any more, and nobody is told, until it breaks in `ms` milliseconds. */
  halfOpen(pick: (count: number) => number, ms: number): boolean {
    const pair = [...this.#pairs][pick(this.#pairs.size)]
    if (pair === undefined) return false
    const { outer, inner } = pair
    for (const socket of [outer, inner]) socket.removeAllListeners('data').on('data', () => undefined)
    inner.removeAllListeners('close').on('close', () => undefined)
    this.#pairs.delete(pair)
    const end = setTimeout(() => destroy(pair), ms)
    outer.removeAllListeners('close').on('close', () => {
      clearTimeout(end)
      destroy(pair)
    })
    return true
  }

  close(): void {
    this.#isClosed = true
    this.cutAll()
    this.#server.close()
  }

  #open(outer: Socket): void {
    if (this.#isClosed) {
      outer.destroy()
      return
    }
    const inner = connect({ port: this.#target, host: '127.0.0.1', noDelay: true })
    const pair = { outer: outer.setNoDelay(), inner }
    this.#pairs.add(pair)
    const refused = this.#refused()
    outer.once('data', (chunk: Buffer) => {
      const [, path] = chunk.toString('latin1').split(' ', 2)
      if (refused.some((prefix) => path?.startsWith(prefix))) destroy(pair)
    })
    pass(outer, inner)
    pass(inner, outer)
    for (const socket of [outer, inner]) {
      socket.on('error', () => undefined) // 'close' follows
      socket.on('close', () => {
        this.#pairs.delete(pair)
        destroy(pair)
      })
    }
  }
}

/** A reader that does not keep up holds back the writer. */
function pass(from: Socket, to: Socket): void {
  from.on('data', (chunk) => {
    if (!to.write(chunk)) from.pause()
  })
  to.on('drain', () => from.resume())
}

function destroy({ outer, inner }: Pair): void {
  outer.destroy()
  inner.destroy()
}
