import type { CometqlSession } from '../session.ts'
import type { Column, Row } from '../table.ts'

/** A table that shows something of the server itself; read only. */
export interface VirtualTable {
  readonly name: string
  readonly columns: readonly Column[]
  readonly rows: (session: CometqlSession) => readonly Row[]
}

/** `columns`: names with blanks between them; those of numbers end in `#`. */
export function virtualTable(name: string, columns: string, rows: VirtualTable['rows'] = () => []): VirtualTable {
  return { name, columns: columns.split(' ').map(virtualColumn), rows }
}

function virtualColumn(written: string): Column {
  const isNumber = written.endsWith('#')
  const name = isNumber ? written.slice(0, -1) : written
  return {
    name: name.replaceAll('~', ' '),
    type: isNumber ? 'int' : 'text',
    sqlType: isNumber ? 'bigint(21)' : 'varchar(512)',
    // As in MySQL: utf8_general_ci.
    isBinary: false,
    isNullable: true,
  }
}
