import type { ColumnDef } from '../../mysql-server-protocol-lite/index.ts'
import type { Compiled } from '../expressions/scope.ts'
import type { Scalar } from '../parse/ast.ts'

/** What a SELECT gives. */
export interface SelectResult {
  readonly columns: readonly ColumnDef[]
  readonly rows: readonly (readonly Scalar[])[]
}

/** What values of a column are where it is part of an expression. */
export function scalarType(column: ColumnDef | undefined): Compiled['type'] {
  const type = column?.type
  return type === 'int' || type === 'bigint' || type === 'double' ? type : 'text'
}

const maxInt = 0x7fffffff

/** The result. Numbers that do not fit into 32 bits make their column a bigint: a client would cut them off. */
export function finish(columns: readonly ColumnDef[], rows: SelectResult['rows']): SelectResult {
  const isWide = (index: number): boolean =>
    rows.some((row) => {
      const value = row[index]
      return typeof value === 'bigint' || (typeof value === 'number' && Math.abs(value) > maxInt)
    })
  return {
    columns: columns.map((column, index) =>
      column.type === 'int' && isWide(index) ? { ...column, type: 'bigint' } : column,
    ),
    rows,
  }
}
