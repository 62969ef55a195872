import type { RemoteInfo, SessionState, TenantItem } from './node-messages.ts'

/** A session that is connected to another node. */
export class RemoteSession {
  readonly node: string
  readonly sid: number
  readonly uuid: string
  readonly userAgent: string
  readonly ip: string
  readonly origin: string
  readonly language: string
  readonly hasPositions: boolean
  readonly pipes = new Set<string>()
  userId = 0

  constructor(node: string, { sid, uuid, userAgent, ip, origin, language, hasPositions }: RemoteInfo) {
    this.node = node
    this.sid = sid
    this.uuid = uuid
    this.userAgent = userAgent
    this.ip = ip
    this.origin = origin
    this.language = language
    this.hasPositions = hasPositions
  }
}

/** Is told what remote sessions do, after it is noted. */
export interface RemoteListener {
  joined(session: RemoteSession, pipe: string): void
  parted(session: RemoteSession, pipe: string): void
  loggedIn(session: RemoteSession): void
  /** `userId`: who it was. `isNodeGone`: it did not say so itself, its node is gone. */
  loggedOut(session: RemoteSession, userId: number, isNodeGone: boolean): void
}

/** The sessions of one tenant on other nodes. */
export class RemoteSessions {
  readonly #listener: RemoteListener
  readonly #nodes = new Map<string, Map<number, RemoteSession>>()
  readonly #pipes = new Map<string, Set<RemoteSession>>()

  constructor(listener: RemoteListener) {
    this.#listener = listener
  }

  get isEmpty(): boolean {
    return this.#nodes.size === 0
  }

  /** Those that are subscribed to `pipe`. */
  in(pipe: string): ReadonlySet<RemoteSession> {
    return this.#pipes.get(pipe) ?? nobody
  }

  /** The pipes to which any of them is subscribed. */
  pipeNames(): Iterable<string> {
    return this.#pipes.keys()
  }

  /** Something that a session of `node` did. */
  take(node: string, item: Extract<TenantItem, { kind: 'enter' | 'user' | 'join' | 'part' }>): void {
    if (item.kind === 'enter') {
      this.#enter(node, item.session)
      return
    }
    const session = this.#nodes.get(node)?.get(item.sid)
    if (session === undefined) return
    if (item.kind === 'user') this.#setUser(session, item.userId, false)
    else if (item.kind === 'join') this.#join(session, item.pipe)
    else this.#part(session, item.pipe)
    this.#forgetIfEmpty(session)
  }

  /** All sessions of `node`: does what makes ours the same. */
  takeState(node: string, states: readonly SessionState[]): void {
    const wanted = new Map(states.map((state) => [state.sid, state]))
    for (const session of [...(this.#nodes.get(node)?.values() ?? [])]) {
      if (!wanted.has(session.sid)) this.#end(session, false)
    }
    for (const state of states) this.#update(this.#nodes.get(node)?.get(state.sid) ?? this.#enter(node, state), state)
  }

  /** All sessions of `node` are no more. */
  drop(node: string): void {
    for (const session of [...(this.#nodes.get(node)?.values() ?? [])]) this.#end(session, true)
    this.#nodes.delete(node)
  }

  #update(session: RemoteSession, { userId, pipes }: SessionState): void {
    const wanted = new Set(pipes)
    for (const pipe of [...session.pipes]) if (!wanted.has(pipe)) this.#part(session, pipe)
    this.#setUser(session, userId, false)
    for (const pipe of wanted) this.#join(session, pipe)
    this.#forgetIfEmpty(session)
  }

  #end(session: RemoteSession, isNodeGone: boolean): void {
    for (const pipe of [...session.pipes]) this.#part(session, pipe)
    this.#setUser(session, 0, isNodeGone)
    this.#forgetIfEmpty(session)
  }

  #enter(node: string, info: RemoteInfo): RemoteSession {
    const session = new RemoteSession(node, info)
    const sessions = this.#nodes.get(node)
    if (sessions === undefined) this.#nodes.set(node, new Map([[session.sid, session]]))
    else sessions.set(session.sid, session)
    return session
  }

  #setUser(session: RemoteSession, userId: number, isNodeGone: boolean): void {
    const before = session.userId
    if (before === userId) return
    // Who stays as another user leaves and comes.
    for (const pipe of session.pipes) this.#listener.parted(session, pipe)
    session.userId = userId
    if (before !== 0) this.#listener.loggedOut(session, before, isNodeGone)
    if (userId !== 0) this.#listener.loggedIn(session)
    for (const pipe of session.pipes) this.#listener.joined(session, pipe)
  }

  #join(session: RemoteSession, pipe: string): void {
    if (session.pipes.has(pipe)) return
    session.pipes.add(pipe)
    const sessions = this.#pipes.get(pipe)
    if (sessions === undefined) this.#pipes.set(pipe, new Set([session]))
    else sessions.add(session)
    this.#listener.joined(session, pipe)
  }

  #part(session: RemoteSession, pipe: string): void {
    if (!session.pipes.delete(pipe)) return
    const sessions = this.#pipes.get(pipe)
    sessions?.delete(session)
    if (sessions?.size === 0) this.#pipes.delete(pipe)
    this.#listener.parted(session, pipe)
  }

  #forgetIfEmpty({ node, sid, userId, pipes }: RemoteSession): void {
    if (userId !== 0 || pipes.size > 0) return
    const sessions = this.#nodes.get(node)
    sessions?.delete(sid)
    if (sessions?.size === 0) this.#nodes.delete(node)
  }
}

const nobody: ReadonlySet<RemoteSession> = new Set()
