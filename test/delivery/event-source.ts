import type { EventSourceLike } from '../../lib/client/environment.ts'

type Listener = (event: MessageEvent<unknown>) => void

/** As much of an EventSource as our client uses, which Node has not. Source: HTML, "Server-sent events". */
export class NodeEventSource implements EventSourceLike {
  onerror: EventSourceLike['onerror'] = null
  readonly #listeners = new Map<string, Listener>()
  readonly #abort = new AbortController()

  constructor(url: string) {
    this.#read(url).then(
      () => this.#fail(),
      () => this.#fail(),
    )
  }

  addEventListener(name: string, listener: Listener): void {
    this.#listeners.set(name, listener)
  }

  close(): void {
    this.#abort.abort()
  }

  async #read(url: string): Promise<void> {
    const { status, body } = await fetch(url, { signal: this.#abort.signal })
    if (status !== 200 || body === null) return
    let text = ''
    for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
      const events = (text + chunk).split('\n\n')
      text = events.pop() ?? '' // what has no end is no event: the connection may break anywhere
      for (const event of events) this.#dispatch(event.split('\n'))
    }
  }

  #dispatch(lines: readonly string[]): void {
    const field = (name: string): string[] =>
      lines.filter((line) => line.startsWith(`${name}: `)).map((line) => line.slice(name.length + 2))
    const data = field('data')
    if (data.length === 0) return // a comment
    const name = field('event')[0] ?? 'message'
    this.#listeners.get(name)?.(new MessageEvent(name, { data: data.join('\n') }))
  }

  #fail(): void {
    if (!this.#abort.signal.aborted) this.onerror?.(new Event('error'))
  }
}
