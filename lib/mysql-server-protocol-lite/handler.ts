/** One value: of a parameter or of a row. Text is a string, bytes that are not text a Buffer. */
export type Value = string | number | bigint | Buffer | null

/** The values of one row, in the order of the columns. */
export type Row = readonly Value[]

/**
 * The type of a column: `int` 32 bits, `bigint` 64 bits, `text` UTF-8, `blob` bytes, `decimal` digits as a string, `date`,
 * `datetime` and `time` strings as MySQL prints them (`2026-01-31 23:59:59.000001`).
 */
export type ColumnType = 'int' | 'bigint' | 'double' | 'decimal' | 'text' | 'blob' | 'date' | 'datetime' | 'time'

export interface ColumnDef {
  /** As asked for: the alias where there is one. */
  readonly name: string
  readonly type: ColumnType
  /**
   * Of a text: the most characters that a value has; default 65,535. Some clients set room aside for that many, and cut
   * off the rest. Longer ones are sent as MySQL's TEXT columns are, whose values they take as they come.
   */
  readonly length?: number
  /** The name in the table; default `name`. */
  readonly orgName?: string
  readonly table?: string
  /** The table's own name; default `table`. */
  readonly orgTable?: string
  readonly schema?: string
  readonly unsigned?: boolean
  readonly primaryKey?: boolean
  readonly notNull?: boolean
}

/** The answer to a statement that changes something or nothing: an OK packet. */
export interface OkResult {
  readonly affectedRows: number
  /** Default 0. */
  readonly insertId?: number | bigint
  /** Shown by command line clients, for example `Records: 2  Duplicates: 0  Warnings: 0`. */
  readonly info?: string
  /** How many warnings `SHOW WARNINGS` would list; default 0. */
  readonly warnings?: number
}

/** The answer to a statement that reads: rows, which are pulled one by one, no faster than the client takes them. */
export interface RowsResult {
  readonly columns: readonly ColumnDef[]
  readonly rows: Iterable<Row> | AsyncIterable<Row>
  readonly warnings?: number
}

export type Result = OkResult | RowsResult

/**
 * An OK packet that is still to come. `deferred` resolves when the outcome is there, to a function which tells it: that is
 * called once, when the statements before it have been answered, so what it notes in the session it notes in their order;
 * what it throws is sent as an error. Where the connection is gone it is not called.
 */
export interface DeferredResult {
  readonly deferred: PromiseLike<() => OkResult>
}

/** Who wants in. */
export interface Login {
  readonly user: string
  /** Empty if the client named none. */
  readonly database: string
  /** Empty if unknown. */
  readonly remoteAddress: string
  /** Whether the connection is encrypted. */
  readonly secure: boolean
  /** What the client says of itself: `_client_name`, `program_name`, `_pid` and the like. */
  readonly attributes: ReadonlyMap<string, string>
  /** Unique among the open connections of one server; what `SELECT CONNECTION_ID()` and `KILL` mean. */
  readonly connectionId: number
  /** CLIENT_FOUND_ROWS: as `affectedRows` of an UPDATE the client wants the rows found, not the rows changed. */
  readonly countsFoundRows: boolean
  /**
   * Whether the client knows the password `plain`. Takes the same time for right and wrong ones. False for a client that
   * sent an empty password, and for an empty `plain`.
   */
  checkPassword(plain: string): boolean
}

/** What the status flags of a reply tell: several drivers read them. */
export interface SessionStatus {
  readonly autocommit: boolean
  readonly inTransaction: boolean
}

/**
 * What a server does. Calls for one connection never overlap, but for `leaving` and `closed`, which MAY come while a promise
 * of `query` is pending, and for `queryAhead`. An error thrown is sent to the client if it has a numeric `number` and a
 * string `sqlState` (like MysqlError); other ones are sent as "Internal error" and handed to the option `onError`.
 */
export interface MysqlHandler<Session> {
  /** Lets the client in, or MUST throw. Without a call of `checkPassword` anybody gets in. */
  authenticate(login: Login): Session | Promise<Session>
  /**
   * Runs one statement. `params` are the values bound to its `?`, in their order; [] if it was not prepared.
   * COM_INIT_DB arrives as "USE `name`", COM_PROCESS_INFO as "SHOW PROCESSLIST", COM_PROCESS_KILL as "KILL id".
   * Answer at once where possible: a promise costs a turn. A cursor MAY pull rows after later calls.
   */
  query(sql: string, params: readonly Value[], session: Session): Result | Promise<Result>
  /**
   * Begins a statement although those before it MAY not be answered yet, so that what clients send ahead of the answers
   * waits for a disk or a database together. Called first for each statement that is a command of its own; with undefined
   * it is left to `query`, which is called when all before it are answered. That MUST be the answer for all but statements
   * that neither see what those before them do, nor do what those behind them could miss: every other call waits until all
   * that was deferred is answered. SHOULD be quick to decide, and leave a statement with mistakes to `query`.
   */
  queryAhead?(sql: string, params: readonly Value[], session: Session): OkResult | DeferredResult | undefined
  /**
   * The columns of the result that a statement would have, without running it; undefined or [] for a statement without a
   * result set. Called for PREPARE, and for COM_FIELD_LIST with "SELECT * FROM `table`". SHOULD throw on a syntax error.
   */
  describe?(sql: string, session: Session): readonly ColumnDef[] | undefined | Promise<readonly ColumnDef[] | undefined>
  /** Asked for every reply, so MUST be cheap. Default: autocommit, no transaction. */
  status?(session: Session): SessionStatus
  /** COM_RESET_CONNECTION: roll back, forget session variables. The user and the database stay. */
  reset?(session: Session): void | Promise<void>
  /**
   * The client has said good-bye (COM_QUIT) and reads no answer any more: a statement that only waits for something SHOULD
   * end, those that do something go on. MAY come while a promise of `query` is pending, and before `closed` anyway.
   */
  leaving?(session: Session): void
  /** The session is over: its connection closed, or its client logged in as somebody else. Called once. */
  closed?(session: Session): void
}
