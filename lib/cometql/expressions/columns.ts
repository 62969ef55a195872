import { cometError, type CometError } from '../../errors.ts'
import type { ColumnName, ColumnRef } from '../parse/ast.ts'
import { constant, type BoundColumn, type Compiled, type Scope, type Source } from './scope.ts'
import type { Column } from '../table.ts'

/** The column of that name, in whatever letters. @throws CometError COMET_ERR_COLUMNS */
export function findTableColumn({ at, name }: ColumnName, source: Source): Column {
  const ref: ColumnRef = { kind: 'column', at, table: undefined, name, isBareWord: false }
  const found = findColumn(ref, [source])
  if (found === undefined) throw unknownColumn(ref, [source])
  return found.column
}

/** The column that a name means; undefined if none of the sources has it. */
export function findColumn(ref: ColumnRef, sources: readonly Source[]): (BoundColumn & { index: number }) | undefined {
  const name = ref.name.toLowerCase()
  const table = ref.table?.toLowerCase()
  for (const [index, source] of sources.entries()) {
    if (table !== undefined && source.alias.toLowerCase() !== table) continue
    const column = source.columns.find((candidate) => candidate.name.toLowerCase() === name)
    if (column !== undefined) return { source, column, index }
  }
  return undefined
}

/** The value of a column in each row; a bare word that is none may be text. @throws CometError COMET_ERR_COLUMNS */
export function compileColumn(ref: ColumnRef, scope: Scope): Compiled {
  const alias = ref.table === undefined ? scope.aliases?.get(ref.name.toLowerCase()) : undefined
  if (alias !== undefined && scope.aliasesFirst === true) return alias
  const found = findColumn(ref, scope.sources)
  if (found === undefined) {
    if (alias !== undefined) return alias
    if (scope.wordsAreText === true && ref.isBareWord) return constant(ref.name)
    throw unknownColumn(ref, scope.sources)
  }
  checkUnambiguous(ref, scope.sources)
  const { column, index } = found
  const { name, type, isBinary } = column
  return { type, isBinary, isConstant: false, bound: found, evaluate: ({ rows }) => rows[index]?.[name] ?? null }
}

/** A name without a table may be in one source only, not counting what a join USING it has in both. */
function checkUnambiguous({ table, name }: ColumnRef, sources: readonly Source[]): void {
  if (table !== undefined || sources.length < 2) return
  const key = name.toLowerCase()
  const having = sources.filter(
    ({ columns, hidden }) => !hidden.has(key) && columns.some((column) => column.name.toLowerCase() === key),
  )
  if (having.length < 2) return
  throw cometError('COMET_ERR_COLUMNS', {
    problem: `The column "${name}" is ambiguous: write it with its table`,
    table: having.map(({ alias }) => alias).join(', '),
    columns: having.map(({ alias }) => `${alias}.${name}`).join(', '),
  })
}

function unknownColumn(ref: ColumnRef, sources: readonly Source[]): CometError {
  const written = ref.table === undefined ? ref.name : `${ref.table}.${ref.name}`
  const hint = ref.isBareWord ? ' (a text needs quotes)' : ''
  return cometError('COMET_ERR_COLUMNS', {
    problem: `There is no column "${written}"${hint}`,
    table: sources.map(({ table }) => table).join(', ') || 'a statement without a table',
    columns: sources.flatMap(({ columns }) => columns.map(({ name }) => name)).join(', ') || 'none',
  })
}
