import type { Environment } from '../../lib/client/environment.ts'
import { Logger } from '../../lib/client/logger.ts'
import { memberOf, type ServerMessage } from '../../lib/client/server-message.ts'
import { Session } from '../../lib/client/session.ts'
import { pipeQuestionCommand, webPipeCommand } from '../../lib/wire/commands.ts'
import { Members } from './members.ts'
import { SimulatedSocket, type Network } from './network.ts'
import { NodeClock } from './node-clock.ts'
import { Truth } from './truth.ts'
import { KeptWatch, LiveWatch, type PipeState, type Watch } from './watches.ts'
import { Wire } from './wire.ts'
import type { World } from './world.ts'

/** What all pages share. */
export interface PageSettings {
  readonly world: World
  readonly network: Network
  readonly truth: Truth
  /** Texts of private messages that a page of the user got. */
  readonly received: Set<string>
  readonly wrong: (what: string) => void
}

/** One page of one user, with the real client; it judges all that it gets. */
export class Page {
  readonly name: string
  readonly userId: number
  readonly clock: NodeClock
  readonly members = new Members()
  readonly #settings: PageSettings
  readonly #session: Session
  readonly #window = new EventTarget()
  readonly #watches = new Map<string, { readonly watch: Watch; readonly id: string }>()
  /** Pipes in which the page was before. */
  readonly #left = new Set<string>()
  readonly #statuses = new Map<string, string>()
  #lastPrivate = -1
  #sent = 0

