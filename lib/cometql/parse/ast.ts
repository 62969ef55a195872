/** A value of the language. Bytes that a driver binds are decoded as UTF-8 before they come here. */
export type Scalar = string | number | bigint | null

interface Node {
  /** Offset in the statement, for error texts. */
  readonly at: number
}

export interface Literal extends Node {
  readonly kind: 'literal'
  readonly value: Scalar
}

/** `?`; `index` counts from 0. */
export interface Param extends Node {
  readonly kind: 'param'
  readonly index: number
}

/** A name that stands for a column, or a bare word that is meant as text: only the tables tell which. */
export interface ColumnRef extends Node {
  readonly kind: 'column'
  readonly table: string | undefined
  readonly name: string
  /** Not quoted and not qualified, so it may be text. */
  readonly isBareWord: boolean
}

export interface UserVariable extends Node {
  readonly kind: 'userVariable'
  readonly name: string
}

export interface SystemVariable extends Node {
  readonly kind: 'systemVariable'
  /** In small letters, without `global.` or `session.`. */
  readonly name: string
}

/** `@name := value` */
export interface Assignment extends Node {
  readonly kind: 'assignment'
  readonly name: string
  readonly value: Expression
}

export interface Call extends Node {
  readonly kind: 'call'
  /** In capitals. */
  readonly name: string
  readonly args: readonly Expression[]
  readonly distinct: boolean
  /** Of GROUP_CONCAT. */
  readonly orderBy?: readonly OrderItem[]
  readonly separator?: string
}

export type BinaryOperator =
  | '='
  | '<>'
  | '<'
  | '<='
  | '>'
  | '>='
  | '<=>'
  | '+'
  | '-'
  | '*'
  | '/'
  | '%'
  | 'DIV'
  | 'XOR'
  | '&'
  | '|'
  | '^'
  | '<<'
  | '>>'

export interface Binary extends Node {
  readonly kind: 'binary'
  readonly operator: BinaryOperator
  readonly left: Expression
  readonly right: Expression
}

export interface Unary extends Node {
  readonly kind: 'unary'
  readonly operator: 'NOT' | '-' | '~' | 'BINARY'
  readonly operand: Expression
}

/** AND or OR of two and more conditions: a list, so that a long chain needs no deep recursion. */
export interface Logical extends Node {
  readonly kind: 'logical'
  readonly operator: 'AND' | 'OR'
  readonly operands: readonly Expression[]
}

export interface In extends Node {
  readonly kind: 'in'
  readonly negated: boolean
  readonly operand: Expression
  readonly list: readonly Expression[] | Select
}

export interface Like extends Node {
  readonly kind: 'like'
  readonly negated: boolean
  readonly operand: Expression
  readonly pattern: Expression
  readonly escape: Expression | undefined
}

/** `x REGEXP pattern`, RLIKE too. */
export interface RegexpTest extends Node {
  readonly kind: 'regexp'
  readonly negated: boolean
  readonly operand: Expression
  readonly pattern: Expression
}

export interface Between extends Node {
  readonly kind: 'between'
  readonly negated: boolean
  readonly operand: Expression
  readonly low: Expression
  readonly high: Expression
}

/** `IS [NOT] NULL | TRUE | FALSE` */
export interface Is extends Node {
  readonly kind: 'is'
  readonly negated: boolean
  readonly operand: Expression
  readonly what: boolean | null
}

export interface Case extends Node {
  readonly kind: 'case'
  readonly operand: Expression | undefined
  readonly branches: readonly { readonly when: Expression; readonly then: Expression }[]
  readonly otherwise: Expression | undefined
}

/** `(SELECT …)` as a value, or `EXISTS (SELECT …)`. */
export interface Subquery extends Node {
  readonly kind: 'subquery'
  readonly exists: boolean
  readonly select: Select
}

/** `x COLLATE name` */
export interface Collate extends Node {
  readonly kind: 'collate'
  readonly operand: Expression
  readonly collation: string
}

/** DEFAULT where INSERT or SET expects a value. */
export interface Default extends Node {
  readonly kind: 'default'
}

export type Expression =
  | Literal
  | Param
  | ColumnRef
  | UserVariable
  | SystemVariable
  | Assignment
  | Call
  | Binary
  | Unary
  | Logical
  | In
  | Like
  | RegexpTest
  | Between
  | Is
  | Case
  | Subquery
  | Collate
  | Default

/** `schema.name` */
export interface TableName extends Node {
  readonly schema: string | undefined
  readonly name: string
}

