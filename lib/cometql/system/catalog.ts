import { cometError } from '../../errors.ts'
import type { TableName } from '../parse/ast.ts'
import type { CometqlSession } from '../session.ts'
import type { Table } from '../table.ts'
import { cometTables } from '../tables/index.ts'
import { informationSchemaTables } from './information-schema.ts'
import { cometDatabase, informationSchema } from './schema-tables.ts'
import type { VirtualTable } from './virtual-table.ts'

/** A table of one of the two databases. */
export type FoundTable =
  | { readonly kind: 'comet'; readonly schema: string; readonly table: Table }
  | { readonly kind: 'virtual'; readonly schema: string; readonly table: VirtualTable }

/**
 * The table that a name means to this session, in whatever letters.
 * @throws CometError COMET_ERR_NO_TABLE
 */
export function findTable({ schema, name }: TableName, session: CometqlSession): FoundTable {
  const database = (schema ?? session.currentDatabase).toLowerCase()
  if (database === informationSchema) {
    const table = informationSchemaTables.get(name.toUpperCase())
    if (table !== undefined) return { kind: 'virtual', schema: informationSchema, table }
  } else if (database === 'cometql_v1' || database === session.database) {
    const table = cometTables.get(name) ?? cometTables.get(name.toLowerCase())
    if (table !== undefined) return { kind: 'comet', schema: cometDatabase(session), table }
  }
  const written = schema === undefined ? name : `${schema}.${name}`
  throw cometError('COMET_ERR_NO_TABLE', { table: written, tables: [...cometTables.keys()].join(', ') })
}
