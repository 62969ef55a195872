import type { Session } from '../session.ts'
import type { NodeItem, RemoteInfo, SessionState, TenantState } from './node-messages.ts'

interface Told {
  readonly sid: number
  userId: number
}

/** The sessions of this node that others know of: those with a user or a pipe. */
export class LocalSessions {
  readonly #tell: (item: NodeItem) => void
  readonly #told = new Map<Session, Told>()
  #lastSid = 0

  constructor(tell: (item: NodeItem) => void) {
    this.#tell = tell
  }

  /** The session has logged in, or logged out where `userId` is 0. */
  user(session: Session, userId: number): void {
    const told = this.#enter(session)
    told.userId = userId
    this.#tell({ kind: 'user', devId: session.devId, sid: told.sid, userId })
    this.#forgetIfEmpty(session, told)
  }

  join(session: Session, pipe: string): void {
    this.#tell({ kind: 'join', devId: session.devId, sid: this.#enter(session).sid, pipe })
  }

  /** The session has left the pipe already. */
  part(session: Session, pipe: string): void {
    const told = this.#enter(session)
    this.#tell({ kind: 'part', devId: session.devId, sid: told.sid, pipe })
    this.#forgetIfEmpty(session, told)
  }

  /** All of it, by tenant. */
  state(): TenantState[] {
    const tenants = new Map<number, SessionState[]>()
    for (const [session, { sid, userId }] of this.#told) {
      const state = { ...infoOf(session, sid), userId, pipes: [...session.pipes.keys()] }
      const sessions = tenants.get(session.devId)
      if (sessions === undefined) tenants.set(session.devId, [state])
      else sessions.push(state)
    }
    return Array.from(tenants, ([devId, sessions]) => ({ devId, sessions }))
  }

  #enter(session: Session): Told {
    let told = this.#told.get(session)
    if (told === undefined) {
      told = { sid: ++this.#lastSid, userId: 0 }
      this.#told.set(session, told)
      this.#tell({ kind: 'enter', devId: session.devId, session: infoOf(session, told.sid) })
    }
    return told
  }

  #forgetIfEmpty(session: Session, { userId }: Told): void {
    if (userId === 0 && session.pipes.size === 0) this.#told.delete(session)
  }
}

function infoOf({ uuid, userAgent, ip, origin, language, hasPositions }: Session, sid: number): RemoteInfo {
  return { sid, uuid, userAgent, ip, origin, language, hasPositions }
}
