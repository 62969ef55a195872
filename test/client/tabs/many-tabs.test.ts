// Tabs of one browser that come, go and crash, at moments that a seed decides, with the real core as their server.
// `TABS_RUNS=2000` runs more of these browsers, `SEED=17` begins with this seed, and `SEED=17 TABS_RUNS=1` is that one.
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { Environment, WebSocketLike } from '../../../lib/client/environment.ts'
import { Logger } from '../../../lib/client/logger.ts'
import { Session } from '../../../lib/client/session.ts'
import type { Frame } from '../../../lib/core/frame.ts'
import type { Tenant } from '../../../lib/core/tenant.ts'
import type { Connection, Receiver } from '../../../lib/transports/transport.ts'
import { Random } from '../../fuzz/random.ts'
import { testComet, type TestComet } from '../../support/comet.ts'
import { FakeBrowser } from '../support/fake-browser.ts'
import { FakeClock } from '../support/fake-clock.ts'

const runs = Number(process.env.TABS_RUNS ?? 100)
const firstSeed = Number(process.env.SEED ?? 1)
const pipes = ['news', 'talk'] as const

/** Lets that many turns of the event loop pass. */
async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve))
}

/** As many turns what is under way takes at most. */
const settlingTurns = 30
/** A client that finds no server waits up to 30 s; no try may time out meanwhile. */
const steps = { count: 20, ms: 2000 }

/** A tab's WebSocket; what is on its way when the connection or the tab ends is lost. */
class TabSocket implements WebSocketLike, Connection {
  onopen: WebSocketLike['onopen'] = null
  onmessage: WebSocketLike['onmessage'] = null
  onclose: WebSocketLike['onclose'] = null
  onerror: WebSocketLike['onerror'] = null
  readonly bufferedBytes = 0
  #receiver: Receiver | undefined
  #isOver = false

