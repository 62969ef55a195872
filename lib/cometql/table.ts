import { cometError } from '../errors.ts'
import type { Scalar } from './parse/ast.ts'
import type { MaybePromise } from './maybe-promise.ts'
import type { TenantView } from './tenant-view.ts'

/** What became of a row. */
export interface Inserted {
  /** What LAST_INSERT_ID() says; 0 for none. */
  readonly insertId: number
  /** 0 where the row was there already, so that nothing happened. */
  readonly affectedRows: 0 | 1
}

/** The values of a row by the names of its columns. In an INSERT a column that was not named is missing. */
export type Row = Readonly<Record<string, Scalar>>

/** A column of a table. */
export interface Column {
  readonly name: string
  readonly type: 'int' | 'bigint' | 'double' | 'text'
  /** As DESCRIBE shows it, for example `varchar(64)`. */
  readonly sqlType: string
  /** Of a text: the most characters that a value has. */
  readonly length?: number
  /** Capitals and small letters differ in comparisons. */
  readonly isBinary: boolean
  /** An INSERT may leave it out. */
  readonly isNullable: boolean
}

/**
 * One CometQL table. A missing verb is what makes a table read only (error 10). All methods are called with names and
 * values of the statement, which nobody has checked.
 */
export interface Table {
  readonly name: string
  /** The column on which a statement needs a condition. */
  readonly key: string
  /** The column that tells rows from each other; undefined where the rows of one key have nothing that does. */
  readonly primaryKey?: string
  readonly columns: readonly Column[]
  /** When all of the table can be had without a condition on the key: always, with a LIMIT, or not at all. */
  readonly listing: 'always' | 'limited' | 'never'
  /** For `information_schema.tables` and SHOW TABLE STATUS. */
  readonly comment: string

  /** The rows of `keys`, in their order; without `keys` all rows. */
  select(tenant: TenantView, keys: readonly string[] | undefined): MaybePromise<readonly Row[]>
  insert?(tenant: TenantView, row: Row): MaybePromise<Inserted>
  /** Resolves to how many rows there were. */
  delete?(tenant: TenantView, keys: readonly string[]): MaybePromise<number>
  /** Removes one row of those of a key, where a key has several; without the key, those of all keys. Resolves to how many. */
  deleteRow?(tenant: TenantView, row: Row): MaybePromise<number>
}

/** The most that MySQL's type of this name holds. */
const mediumText = 16_777_215
/** Whether an INSERT replaces the row of the same key, so that rows can be updated. */
export function isReplaceable(table: Table): boolean {
  return table.insert !== undefined && table.key === table.primaryKey
}

/** The `sqlType` of a text of any length. */
export const longText = 'mediumtext'

/** A text column; `length` 0 is for any length. */
export function text(name: string, length = 0): Column {
  const sqlType = length === 0 ? longText : `varchar(${length})`
  return { name, type: 'text', sqlType, length: length || mediumText, isBinary: true, isNullable: false }
}

export function int(name: string): Column {
  return { name, type: 'int', sqlType: 'bigint(20)', isBinary: false, isNullable: false }
}

/** A column that the server fills in; an INSERT may name it, which changes nothing. */
export function readOnly(column: Column): Column {
  return { ...column, isNullable: true }
}

/** The text that an INSERT has for `column`; undefined where it has none or NULL. */
export function optional(row: Row, column: string): string | undefined {
  const value = row[column]
  return value === undefined || value === null ? undefined : typeof value === 'string' ? value : String(value)
}

/**
 * The text that an INSERT must have for `column`.
 * @throws CometError COMET_ERR_REQUIRED
 */
export function required(row: Row, column: string): string {
  const value = optional(row, column)
  if (value === undefined) throw cometError('COMET_ERR_REQUIRED', { column })
  return value
}

/** Those of `keys` that are user ids. */
export function userIds(keys: readonly string[]): number[] {
  return keys.map(Number).filter((id) => Number.isSafeInteger(id) && id > 0)
}

/** The outcome of a row that was inserted. */
export function inserted(insertId: number): Inserted {
  return { insertId, affectedRows: 1 }
}
