import type { Call, Scalar } from '../parse/ast.ts'
import type { CometqlSession } from '../session.ts'
import type { Column } from '../table.ts'

export type ValueType = Column['type']

/** A function of the language. */
export interface SqlFunction {
  /** How many arguments it takes; without `max` just as many as `min`. */
  readonly min: number
  readonly max?: number
  readonly type: ValueType | ((args: readonly ValueType[], call: Call) => ValueType)
  /** It is called with NULLs too; the others are NULL if one of their arguments is. */
  readonly takesNull?: boolean
  /**
   * Where the result may be many times as long as the arguments: how many characters it will have. Asked before it is
   * made, because the text could be too long to be made at all.
   */
  length?(args: readonly Scalar[]): number
  apply(args: readonly Scalar[], session: CometqlSession): Scalar
}

export type Functions = Readonly<Record<string, SqlFunction>>

/** The type of the first argument, or what holds all of them. */
export function widest(args: readonly ValueType[]): ValueType {
  for (const type of ['text', 'double', 'bigint'] as const) if (args.includes(type)) return type
  return 'int'
}
