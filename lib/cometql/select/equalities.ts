import type { ColumnRef, Expression, SelectCore } from '../parse/ast.ts'
import { findColumn } from '../expressions/columns.ts'
import type { BoundSource } from './from.ts'
import type { Column } from '../table.ts'

/** A column of the source with this index. */
export interface SourceColumn {
  readonly index: number
  readonly column: Column
}

/** Two columns that must be equal in every row of a join. */
export interface Equality {
  readonly sides: readonly [SourceColumn, SourceColumn]
  /** The index of the source whose LEFT JOIN says it: it then limits that source only. */
  readonly onlyFor: number | undefined
}

/** Which columns of different sources the conditions in WHERE, ON and USING make equal. */
export function equalitiesOf(core: SelectCore, sources: readonly BoundSource[]): Equality[] {
  if (sources.length < 2) return []
  const found = equalitiesIn(core.where, sources, undefined)
  for (const [index, { node, alias }] of sources.entries()) {
    const onlyFor = node.join === 'LEFT' ? index : undefined
    found.push(...equalitiesIn(node.on, sources, onlyFor))
    for (const name of node.using) {
      const { at } = node
      const left: ColumnRef = { kind: 'column', at, table: undefined, name, isBareWord: false }
      found.push(...equality(left, { ...left, table: alias }, sources, onlyFor))
    }
  }
  return found
}

function equalitiesIn(
  condition: Expression | undefined,
  sources: readonly BoundSource[],
  onlyFor: number | undefined,
): Equality[] {
  if (condition?.kind === 'logical' && condition.operator === 'AND') {
    return condition.operands.flatMap((operand) => equalitiesIn(operand, sources, onlyFor))
  }
  if (condition?.kind !== 'binary' || condition.operator !== '=') return []
  const { left, right } = condition
  return left.kind === 'column' && right.kind === 'column' ? equality(left, right, sources, onlyFor) : []
}

function equality(
  left: ColumnRef,
  right: ColumnRef,
  sources: readonly BoundSource[],
  onlyFor: number | undefined,
): Equality[] {
  const a = findColumn(left, sources)
  const b = findColumn(right, sources)
  return a === undefined || b === undefined || a.index === b.index ? [] : [{ sides: [a, b], onlyFor }]
}

/** What must equal column `own` of a source: columns of other ones. */
export function equalTo(index: number, equalities: readonly Equality[]): { own: Column; other: SourceColumn }[] {
  return equalities.flatMap(({ sides: [a, b], onlyFor }) => {
    if (onlyFor !== undefined && onlyFor !== index) return []
    if (a.index === index) return [{ own: a.column, other: b }]
    return b.index === index ? [{ own: b.column, other: a }] : []
  })
}
