import { ByteQueue } from './byte-queue.ts'
import { lastPreparedId } from './constants.ts'
import { malformedPacket, MysqlError } from './errors.ts'
import type { ColumnDef } from './handler.ts'
import type { Limits } from './options.ts'
import type { RowSource } from './rows.ts'
import { countPlaceholders } from './sql-text.ts'

/** The type of a parameter, as the client bound it. */
export interface ParameterType {
  /** One of constants.FieldType. */
  readonly code: number
  readonly unsigned: boolean
}

/** Rows that wait for COM_STMT_FETCH. */
export interface Cursor {
  readonly columns: readonly ColumnDef[]
  readonly rows: RowSource
}

export interface Statement {
  readonly id: number
  readonly sql: string
  readonly sqlBytes: number
  readonly parameterCount: number
  /** Sent with the first execution; later ones may leave them out. */
  types: readonly ParameterType[]
  /** What COM_STMT_SEND_LONG_DATA brought, by the parameter's index. */
  readonly longData: Map<number, ByteQueue>
  longDataBytes: number
  /** COM_STMT_SEND_LONG_DATA has no reply: what was wrong with it is told at the execution. */
  longDataError: MysqlError | undefined
  cursor: Cursor | undefined
}

/** The prepared statements of one connection. */
export class Statements {
  readonly #limits: Limits
  readonly #onLimit: (limit: keyof Limits) => void
  readonly #statements = new Map<number, Statement>()
  #lastId = 0
  #lastPrepared: Statement | undefined
  #bytes = 0

  /** `onLimit` hears of each refusal. */
  constructor(limits: Limits, onLimit: (limit: keyof Limits) => void) {
    this.#limits = limits
    this.#onLimit = onLimit
  }

  /** @throws MysqlError 1461 if there are too many, or their texts are too large, 1390 if `sql` has too many parameters */
  prepare(sql: string): Statement {
    const { maxStatements, maxStatementBytes } = this.#limits
    if (this.#statements.size >= maxStatements) {
      throw this.#tooMany('maxStatements', `${this.#statements.size} are open, the limit is ${maxStatements}`)
    }
    const sqlBytes = Buffer.byteLength(sql)
    if (this.#bytes + sqlBytes > maxStatementBytes) {
      const why = `they would take ${this.#bytes + sqlBytes} bytes, the limit is ${maxStatementBytes}`
      throw this.#tooMany('maxStatementBytes', why)
    }
    this.#lastId = (this.#lastId % (lastPreparedId - 1)) + 1
    const statement: Statement = {
      id: this.#lastId,
      sql,
      sqlBytes,
      parameterCount: countParameters(sql),
      types: [],
      longData: new Map(),
      longDataBytes: 0,
      longDataError: undefined,
      cursor: undefined,
    }
    this.#bytes += sqlBytes
    this.#statements.set(statement.id, statement)
    this.#lastPrepared = statement
    return statement
  }

  /** To be called before each PREPARE: after one that failed, "the one just prepared" is none. */
  forgetLast(): void {
    this.#lastPrepared = undefined
  }

  /** The statement called `id`, or the last one prepared for 0xffffffff. @throws MysqlError 1243 if there is none */
  get(id: number, command: string): Statement {
    const statement = this.find(id)
    if (statement !== undefined) return statement
    throw new MysqlError(
      `Unknown prepared statement ${id} given to ${command}: it was closed, or prepared on another connection`,
      1243,
      'HY000',
    )
  }

  find(id: number): Statement | undefined {
    return id === lastPreparedId ? this.#lastPrepared : this.#statements.get(id)
  }

  addLongData(statement: Statement, index: number, data: Buffer): void {
    if (index >= statement.parameterCount) {
      statement.longDataError ??= malformedPacket(`there is no parameter ${index}`)
    } else if (this.#bytes + data.length > this.#limits.maxStatementBytes) {
      const why = `values sent ahead exceed ${this.#limits.maxStatementBytes} bytes`
      statement.longDataError ??= this.#tooMany('maxStatementBytes', why)
    } else {
      // One buffer, however many parts come; the first is copied, since a slice would hold on to all that came with it.
      const value = statement.longData.get(index) ?? new ByteQueue()
      value.push(value.length === 0 ? Buffer.from(data) : data, Infinity)
      statement.longData.set(index, value)
      statement.longDataBytes += data.length
      this.#bytes += data.length
    }
  }

  clearLongData(statement: Statement): void {
    this.#bytes -= statement.longDataBytes
    statement.longData.clear()
    statement.longDataBytes = 0
    statement.longDataError = undefined
  }

  closeCursor(statement: Statement): void {
    statement.cursor?.rows.close()
    statement.cursor = undefined
  }

  /** Unknown ids are ignored: COM_STMT_CLOSE has no reply. */
  close(id: number): void {
    const statement = this.find(id)
    if (statement === undefined) return
    this.closeCursor(statement)
    this.clearLongData(statement)
    this.#bytes -= statement.sqlBytes
    this.#statements.delete(statement.id)
    if (this.#lastPrepared === statement) this.#lastPrepared = undefined
  }

  clear(): void {
    for (const id of [...this.#statements.keys()]) this.close(id)
  }

  #tooMany(limit: keyof Limits, why: string): MysqlError {
    this.#onLimit(limit)
    return new MysqlError(`Too many prepared statements on this connection: ${why}; close some`, 1461, '42000')
  }
}

/** The wire counts them in 16 bits. */
const maxParameters = 0xffff

function countParameters(sql: string): number {
  const count = countPlaceholders(sql)
  if (count <= maxParameters) return count
  throw new MysqlError(`A statement with ${count} parameters; the limit is ${maxParameters}`, 1390, 'HY000')
}
