import type { Scalar, Select } from '../parse/ast.ts'
import type { CometqlSession } from '../session.ts'
import type { Column, Row } from '../table.ts'
import type { TenantView } from '../tenant-view.ts'

/** What an expression is evaluated for. */
export interface Env {
  /** One row of each source; undefined where a LEFT JOIN found none. */
  readonly rows: readonly (Row | undefined)[]
  /** The values of the aggregates of the group. */
  readonly aggregates: readonly Scalar[]
}

export type ValueType = Column['type']

/** A column of one of the sources. */
export interface BoundColumn {
  readonly source: Source
  readonly column: Column
}

/** An expression ready to be evaluated. */
export interface Compiled {
  readonly type: ValueType
  /** Capitals and small letters differ in comparisons. */
  readonly isBinary: boolean
  /** It is the same for all rows. */
  readonly isConstant: boolean
  /** Set where the expression is a column as it stands. */
  readonly bound?: BoundColumn
  readonly evaluate: (env: Env) => Scalar
}

/** A table of a FROM under the name that the statement gives it. */
export interface Source {
  readonly alias: string
  readonly table: string
  readonly schema: string
  readonly columns: readonly Column[]
  /** The columns that came first in a join USING them; `*` has them once. */
  readonly hidden: ReadonlySet<string>
}

/** What the rows of a subquery were; it has run before the expressions around it are compiled. */
export interface SubqueryResult {
  readonly type: ValueType
  readonly rows: readonly (readonly Scalar[])[]
}

/** A table that a SELECT read: for these keys, or whole where they are undefined. */
export interface TableRead {
  readonly table: string
  readonly keys: ReadonlySet<string> | undefined
}

/** The session, and the values of the `?`. */
export interface SelectContext {
  readonly session: CometqlSession
  readonly params: readonly Scalar[]
  /** What the tables are read from, where it is not what the session sees. */
  readonly view?: TenantView
  /** Collects which tables were read, where somebody wants to know. */
  readonly reads?: TableRead[]
  /** The statement changes something: texts that are compared with numbers must be numbers. */
  readonly isStrict?: boolean
}

/** What the names in an expression mean. */
export interface Scope extends SelectContext {
  readonly sources: readonly Source[]
  readonly subqueries: ReadonlyMap<Select, SubqueryResult>
  /** The items of the SELECT by their names in small letters, where a clause may use them. */
  readonly aliases?: ReadonlyMap<string, Compiled> | undefined
  /** Aliases win over columns (ORDER BY, HAVING) instead of the other way round (GROUP BY). */
  readonly aliasesFirst?: boolean
  /** Where aggregates are collected; undefined where there must be none. */
  readonly aggregates?: Aggregate[] | undefined
  /** A word that is no column is text (values of INSERT and SET). */
  readonly wordsAreText?: boolean
  /** The source that VALUES(column) means, in ON DUPLICATE KEY UPDATE. */
  readonly inserted?: string
}

/** The environment of expressions that depend on no row. */
export const noRows: Env = { rows: [], aggregates: [] }

/** A function over all rows of a group. */
export interface Aggregate {
  start(): Accumulator
}

export interface Accumulator {
  add(env: Env): void
  result(): Scalar
}

/** An expression that is always `value`. */
export function constant(value: Scalar): Compiled {
  const type = typeof value === 'number' ? (Number.isSafeInteger(value) ? 'int' : 'double') : typeOfScalar(value)
  return { type, isBinary: false, isConstant: true, evaluate: () => value }
}

/** NULL fits into every type, so it has the narrowest: `IFNULL(NULL, 5)` is a number. */
function typeOfScalar(value: Scalar): ValueType {
  return value === null ? 'int' : typeof value === 'bigint' ? 'bigint' : 'text'
}

/** The type that can hold values of all of `types`. */
export function commonType(types: readonly ValueType[]): ValueType {
  for (const type of ['text', 'double', 'bigint'] as const) if (types.includes(type)) return type
  return 'int'
}
