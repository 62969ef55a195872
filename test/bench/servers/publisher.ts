import type { Socket } from 'node:net'
import { benchMessage, microseconds, type ServerOrder, type ServerReport, type Task } from '../messages.ts'

/** Publishes to the pipe of this number, or to this user. */
export type Publish = (to: number, message: string, target: Task['target']) => void

/** The part of a server process that publishes when it is told to, no faster than the subscribers receive. */
export function servePublisher(publish: Publish): void {
  let current: Publication | undefined
  process.on('message', (order: ServerOrder) => {
    if (order.type === 'received') current?.hear(order.messages)
    else if (order.type === 'publish') current = new Publication(order.task, publish)
    else collect()
  })
  process.on('disconnect', () => process.exit())
}

/** Writes to `socket` what is published in one turn together, as the clients of these servers do. */
export function inOneWrite(socket: Socket): (text: string) => void {
  let waiting: string[] = []
  return (text) => {
    if (waiting.length === 0) {
      setImmediate(() => {
        socket.write(waiting.join(''))
        waiting = []
      })
    }
    waiting.push(text)
  }
}

function collect(): void {
  globalThis.gc?.()
  report({ type: 'collected' })
}

class Publication {
  readonly #task: Task
  readonly #publish: Publish
  readonly #startedAt = microseconds()
  #published = 0
  #received = 0
  #isWaiting = false

  constructor(task: Task, publish: Publish) {
    this.#task = task
    this.#publish = publish
    this.#turn()
  }

  hear(received: number): void {
    this.#received = received
    if (!this.#isWaiting) return
    this.#isWaiting = false
    this.#turn()
  }

  readonly #turn = (): void => {
    const { rate, ms, ahead } = this.#task
    const elapsedMs = (microseconds() - this.#startedAt) / 1000
    if (elapsedMs > ms) {
      report({ type: 'published', messages: this.#published, startedAt: this.#startedAt })
      return
    }
    this.#publishSome(elapsedMs)
    if (rate > 0) setTimeout(this.#turn, 1)
    else if (this.#published - this.#received < ahead) setImmediate(this.#turn)
    else this.#isWaiting = true // not in a busy loop: it would count as the server's work
  }

  #publishSome(elapsedMs: number): void {
    const { burst, rate, ahead, pipes, target } = this.#task
    const free = ahead - (this.#published - this.#received)
    const due = rate === 0 ? burst : Math.floor((elapsedMs * rate) / 1000) - this.#published
    for (let i = Math.min(due, free); i > 0; i--) {
      const index = this.#published++
      // A server that is busy publishes late: that counts as its latency, too.
      const dueAt = rate === 0 ? microseconds() : this.#startedAt + ((index + 1) / rate) * 1e6
      this.#publish(index % pipes, benchMessage(Math.floor(index / pipes) + 1, dueAt), target)
    }
  }
}

export function report(message: ServerReport): void {
  process.send?.(message)
}
