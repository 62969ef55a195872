import type { Environment } from '../environment.ts'
import { nowhere, type Link, type LinkEvents, type SessionTarget } from '../link.ts'
import { holdLock, type Locks } from './locks.ts'
import type { Logger } from '../logger.ts'
import type { KnownPipe, Positions } from '../subscriptions/positions.ts'
import { abnormal, type ConnectionState } from '../transports/connection.ts'
import { SentMessages } from '../commands/sent-messages.ts'
import type { ServerMessage } from '../server-message.ts'
import { isLocalPipe } from '../subscriptions/subscription-name.ts'
import type { TabMessage, TabNews } from './tab-messages.ts'
import { TabRegistry } from './tab-registry.ts'
import { Uplink } from '../connections/uplink.ts'
import type { TransportName } from '../transports/transport-name.ts'
import { onWakeUp } from '../connections/wake-ups.ts'

/** What sharing a connection takes; browsers have it in secure contexts. */
export interface Sharing {
  readonly locks: Locks
  readonly BroadcastChannel: typeof BroadcastChannel
}

/** What the tab that holds the connection needs to serve the others. */
interface Leadership {
  readonly uplink: Uplink
  readonly tabs: TabRegistry
  readonly sent: SentMessages
  /** The server's last serverInfo. */
  info: ServerMessage | undefined
}

/**
 * One connection for all tabs of a browser that want the same server as the same user. Who has the lock leads: it holds
 * the connection and passes on what comes, to all. Every tab notes what has come, so that each can go on where the
 * leader ended: at the end of a tab, however it ends, the browser gives the lock to the next.
 */
export class SharedLink implements Link {
  /** This tab's name among the tabs: hexadecimal. */
  readonly tab: string
  readonly #environment: Environment
  readonly #sharing: Sharing
  readonly #logger: Logger
  readonly #events: LinkEvents
  readonly #positions: Positions
  #target = nowhere
  #state: ConnectionState = 'disconnected'
  /** What the leader has said of its connection. */
  #transport: TransportName | undefined
  #pipes: ReadonlySet<string> = new Set()
  #channel: BroadcastChannel | undefined
  #leadership: Leadership | undefined
  /** Undo what `open` began: locks are let go, or no longer waited for. */
  #releases: (() => void)[] = []
  #lastCommand = 0
  /** Commands of which no leader has said that they were sent. */
  readonly #unsent = new Map<number, string>()

  /** `positions`: see Uplink. */
  constructor(environment: Environment, sharing: Sharing, logger: Logger, events: LinkEvents, positions: Positions) {
    this.#environment = environment
    this.#sharing = sharing
    this.#logger = logger
    this.#events = events
    this.#positions = positions
    this.tab = environment.newUuid()
  }

  get state(): ConnectionState {
    return this.#state
  }

  get transport(): TransportName | undefined {
    return this.#leadership?.uplink.transport ?? this.#transport
  }

  get isMaster(): boolean {
    return this.#leadership !== undefined
  }