  constructor(comet: TestComet, url: string) {
    setImmediate(() => {
      if (this.#isOver) return
      this.onopen?.(new Event('open'))
      const parts = new Map(
        (url.split('/ws/')[1] ?? '').split('&').map((part) => part.split('=', 2) as [string, string]),
      )
      const hello = {
        sesion: '',
        myid: '',
        devid: '0',
        v: parts.get('v'),
        uuid: '',
        ip: '',
        secure: false,
        headers: {},
      }
      this.#receiver = comet.tenants.accept(this, hello)
    })
  }

  send(what: string | Frame, taken?: () => void): void {
    setImmediate(() => {
      if (this.#isOver) return
      if (typeof what === 'string') this.#receiver?.message(what)
      else this.onmessage?.({ data: what.text } as MessageEvent<unknown>)
    })
    taken?.()
  }

  close(): void {
    this.#end()
  }

  /** The network breaks it. */
  cut(): void {
    if (this.#isOver) return
    this.#end()
    this.onclose?.({ code: 1006, reason: '' } as CloseEvent)
  }

  #end(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#receiver?.closed(1006, '')
  }
}

/** What a tab gets of a pipe, from its subscription on. */
interface Heard {
  readonly id: string
  /** The number of the last message that it has, or needs not have; undefined while that is not clear. */
  last: number | undefined
  /** What was published when it subscribed and had arrived everywhere: no such message may come. */
  readonly before: number
}

class Tab {
  readonly name: string
  readonly session: Session
  readonly heard = new Map<string, Heard>()
  readonly #world: Browser
  readonly #crash: () => void
  readonly #sockets: TabSocket[] = []
  #isDead = false

  constructor(world: Browser, name: string) {
    this.#world = world
    this.name = name
    const { environment, crash } = world.browser.tab(this.#environment())
    this.#crash = crash
    this.session = new Session(environment, new Logger((text) => world.note(`${name}: ${text}`)))
    this.session.onGap((pipe) => world.wrong(`${name} is told of a gap in ${pipe}, where nothing was lost`))
  }

  open(): void {
    const names = { userKey: '', userId: '0', devId: '0', uuid: '' }
    this.session.open({ ...names, servers: ['ws://server'], transports: ['websocket'], withCredentials: false })
  }

  subscribe(pipe: string): void {
    if (this.heard.has(pipe)) return
    this.#world.note(`${this.name} subscribes to ${pipe}`)
    const id = this.session.subscribe(pipe, ({ data }) => this.#take(pipe, Number(data)))
    this.heard.set(pipe, { id, last: undefined, before: this.#world.arrived(pipe) })
  }

  unsubscribe(pipe: string): void {
    const heard = this.heard.get(pipe)
    if (heard === undefined) return
    this.#world.note(`${this.name} leaves ${pipe}`)
    this.heard.delete(pipe)
    this.session.unsubscribe(heard.id)
  }

  cut(): void {
    for (const socket of this.#sockets) socket.cut()
  }

  /** Ends without a word, or with one. */
  end(isCrash: boolean): void {
    this.#world.note(`${this.name} ${isCrash ? 'crashes' : 'stops'}`)
    if (!isCrash) this.session.close()
    this.#isDead = true
    this.#crash()
    for (const socket of this.#sockets) socket.close()
  }

  #take(pipe: string, n: number): void {
    this.#world.note(`${this.name} gets ${pipe} ${n}`)
    const heard = this.heard.get(pipe)
    if (heard === undefined) return
    if (n <= heard.before) this.#world.wrong(`${this.name} got ${pipe} ${n}, which was there before it subscribed`)
    if (heard.last !== undefined && n !== heard.last + 1)
      this.#world.wrong(`${this.name} got ${pipe} ${n} after ${heard.last}`)
    heard.last = n
  }

  #environment(): Environment {
    const { comet, clock, random } = this.#world
    const sockets = this.#sockets
    const isDead = (): boolean => this.#isDead
    class WebSocket extends TabSocket {
      constructor(url: string) {
        super(comet, url)
        sockets.push(this)
      }
    }
    return {
      WebSocket,
      EventSource: undefined,
      fetch: undefined,
      BroadcastChannel: undefined,
      locks: undefined,
      clock: {
        now: () => clock.now(),
        setTimeout: (run, ms) => clock.setTimeout(() => isDead() || run(), ms),
        clearTimeout: (timer) => clock.clearTimeout(timer),
      },
      random: () => random.below(1000) / 1000,
      newUuid: () => this.name,
      storage: undefined,
      location: undefined,
      scriptUrl: undefined,
      window: undefined,
      document: undefined,
      reportError: (error) => this.#world.wrong(String(error)),
      print: () => undefined,
    }
  }
}

/** A browser with its tabs, and the server. */
class Browser {
  readonly browser = new FakeBrowser()
  readonly clock = new FakeClock()
  readonly random: Random
  readonly comet: TestComet
  readonly #tenant: Tenant
  readonly #published = new Map<string, number>()
  /** What had been published when all was quiet the last time. */
  #quiet = new Map<string, number>()
  readonly #trace: string[] = []
  readonly #problems: string[] = []
  #tabs: Tab[] = []
  #opened = 0

  constructor(comet: TestComet, tenant: Tenant, seed: number) {
    this.comet = comet
    this.#tenant = tenant
    this.random = new Random(seed)
  }

  note(text: string): void {
    this.#trace.push(text)
  }

  wrong(text: string): void {
    this.note(`WRONG: ${text}`)
    this.#problems.push(text)
  }

  arrived(pipe: string): number {
    return this.#quiet.get(pipe) ?? 0
  }

  async run(seed: number): Promise<void> {
    for (let step = 0; step < 60 && this.#problems.length === 0; step++) {
      this.#step()
      await turns(this.random.below(6))
      if (this.random.below(5) === 0) await this.#quieten()
    }
    await this.#quieten()
    for (const pipe of pipes) await this.#publish(pipe)
    await this.#quieten()
    for (const tab of this.#tabs) tab.end(false)
    assert.deepEqual(this.#problems, [], `SEED=${seed}\n${this.#trace.join('\n')}`)
  }

  #step(): void {
    const { random } = this
    const tab = this.#tabs.length > 0 ? random.pick(this.#tabs) : undefined
    const pipe = random.pick(pipes)
    const deed = random.below(20)
    if (deed < 4 || tab === undefined) this.#openTab()
    else if (deed < 6) this.#endTab(tab, random.once(2))
    else if (deed < 8) tab.subscribe(pipe)
    else if (deed < 10) tab.unsubscribe(pipe)
    else if (deed === 10) {
      this.note('the connection breaks')
      for (const other of this.#tabs) other.cut()
    } else if (deed === 11) this.clock.advance(5000)
    else void this.#publish(pipe)
  }

  #openTab(): void {
    if (this.#tabs.length >= 4) return
    const tab = new Tab(this, `tab${++this.#opened}`)
    for (const pipe of pipes) if (this.random.once(2)) tab.subscribe(pipe)
    this.note(`${tab.name} opens`)
    tab.open()
    this.#tabs.push(tab)
  }

  #endTab(tab: Tab, isCrash: boolean): void {
    this.#tabs = this.#tabs.filter((other) => other !== tab)
    tab.end(isCrash)
  }

  async #publish(pipe: string): Promise<void> {
    const n = (this.#published.get(pipe) ?? 0) + 1
    this.#published.set(pipe, n)
    this.note(`${pipe} ${n} is published`)
    await this.#tenant.publish({ pipe, event: '', text: String(n) })
  }

  /** From then on each tab must have all that comes. */
  async #quieten(): Promise<void> {
    for (let step = 0; step < steps.count; step++) {
      this.clock.advance(steps.ms)
      await turns(step === 0 ? settlingTurns : 4)
    }
    await turns(settlingTurns)
    this.note('all is quiet')
    this.#quiet = new Map(this.#published)
    for (const tab of this.#tabs) {
      if (tab.session.state !== 'connected') this.wrong(`${tab.name} is not connected`)
      for (const [pipe, heard] of tab.heard) {
        const last = this.arrived(pipe)
        if (heard.last !== undefined && heard.last !== last)
          this.wrong(`${tab.name} has ${pipe} up to ${heard.last}, not ${last}`)
        heard.last = last
      }
    }
  }
}

async function live(t: TestContext, seed: number): Promise<void> {
  const comet = testComet(t)
  const tenant = await comet.tenant()
  for (const pipe of pipes) await tenant.history.setKeep(pipe, 1000)
  await new Browser(comet, tenant, seed).run(seed)
}

test('whatever happens to the tabs of a browser, each gets every message of its pipes once, in order', async (t) => {
  for (let seed = firstSeed; seed < firstSeed + runs; seed++) await live(t, seed)
})