/** One table of a FROM. The first one's join is `CROSS`. */
export interface Source extends Node {
  readonly from: TableName | Select
  readonly alias: string | undefined
  readonly join: 'CROSS' | 'INNER' | 'LEFT'
  readonly on: Expression | undefined
  readonly using: readonly string[]
}

/** `*` or `t.*` */
export interface Star extends Node {
  readonly kind: 'star'
  readonly table: string | undefined
}

export interface SelectItem extends Node {
  readonly kind: 'item'
  readonly expression: Expression
  /** The alias, or what was written. */
  readonly name: string
  readonly isAliased: boolean
}

export interface OrderItem {
  readonly expression: Expression
  readonly descending: boolean
}

export interface Limit {
  readonly count: Expression
  readonly offset: Expression | undefined
}

/** One SELECT without its ORDER BY and LIMIT. */
export interface SelectCore extends Node {
  readonly distinct: boolean
  /** Reads a whole table on purpose, as dumps do (SQL_NO_CACHE). */
  readonly wholeTable: boolean
  readonly items: readonly (Star | SelectItem)[]
  readonly sources: readonly Source[]
  readonly where: Expression | undefined
  readonly groupBy: readonly Expression[]
  readonly having: Expression | undefined
}

export interface Select extends Node {
  readonly kind: 'select'
  /** One, or those of a UNION. */
  readonly cores: readonly SelectCore[]
  /** UNION without ALL. */
  readonly unionDistinct: boolean
  readonly orderBy: readonly OrderItem[]
  readonly limit: Limit | undefined
  /** Seconds to wait for something to tell. */
  readonly wait: Expression | undefined
}

export interface Insert {
  readonly kind: 'insert'
  readonly table: TableName
  /** Undefined: all columns, in their order. */
  readonly columns: readonly ColumnName[] | undefined
  readonly rows: readonly (readonly Expression[])[]
  /** IGNORE: rows with mistakes become warnings, and rows that are there stay as they are. */
  readonly ignore: boolean
  /** ON DUPLICATE KEY UPDATE. */
  readonly onDuplicate: readonly ColumnAssignment[]
  /** What ON DUPLICATE KEY UPDATE calls the values inserted. */
  readonly rowAlias: string | undefined
}

/** `column = value` of UPDATE and ON DUPLICATE KEY UPDATE. */
export interface ColumnAssignment {
  readonly column: ColumnName
  readonly value: Expression
}

export interface Update {
  readonly kind: 'update'
  readonly table: TableName
  readonly alias: string | undefined
  readonly assignments: readonly ColumnAssignment[]
  readonly where: Expression | undefined
  readonly orderBy: readonly OrderItem[]
  readonly limit: Limit | undefined
}

export interface ColumnName extends Node {
  readonly name: string
}

export interface Delete {
  readonly kind: 'delete'
  readonly table: TableName
  readonly alias: string | undefined
  readonly where: Expression | undefined
  readonly orderBy: readonly OrderItem[]
  readonly limit: Limit | undefined
}

/** One `name = value` of a SET. */
export interface SetItem {
  readonly target: 'user' | 'system'
  /** In small letters, without `global.` or `session.`. */
  readonly name: string
  readonly value: Expression
}

export interface SetVariables {
  readonly kind: 'set'
  readonly items: readonly SetItem[]
}

export interface Show {
  readonly kind: 'show'
  /** What is shown, as a name of the catalogue of SHOW, for example `TABLES` or `CREATE TABLE`. */
  readonly what: string
  readonly full: boolean
  /** Of all connections instead of this one. */
  readonly global: boolean
  readonly table: TableName | undefined
  readonly schema: string | undefined
  readonly like: string | undefined
  readonly where: Expression | undefined
  readonly limit: Limit | undefined
}

/** EXPLAIN of a statement; that of a table is a SHOW. */
export interface Explain {
  readonly kind: 'explain'
  readonly statement: Select | Insert | Update | Delete
  /** FORMAT=JSON */
  readonly isJson: boolean
}

/** Statements that take at most one name. */
export interface Simple {
  readonly kind: 'begin' | 'commit' | 'rollback' | 'savepoint' | 'rollbackTo' | 'release' | 'use' | 'nothing'
  readonly name: string
}

/** `KILL [CONNECTION | QUERY] id` */
export interface Kill {
  readonly kind: 'kill'
  /** KILL QUERY: only the statement that runs. */
  readonly onlyQuery: boolean
  readonly id: Expression
}

export type Statement = Select | Insert | Update | Delete | SetVariables | Show | Explain | Simple | Kill