  open(target: SessionTarget): void {
    this.close()
    this.#target = target
    this.#state = 'connecting'
    this.#channel = new this.#sharing.BroadcastChannel(this.#group)
    this.#channel.onmessage = ({ data }: MessageEvent<TabMessage>) => this.#take(data)
    // The leading tab may be hidden: its timers are slow, and it is not told what wakes this one.
    this.#releases.push(onWakeUp(this.#environment, () => this.#post({ kind: 'wake' })))
    // Others must see that we live before they hear of us.
    this.#hold(this.#lockName(this.tab), () => {
      this.#hello()
      this.#hold(this.#group, () => this.#lead())
    })
  }

  close(): void {
    this.#state = 'disconnected'
    this.#transport = undefined
    this.#post({ kind: 'bye' })
    this.#leadership?.uplink.close()
    this.#leadership?.tabs.clear()
    this.#leadership = undefined
    this.#channel?.close()
    this.#channel = undefined
    this.#unsent.clear()
    for (const release of this.#releases.splice(0)) release()
  }

  subscribe(pipes: readonly string[]): void {
    const added = pipes.filter((pipe) => !this.#pipes.has(pipe))
    if (added.length === 0 && pipes.length === this.#pipes.size) return
    this.#pipes = new Set(pipes)
    if (this.#leadership === undefined) this.#post({ kind: 'pipes', pipes, added })
    else this.#begin(this.#leadership, added)
  }

  send(command: string): void {
    this.#sendAs(++this.#lastCommand, command)
  }

  /** Tabs with the same name share. */
  get #group(): string {
    const { servers, devId, userId } = this.#target
    return `star-comet ${servers.join()} ${devId} ${userId}`
  }

  #lockName(tab: string): string {
    return `${this.#group} ${tab}`
  }

  #hold(name: string, held: () => void): void {
    this.#releases.push(holdLock(this.#sharing.locks, name, held))
  }

  #post(news: TabNews): void {
    this.#channel?.postMessage({ ...news, tab: this.tab })
  }

  #hello(): void {
    const { userKey } = this.#target
    const positions = this.#positions.entries()
    this.#post({ kind: 'hello', pipes: [...this.#pipes], positions, userKey })
  }

  #take(message: TabMessage): void {
    if ((message.to ?? this.tab) !== this.tab || message.except === this.tab) return
    if (this.#leadership === undefined) this.#follow(message)
    else this.#serve(this.#leadership, message)
  }

  // As a follower

  #follow(message: TabMessage): void {
    switch (message.kind) {
      case 'leader':
        this.#leaderEnded()
        this.#hello()
        break
      case 'connected':
        if (this.#state !== 'connected') {
          this.#positions.set(message.positions)
          this.#transport = message.info.transport
          this.#enter()
        } else if (message.to !== undefined) break // it has heard that already
        this.#events.received(message.info)
        break
      case 'message':
        // What comes before the leader knows of this tab is older than what it begins with.
        if (this.#state === 'connected') this.#admit(message.message)
        break
      case 'took':
        this.#unsent.delete(message.n)
        break
      case 'wanted':
        if (message.tabs.includes(this.tab)) this.#positions.retain(message.pipes)
        break
      case 'lost':
        this.#lost(message.code, message.reason, message.retryMs)
    }
  }

  /** The server has let us in: it gets first what a leader may not have sent before it ended. */
  #enter(): void {
    this.#state = 'connected'
    const unsent = [...this.#unsent]
    this.#unsent.clear()
    for (const [n, command] of unsent) this.#sendAs(n, command)
    this.#events.connected()
  }

  #sendAs(n: number, command: string): void {
    if (this.#leadership !== undefined) {
      sendBy(this.#leadership, this.tab, command)
      return
    }
    this.#unsent.set(n, command)
    this.#post({ kind: 'send', n, command })
  }

  #admit(message: ServerMessage): void {
    const channel = this.#channel
    // Of a gap the page has been told: it may have left.
    if (this.#positions.admit(message) && channel === this.#channel) this.#receive(message)
  }

  #receive(message: ServerMessage): void {
    // Who asked for a history need not be in the pipe.
    if (message.history === true || isLocalPipe(message.pipe) || this.#pipes.has(message.pipe))
      this.#events.received(message)
  }

  #leaderEnded(): void {
    if (this.#state === 'connected') this.#lost(abnormal, 'the tab that held the connection has ended', 0)
  }

  #lost(code: number, reason: string, retryMs: number | undefined): void {
    this.#transport = undefined
    // Where the server refuses one tab it refuses all: none is to try again.
    if (retryMs === undefined) this.close()
    else this.#state = 'connecting'
    this.#events.lost(code, reason, retryMs)
  }

  // As the leader

  #lead(): void {
    this.#leaderEnded()
    const events: LinkEvents = {
      connected: () => this.#enter(),
      received: (message) => this.#distribute(leadership, message),
      lost: (code, reason, retryMs) => {
        leadership.sent.clear()
        this.#post({ kind: 'lost', code, reason, retryMs })
        this.#lost(code, reason, retryMs)
      },
    }
    const leadership: Leadership = {
      uplink: new Uplink(this.#environment, this.#logger, events, this.#positions),
      tabs: new TabRegistry(
        this.#sharing.locks,
        (tab) => this.#lockName(tab),
        () => this.#begin(leadership, []),
      ),
      sent: new SentMessages(),
      info: undefined,
    }
    this.#leadership = leadership
    this.#post({ kind: 'leader' })
    leadership.uplink.subscribe([...this.#pipes])
    leadership.uplink.open(this.#target)
  }

  /**
   * Subscribes to what all tabs want. A pipe of `added` in which nobody was begins where the tab that wants it has it, of
   * which `positions` tells; else with what is new.
   */
  #begin({ uplink, tabs }: Leadership, added: readonly string[], positions: readonly KnownPipe[] = []): void {
    for (const pipe of added.filter((name) => !isLocalPipe(name))) {
      const isAsked = this.#state === 'connected' || this.#positions.of(pipe) !== undefined
      const known = positions.find(([name]) => name === pipe)?.[1]
      if (!isAsked || !uplink.pipes.includes(pipe)) this.#positions.resume(pipe, known)
    }
    const pipes = [...new Set([...this.#pipes, ...tabs.pipes])]
    this.#positions.retain(pipes)
    uplink.subscribe(pipes)
    this.#post({ kind: 'wanted', tabs: tabs.ids, pipes })
  }

  #serve(leadership: Leadership, message: TabMessage): void {
    const { tabs } = leadership
    switch (message.kind) {
      case 'hello':
        tabs.set(message.tab, message.pipes)
        this.#begin(leadership, message.pipes, message.positions)
        this.#welcome(leadership, message.tab, message.userKey)
        break
      case 'pipes':
        tabs.set(message.tab, message.pipes)
        this.#begin(leadership, message.added)
        break
      case 'wake':
        leadership.uplink.wake()
        break
      case 'send':
        if (this.#state === 'connected') this.#sendFor(leadership, message.tab, message.n, message.command)
        break
      case 'bye':
        tabs.remove(message.tab)
    }
  }

  #welcome({ uplink, info }: Leadership, to: string, userKey: string): void {
    if (this.#state !== 'connected' || info === undefined) return
    this.#postConnected(info, to)
    const userId = Number(this.#target.userId)
    // Our key may be one that has ended; that of a page which has just been loaded is more likely good.
    if (info.authorized !== true && userId > 0 && userKey !== '') uplink.login(userKey)
  }

  #sendFor(leadership: Leadership, tab: string, n: number, command: string): void {
    if (leadership.tabs.take(tab, n)) sendBy(leadership, tab, command)
    this.#post({ kind: 'took', to: tab, n })
  }

  #postConnected(info: ServerMessage, to?: string): void {
    this.#post({ kind: 'connected', to, info, positions: this.#positions.entries() })
  }

  #distribute(leadership: Leadership, message: ServerMessage): void {
    if (message.pipe === 'sys' && message.event === 'serverInfo') {
      leadership.info = message
      this.#postConnected(message)
      this.#events.received(message)
      return
    }
    const reported = leadership.sent.reported(message)
    const asker = message.marker === undefined ? undefined : (/^(.*)\./.exec(message.marker)?.[1] ?? this.tab)
    if (reported !== undefined) this.#publish(reported.message, reported.tab)
    this.#deliver(message, reported?.tab ?? leadership.sent.refused(message) ?? asker)
  }

  /** Gives the tabs the message that one of them has published. */
  #publish(message: ServerMessage, from: string): void {
    this.#post({ kind: 'message', except: from, message })
    if (from !== this.tab) this.#receive(message)
  }

  /** To one tab, or to all: first to the others, because this page's callbacks may take their time, or end the tab. */
  #deliver(message: ServerMessage, to: string | undefined): void {
    if (to !== this.tab) this.#post({ kind: 'message', to, message })
    if (to === undefined || to === this.tab) this.#receive(message)
  }
}

/** Sends a command of `tab`. */
function sendBy({ uplink, sent }: Leadership, tab: string, command: string): void {
  sent.note(tab, command)
  uplink.send(command)
}
