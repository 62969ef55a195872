import type { ColumnDef } from '../../mysql-server-protocol-lite/index.ts'
import { cometError } from '../../errors.ts'
import type { SelectItem, Star } from '../parse/ast.ts'
import { compile } from '../expressions/compile.ts'
import type { Compiled, Scope, Source } from '../expressions/scope.ts'
import type { Column } from '../table.ts'

/** What a SELECT puts into each row. */
export interface Projection {
  readonly items: readonly Compiled[]
  readonly columns: readonly ColumnDef[]
  /** The items by their names in small letters: ORDER BY and HAVING may use them. */
  readonly aliases: ReadonlyMap<string, Compiled>
}

/** Compiles the items between SELECT and FROM; `*` becomes the columns that it stands for. */
export function projectionOf(
  written: readonly (Star | SelectItem)[],
  sources: readonly Source[],
  scope: Scope,
): Projection {
  const items: Compiled[] = []
  const columns: ColumnDef[] = []
  const aliases = new Map<string, Compiled>()
  const add = (compiled: Compiled, name: string): void => {
    items.push(compiled)
    columns.push(definition(compiled, name))
    const key = name.toLowerCase()
    if (!aliases.has(key)) aliases.set(key, compiled)
  }
  for (const item of written) {
    if (item.kind === 'item') add(compile(item.expression, scope), item.name)
    else for (const { compiled, name } of starColumns(item, sources)) add(compiled, name)
  }
  return { items, columns, aliases }
}

function starColumns(star: Star, sources: readonly Source[]): { compiled: Compiled; name: string }[] {
  const table = star.table?.toLowerCase()
  const found = sources
    .map((source, index) => ({ source, index }))
    .filter(({ source }) => table === undefined || source.alias.toLowerCase() === table)
  if (found.length === 0) {
    throw cometError('COMET_ERR_COLUMNS', {
      problem: `${star.table ?? ''}* stands for no columns`,
      table: 'the statement',
      columns: 'those of the tables in its FROM',
    })
  }
  return found.flatMap(({ source, index }) =>
    source.columns
      .filter(({ name }) => table !== undefined || !source.hidden.has(name.toLowerCase()))
      .map((column) => ({ compiled: columnOf(source, column, index), name: column.name })),
  )
}

function columnOf(source: Source, column: Column, index: number): Compiled {
  const { name, type, isBinary } = column
  const evaluate: Compiled['evaluate'] = ({ rows }) => rows[index]?.[name] ?? null
  return { type, isBinary, isConstant: false, bound: { source, column }, evaluate }
}

function definition({ type, bound }: Compiled, name: string): ColumnDef {
  if (bound === undefined || bound.source.schema === '') return { name, type }
  const { source, column } = bound
  const { name: orgName, length } = column
  const known = { name, type, orgName, table: source.alias, orgTable: source.table, schema: source.schema }
  return length === undefined ? known : { ...known, length }
}