  constructor(settings: PageSettings, name: string, userId: number) {
    this.#settings = settings
    this.name = name
    this.userId = userId
    this.clock = new NodeClock(settings.world)
    const environment = this.#environment(settings)
    const logger = new Logger((text) => settings.world.note(`${name}: ${text}`))
    logger.level = 2
    this.#session = new Session(environment, logger)
    this.#session.onMessage((message) => this.#see(message))
    this.#session.onGap((pipe) => {
      settings.world.note(`${name} is told of a gap in ${pipe}`)
      this.#watches.get(pipe)?.watch.gap()
    })
    this.#session.onStateChange((state) => (state === 'connected' ? this.#connected() : this.#lost()))
    const user = userId === 0 ? { userId: '', userKey: '' } : { userId: String(userId), userKey: `hash${userId}` }
    this.#session.open({
      servers: ['ws://server'],
      transports: ['websocket'],
      withCredentials: false,
      devId: '0',
      uuid: `uuid${userId}`,
      ...user,
    })
    // Private messages that come before the page listens to them wait.
    const listen = (): void => void this.#session.subscribe('msg', ({ data }) => this.#private(String(data)))
    if (settings.world.chance(50)) listen()
    else settings.world.in(settings.world.between(1, 20_000), listen)
  }

  get isConnected(): boolean {
    return this.#session.state === 'connected'
  }

  get pipes(): readonly string[] {
    return [...this.#watches.keys()]
  }

  subscribe(pipe: string): void {
    if (this.#watches.has(pipe)) return
    this.#settings.world.note(`${this.name} subscribes to ${pipe}`)
    const id = this.#session.subscribe(pipe, ({ data, server_info }) => this.#message(pipe, server_info.event, data))
    this.#watches.set(pipe, { watch: this.#watchOf(pipe), id })
    if (pipe.startsWith('track_') && this.isConnected) this.#askForMembers(pipe)
  }

  unsubscribe(pipe: string): void {
    const watched = this.#watches.get(pipe)
    if (watched === undefined) return
    this.#settings.world.note(`${this.name} leaves ${pipe}`)
    this.#session.unsubscribe(watched.id)
    this.#watches.delete(pipe)
    this.#left.add(pipe)
    this.#statuses.delete(pipe)
    this.members.forget(pipe)
  }

  publish(pipe: string): void {
    const text = `${this.name}-${++this.#sent}`
    this.#settings.world.note(`${this.name} publishes ${text} into ${pipe}`)
    this.#session.send(webPipeCommand({ pipe, event: '', message: JSON.stringify(text) }))
  }

  /** The network is back. */
  online(): void {
    this.clock.do(() => this.#window.dispatchEvent(new Event('online')))
  }

  close(): void {
    this.#session.close()
    this.clock.isDead = true
    for (const link of this.#settings.network.links) if (link.page === this.clock) link.leave()
  }

  end(): void {
    const { wrong } = this.#settings
    if (!this.isConnected) wrong(`${this.name} did not come back`)
    for (const { watch } of this.#watches.values()) watch.end()
  }

  #environment({ world, network }: PageSettings): Environment {
    const { clock } = this
    const { wrong } = this.#settings
    class WebSocket extends SimulatedSocket {
      readonly #wire = new Wire(wrong)
      constructor(url: string) {
        super(network, clock, url)
      }
      override received(data: string): void {
        this.#wire.received(data)
        super.received(data)
      }
    }
    return {
      WebSocket,
      EventSource: undefined,
      fetch: undefined,
      BroadcastChannel: undefined,
      locks: undefined,
      clock,
      random: () => world.random.below(2 ** 30) / 2 ** 30,
      newUuid: () => this.name,
      storage: undefined,
      location: undefined,
      scriptUrl: undefined,
      window: this.#window,
      document: undefined,
      reportError: (error) => this.#settings.wrong(`${this.name}: a callback threw ${String(error)}`),
      print: () => undefined,
    }
  }

  #watchOf(pipe: string): Watch {
    const { truth } = this.#settings
    const isOwn = (text: string): boolean => text.startsWith(`${this.name}-`)
    const wrong = (what: string): void => this.#settings.wrong(`${this.name}: ${what}`)
    const isKept = pipe === 'news' || pipe === 'web_chat'
    if (isKept) return new KeptWatch({ truth, key: `pipes_messages ${pipe}`, isOwn, wrong }, this.#left.has(pipe))
    if (pipe === 'live' || pipe === 'prices') return new LiveWatch({ truth, key: pipe, isOwn, wrong }, pipe === 'live')
    return new LiveWatch({ truth: new Truth(), key: pipe, isOwn, wrong }, false)
  }

  #connected(): void {
    this.#settings.world.note(`${this.name} is connected`)
    for (const pipe of this.pipes) if (pipe.startsWith('track_')) this.#askForMembers(pipe)
  }

  #lost(): void {
    for (const { watch } of this.#watches.values()) watch.lost()
    this.members.clear()
    this.#statuses.clear()
  }

  #askForMembers(pipe: string): void {
    const command = (marker: string): string => pipeQuestionCommand('track_pipe_users', pipe, marker)
    this.#session.ask(command, ({ data }) => {
      if (this.#watches.has(pipe)) this.members.list(pipe, data)
    })
  }

  /** All that the server says, before the callbacks of the page. */
  #see(message: ServerMessage): void {
    if (message.pipe !== 'sys') return
    if (message.event === 'error') this.#settings.wrong(`${this.name} got an error: ${JSON.stringify(message.data)}`)
    if (message.event !== 'subscribed') return
    const pipes = (memberOf(message.data, 'pipes') ?? {}) as Readonly<Record<string, PipeState>>
    for (const [pipe, state] of Object.entries(pipes)) {
      this.#settings.world.note(`${this.name} has ${pipe} up to ${state.offset ?? '?'}, recovered: ${state.recovered}`)
      this.#watches.get(pipe)?.watch.confirmed(state)
    }
  }

  #message(pipe: string, event: string, data: unknown): void {
    if (pipe.startsWith('track_')) this.members.change(pipe, event, data)
    else if (pipe.startsWith('user_status_')) this.#status(pipe, event)
    else {
      this.#settings.world.note(`${this.name} gets ${pipe} ${String(data)}`)
      this.#watches.get(pipe)?.watch.message(String(data))
    }
  }

  #private(text: string): void {
    const { truth, received, wrong, world } = this.#settings
    world.note(`${this.name} gets private ${text}`)
    received.add(text)
    const index = truth.indexOf(`users_messages ${this.userId}`, text)
    if (index === undefined) wrong(`${this.name}: private ${text} was never kept`)
    else if (index <= this.#lastPrivate) wrong(`${this.name}: private ${text} came again, or late`)
    else this.#lastPrivate = index
  }

  #status(pipe: string, event: string): void {
    if (this.#statuses.get(pipe) === event) this.#settings.wrong(`${this.name}: ${pipe} ${event} twice`)
    this.#statuses.set(pipe, event)
  }
}
