import { CometClient } from 'star-comet/client'
import { WebSocket } from 'ws'
import type { Page } from './page.ts'

/** A page with our own client, which is told of all nodes. */
export class ClientPage implements Page {
  readonly received: { readonly offset: number; readonly text: string }[] = []
  readonly problems: string[] = []
  readonly #client: CometClient

  constructor(ports: readonly number[], userId: number) {
    const url = ports.map((port) => `http://127.0.0.1:${port}`)
    this.#client = new CometClient({ url, userId, userKey: `hash${userId}`, WebSocket, logLevel: 0 })
    this.#client.on('gap', ({ pipe }) => this.problems.push(`a gap in ${pipe}`))
    this.#client.subscribe('news', ({ data, offset = 0 }) => this.received.push({ offset, text: String(data) }))
    this.#client.subscribe('track_news', () => undefined)
  }

  isAtOneOf(): boolean {
    return this.#client.state === 'connected'
  }

  close(): void {
    this.#client.close()
  }
}
