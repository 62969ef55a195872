import type { Environment, EventSourceLike } from '../../../lib/client/environment.ts'

/** The server's end of a stream of events. */
export class FakeSource implements EventSourceLike {
  onerror: EventSourceLike['onerror'] = null
  readonly url: string
  readonly withCredentials: boolean
  isClosed = false
  readonly #listeners = new Map<string, (event: MessageEvent<unknown>) => void>()

  constructor(url: string, options: { readonly withCredentials: boolean }) {
    this.url = url
    this.withCredentials = options.withCredentials
  }

  addEventListener(name: string, listener: (event: MessageEvent<unknown>) => void): void {
    this.#listeners.set(name, listener)
  }

  close(): void {
    this.isClosed = true
  }

  /** Sends one event; an object goes as JSON. */
  event(name: string, data: unknown): void {
    const text = typeof data === 'string' ? data : JSON.stringify(data)
    this.#listeners.get(name)?.({ data: text } as MessageEvent<unknown>)
  }

  /** Names the session and lets the client in. */
  welcome(session = 's1'): void {
    this.event('session', { session })
    this.event('message', serverInfo)
  }

  /** The stream ends. */
  drop(): void {
    this.onerror?.(new Event('error'))
  }
}

/** The server's end of one request. */
export class FakeRequest {
  readonly url: string
  readonly body: string
  readonly init: RequestInit
  readonly answer: Promise<{ readonly status: number; json(): Promise<unknown> }>
  #resolve: ((status: number, body: unknown) => void) | undefined
  #reject: (() => void) | undefined
  #forget: (() => void) | undefined

  constructor(url: string, init: RequestInit) {
    this.url = url
    this.init = init
    this.body = typeof init.body === 'string' ? init.body : ''
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = (status, body) => resolve({ status, json: () => Promise.resolve(body) })
      this.#reject = () => reject(new TypeError('Failed to fetch'))
      const abort = (): void => reject(new Error('AbortError'))
      init.signal?.addEventListener('abort', abort)
      this.#forget = () => init.signal?.removeEventListener('abort', abort)
    })
  }

  get isAborted(): boolean {
    return this.init.signal?.aborted === true
  }

  /** Answers; resolves when the client has done what it does about it. */
  async respond(status: number, body?: unknown): Promise<void> {
    this.#forget?.()
    this.#resolve?.(status, body)
    await settled()
  }

  /** The network breaks; resolves as `respond` does. */
  async fail(): Promise<void> {
    this.#forget?.()
    this.#reject?.()
    await settled()
  }
}

export const serverInfo = { pipe: 'sys', event: 'serverInfo', data: '', authorized: false, server: 'fake' }

/** Resolves when all that follows from what has happened until now has happened. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** A server of fallback transports in the same process: what an environment needs to reach it, and what has reached it. */
export function fakeHttp() {
  const sources: FakeSource[] = []
  const requests: FakeRequest[] = []
  class EventSource extends FakeSource {
    constructor(url: string, options: { readonly withCredentials: boolean }) {
      super(url, options)
      sources.push(this)
    }
  }
  const parts: Pick<Environment, 'EventSource' | 'fetch'> = {
    EventSource,
    fetch(url, init) {
      const request = new FakeRequest(url, init)
      requests.push(request)
      return request.answer
    },
  }
  return {
    ...parts,
    sources,
    requests,
    /** The newest request. */
    get request(): FakeRequest {
      const request = requests.at(-1)
      if (request === undefined) throw new Error('the client has sent no request')
      return request
    },
    /** The newest stream. */
    get source(): FakeSource {
      const source = sources.at(-1)
      if (source === undefined) throw new Error('the client has opened no stream')
      return source
    },
  }
}
