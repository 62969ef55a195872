import { decoderOfCharset, decoderOfCollation, type Decode } from './charset.ts'
import { Capability, Status } from './constants.ts'
import { DeferredReplies } from './deferred-replies.ts'
import { MysqlError, isClientError } from './errors.ts'
import type { MysqlHandler, OkResult } from './handler.ts'
import type { Credentials } from './handshake.ts'
import type { LoginThrottle } from './login-throttle.ts'
import type { Limits } from './options.ts'
import type { PacketWriter } from './packet-writer.ts'
import { writeEof, writeError, writeOk, writeOkAsEof } from './results.ts'
import { Statements } from './statements.ts'
import type { Steps, Wire } from './wire.ts'

/** Statements in a row that take longer than this let others have their turn before the next one, in milliseconds. */
const fairMs = 20

/** What all conversations of one server share. */
export interface ServerContext<Session> {
  readonly handler: MysqlHandler<Session>
  readonly serverVersion: string
  /** The capabilities offered in the greeting. */
  readonly offered: number
  readonly tlsRequired: boolean
  readonly limits: Limits
  readonly throttle: LoginThrottle
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number
  readonly onError: (error: unknown) => void
  /** A limit has refused or ended something. */
  readonly onLimit: (limit: keyof Limits) => void
  /** The answer to COM_STATISTICS. */
  readonly statistics: () => string
  /** Counts a statement, for the statistics. */
  readonly countQuestion: () => void
}

/** What is known once a client is logged in. */
export interface LoggedIn<Session> {
  /** Those in force. */
  readonly capabilities: number
  /** The salt of the greeting. */
  readonly salt: Buffer
  readonly who: Credentials
  readonly session: Session
}

/** One client that is logged in: its session, what was agreed with it, and the replies in the form that it wants. */
export class Client<Session> {
  readonly wire: Wire
  readonly out: PacketWriter
  readonly server: ServerContext<Session>
  readonly statements: Statements
  /** Replies that are still to come while further commands are run. */
  readonly deferred: DeferredReplies
  /** The capabilities in force. */
  readonly capabilities: number
  /** The salt of the greeting. */
  readonly salt: Buffer
  session: Session
  user: string
  database: string
  attributes: ReadonlyMap<string, string>
  decode: Decode
  #loginDecode: Decode
  /** Whether one COM_QUERY may hold several statements. */
  multiStatements: boolean
  /** The statement that is running; undefined between statements. */
  sql: string | undefined
  /** Why its session is about to end; undefined unless the client asked for that. */
  leaving: 'Quit' | 'Change user' | undefined
  /** When the running command came, or the last one ended. */
  since: number

  /** Whether `session` has not ended. */
  #open = true
  /** Since when others wait. */
  #turnBegan: number

  constructor(wire: Wire, server: ServerContext<Session>, { capabilities, salt, who, session }: LoggedIn<Session>) {
    this.wire = wire
    this.out = wire.out
    this.server = server
    this.statements = new Statements(server.limits, server.onLimit)
    this.deferred = new DeferredReplies((place, tell) => wire.replyAt(place, () => this.#tell(tell)))
    this.capabilities = capabilities
    this.salt = salt
    this.session = session
    this.user = who.user
    this.database = who.database
    this.attributes = who.attributes
    this.#loginDecode = decoderOfCollation(who.collation ?? 0)
    this.decode = this.#loginDecode
    this.multiStatements = (capabilities & Capability.MULTI_STATEMENTS) !== 0
    this.since = server.now()
    this.#turnBegan = this.since
  }

  /** It has waited for the client: others had their turn. */
  beginTurn(): void {
    this.#turnBegan = this.server.now()
  }

  /** Lets others have their turn, where statements have taken long. */
  *takeTurns(): Steps<void> {
    if (this.server.now() - this.#turnBegan < fairMs) return
    yield new Promise((resolve) => setImmediate(resolve))
    this.beginTurn()
  }

  /** After COM_CHANGE_USER: somebody else on the same connection. */
  become(who: Credentials, session: Session): void {
    this.session = session
    this.#open = true
    this.user = who.user
    this.database = who.database
    this.attributes = who.attributes
    if (who.collation !== undefined) this.#loginDecode = decoderOfCollation(who.collation)
    this.reset()
  }

  /** Back to what was agreed at login. */
  reset(): void {
    this.decode = this.#loginDecode
    this.multiStatements = (this.capabilities & Capability.MULTI_STATEMENTS) !== 0
    this.statements.clear()
  }

  /** The session is over; tells the handler, once. */
  end(): void {
    if (!this.#open) return
    this.#open = false
    this.sql = undefined
    this.statements.clear()
    this.deferred.drop()
    try {
      this.server.handler.closed?.(this.session)
    } catch (error) {
      this.server.onError(error)
    }
  }

  /** The statement that has run longest without an answer, and since when; none, and when the last command ended. */
  get running(): { readonly sql: string | undefined; readonly since: number } {
    return this.deferred.first ?? this
  }

  /** Whether EOF packets are left out, and rows end with an OK packet. */
  get deprecatesEof(): boolean {
    return (this.capabilities & Capability.DEPRECATE_EOF) !== 0
  }

  /** The status flags of a reply, `more` among them. */
  status(more = 0): number {
    const status = this.server.handler.status?.(this.session)
    if (status === undefined) return Status.AUTOCOMMIT | more
    return (status.autocommit ? Status.AUTOCOMMIT : 0) | (status.inTransaction ? Status.IN_TRANSACTION : 0) | more
  }

  ok(result: OkResult = nothingAffected, more = 0): void {
    writeOk(this.out, result, this.status(more))
  }

  /**
   * Ends a list of column definitions, where the client wants that. `more` is told here already, as MySQL does: before
   * they have read the rows, clients ask their library whether another result follows.
   */
  endColumns(more = 0): void {
    if (!this.deprecatesEof) writeEof(this.out, this.status(more))
  }

  endRows(more: number, warnings = 0): void {
    if (this.deprecatesEof) writeOkAsEof(this.out, this.status(more), warnings)
    else writeEof(this.out, this.status(more), warnings)
  }

  #tell(tell: () => OkResult): void {
    try {
      this.ok(tell())
    } catch (error) {
      sendError(this.out, error, this.server.onError)
    }
  }

  /** The next statements are to be read in this character set. */
  useCharset(name: string): void {
    this.decode = decoderOfCharset(name)
  }
}

const nothingAffected: OkResult = { affectedRows: 0 }

/** Sends `error` if it is meant for clients, else "Internal error", and the error to `onError`. */
export function sendError(out: PacketWriter, error: unknown, onError: (error: unknown) => void): void {
  if (isClientError(error)) {
    writeError(out, error)
    return
  }
  onError(error)
  writeError(out, new MysqlError('Internal error'))
}
