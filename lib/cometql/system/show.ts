import type { Show } from '../parse/ast.ts'
import { cometError } from '../../errors.ts'
import type { CometqlSession } from '../session.ts'
import type { Column, Row, Table } from '../table.ts'
import { findTable } from './catalog.ts'
import { grantee, informationSchemaTables, privileges } from './information-schema.ts'
import { cometDatabase, columnKey, indexesOf, informationSchema, privilegesOf } from './schema-tables.ts'
import { cometTables } from '../tables/index.ts'
import { listStatus } from './status.ts'
import { listVariables } from './variables.ts'
import { virtualTable, type VirtualTable } from './virtual-table.ts'

/**
 * What SHOW shows, as a table of its own: LIKE is about its first column, WHERE about any. A column name's `~` is a blank.
 * @throws CometError COMET_ERR_NOT_IMPLEMENTED, COMET_ERR_NO_TABLE, COMET_ERR_NO_DATABASE
 */
export function shownTable(show: Show, session: CometqlSession): VirtualTable {
  const make = catalogue[show.what]
  if (make === undefined) throw cometError('COMET_ERR_NOT_IMPLEMENTED', { what: `SHOW ${show.what}` })
  return make(show, session)
}

type Maker = (show: Show, session: CometqlSession) => VirtualTable

const catalogue: Readonly<Record<string, Maker>> = {
  TABLES: showTables,
  'TABLE STATUS': showTableStatus,
  'OPEN TABLES': () => virtualTable('OPEN TABLES', 'Database Table In_use# Name_locked#'),
  DATABASES: ({ like }, session) => {
    const name = like === undefined ? 'Database' : `Database~(${like})`
    return oneColumn(name, [informationSchema, cometDatabase(session)])
  },
  COLUMNS: showColumns,
  INDEX: showIndex,
  'CREATE TABLE': showCreateTable,
  'CREATE DATABASE': showCreateDatabase,
  VARIABLES: (_, session) => nameAndValue(listVariables(session)),
  STATUS: ({ global }, session) => nameAndValue(listStatus(session, global)),
  PROCESSLIST: showProcesses,
  WARNINGS: (_, session) => showWarnings(session, () => true),
  ERRORS: (_, session) => showWarnings(session, (level) => level === 'Error'),
  'COUNT WARNINGS': (_, { warnings }) => oneNumber('@@session.warning_count', warnings.length),
  'COUNT ERRORS': (_, { warnings }) =>
    oneNumber('@@session.error_count', warnings.filter(({ level }) => level === 'Error').length),
  ENGINES: () => renamed('ENGINES', 'Engine Support Comment Transactions XA Savepoints'),
  COLLATION: () => renamed('COLLATIONS', 'Collation Charset Id# Default Compiled Sortlen#'),
  'CHARACTER SET': () => renamed('CHARACTER_SETS', 'Charset Description Default~collation Maxlen#', [0, 2, 1, 3]),
  GRANTS: showGrants,
  PRIVILEGES: () =>
    virtualTable('PRIVILEGES', 'Privilege Context Comment', () =>
      privileges.map((Privilege) => ({ Privilege, Context: 'Tables', Comment: '' })),
    ),
  PLUGINS: () => virtualTable('PLUGINS', 'Name Status Type Library License'),
  TRIGGERS: () =>
    virtualTable(
      'TRIGGERS',
      'Trigger Event Table Statement Timing Created sql_mode Definer character_set_client collation_connection Database~Collation',
    ),
  EVENTS: () =>
    virtualTable(
      'EVENTS',
      'Db Name Definer Time~zone Type Execute~at Interval~value Interval~field Starts Ends Status Originator ' +
        'character_set_client collation_connection Database~Collation',
    ),
  'PROCEDURE STATUS': () => virtualTable('PROCEDURES', routineColumns),
  'FUNCTION STATUS': () => virtualTable('FUNCTIONS', routineColumns),
  'MASTER STATUS': () => virtualTable('MASTER STATUS', 'File Position# Binlog_Do_DB Binlog_Ignore_DB'),
  'MASTER LOGS': () => virtualTable('MASTER LOGS', 'Log_name File_size#'),
  'SLAVE STATUS': () => virtualTable('SLAVE STATUS', 'Slave_IO_State Master_Host Master_User'),
  'SLAVE HOSTS': () => virtualTable('SLAVE HOSTS', 'Server_id# Host Port# Master_id# Slave_UUID'),
}

const routineColumns =
  'Db Name Type Definer Modified Created Security_type Comment character_set_client collation_connection Database~Collation'

function oneColumn(name: string, values: readonly string[]): VirtualTable {
  const table = virtualTable('SHOW', name.replaceAll(' ', '~'))
  const column = table.columns[0]?.name ?? name
  return { ...table, rows: () => values.map((value) => ({ [column]: value })) }
}

function oneNumber(name: string, value: number): VirtualTable {
  return virtualTable('SHOW', `${name}#`, () => [{ [name]: value }])
}

function nameAndValue(list: readonly { name: string; value: string }[]): VirtualTable {
  return virtualTable('SHOW', 'Variable_name Value', () =>
    list.map(({ name, value }) => ({ Variable_name: name, Value: value })),
  )
}

/** A table of information_schema under the column names of SHOW; `order`: which of its columns each one is. */
function renamed(source: string, columns: string, order?: readonly number[]): VirtualTable {
  const original = informationSchemaTables.get(source)
  const shown = virtualTable('SHOW', columns)
  const names = shown.columns.map(({ name }, index) => [name, original?.columns[order?.[index] ?? index]?.name ?? ''])
  const rows = (session: CometqlSession): Row[] =>
    (original?.rows(session) ?? []).map((row) =>
      Object.fromEntries(names.map(([name = '', from = '']) => [name, row[from] ?? null])),
    )
  return { ...shown, rows }
}

/** As in MySQL only FULL shows statements that are long. */
const maxShownStatement = 100

function showProcesses({ full }: Show): VirtualTable {
  const table = renamed('PROCESSLIST', 'Id# User Host db Command Time# State Info Program')
  if (full) return table
  const shortened = (row: Row): Row => ({
    ...row,
    Info: typeof row.Info === 'string' ? row.Info.slice(0, maxShownStatement) : null,
  })
  return { ...table, rows: (session) => table.rows(session).map(shortened) }
}

/** The tables of the database that SHOW names, or of the current one. */
function tablesOf(schema: string | undefined, session: CometqlSession): { database: string; names: string[] } {
  const database = schema ?? session.currentDatabase
  if (database.toLowerCase() === informationSchema) {
    return { database: informationSchema, names: [...informationSchemaTables.keys()] }
  }
  const own = cometDatabase(session)
  if (database.toLowerCase() !== own.toLowerCase()) throw cometError('COMET_ERR_NO_DATABASE', { database })
  return { database: own, names: [...cometTables.keys()] }
}

function showTables({ schema, full, like }: Show, session: CometqlSession): VirtualTable {
  const { database, names } = tablesOf(schema, session)
  const nameColumn = `Tables_in_${database}${like === undefined ? '' : `~(${like})`}`.replaceAll(' ', '~')
  const table = virtualTable('SHOW', full ? `${nameColumn} Table_type` : nameColumn)
  const column = table.columns[0]?.name ?? ''
  const type = database === informationSchema ? 'SYSTEM VIEW' : 'BASE TABLE'
  return { ...table, rows: () => names.map((name) => ({ [column]: name, Table_type: type })) }
}

function showTableStatus({ schema }: Show, session: CometqlSession): VirtualTable {
  const { database, names } = tablesOf(schema, session)
  const columns =
    'Name Engine Version# Row_format Rows# Avg_row_length# Data_length# Max_data_length# Index_length# Data_free# ' +
    'Auto_increment# Create_time Update_time Check_time Collation Checksum# Create_options Comment'
  const isVirtual = database === informationSchema
  return virtualTable('SHOW', columns, () =>
    names.map((name) => ({
      Name: name,
      Engine: isVirtual ? 'MEMORY' : 'Comet',
      Version: 10,
      Row_format: 'Dynamic',
      Collation: 'utf8mb4_bin',
      Create_options: '',
      Comment: cometTables.get(name)?.comment ?? '',
    })),
  )
}

interface Described {
  readonly name: string
  readonly columns: readonly Column[]
  readonly table: Table | undefined
}

function describe(show: Show, session: CometqlSession): Described {
  const found = findTable(show.table ?? { at: 0, schema: show.schema, name: '' }, session)
  const { name, columns } = found.table
  return { name, columns, table: found.kind === 'comet' ? found.table : undefined }
}

function showColumns(show: Show, session: CometqlSession): VirtualTable {
  const { columns, table } = describe(show, session)
  const names = show.full
    ? 'Field Type Collation Null Key Default Extra Privileges Comment'
    : 'Field Type Null Key Default Extra'
  return virtualTable('SHOW', names, () =>
    columns.map(({ name, type, sqlType, isBinary, isNullable }) => ({
      Field: name,
      Type: sqlType,
      Collation: type === 'text' ? (isBinary ? 'utf8mb4_bin' : 'utf8mb4_general_ci') : null,
      Null: isNullable ? 'YES' : 'NO',
      Key: columnKey(name, table),
      Default: null,
      Extra: '',
      Privileges: privilegesOf(table),
      Comment: '',
    })),
  )
}

function showIndex(show: Show, session: CometqlSession): VirtualTable {
  const { name, table } = describe(show, session)
  const columns =
    'Table Non_unique# Key_name Seq_in_index# Column_name Collation Cardinality# Sub_part# Packed Null Index_type ' +
    'Comment Index_comment'
  return virtualTable('SHOW', columns, () =>
    (table === undefined ? [] : indexesOf(table)).map(({ indexName, column }) => ({
      Table: name,
      Non_unique: indexName === 'PRIMARY' ? 0 : 1,
      Key_name: indexName,
      Seq_in_index: 1,
      Column_name: column,
      Collation: 'A',
      Null: '',
      Index_type: 'HASH',
      Comment: '',
      Index_comment: '',
    })),
  )
}

function showCreateTable(show: Show, session: CometqlSession): VirtualTable {
  const { name, columns, table } = describe(show, session)
  const lines = columns.map((column) => `  \`${column.name}\` ${column.sqlType}${column.isNullable ? '' : ' NOT NULL'}`)
  const keys = (table === undefined ? [] : indexesOf(table)).map(({ indexName, column }) =>
    indexName === 'PRIMARY' ? `  PRIMARY KEY (\`${column}\`)` : `  KEY \`${indexName}\` (\`${column}\`)`,
  )
  const options = ` ENGINE=Comet DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='${table?.comment ?? ''}'`
  const sql = `CREATE TABLE \`${name}\` (\n${[...lines, ...keys].join(',\n')}\n)${options}`
  return virtualTable('SHOW', 'Table Create~Table', () => [{ Table: name, 'Create Table': sql }])
}

function showCreateDatabase({ schema }: Show, session: CometqlSession): VirtualTable {
  const { database } = tablesOf(schema, session)
  const sql = `CREATE DATABASE \`${database}\` /*!40100 DEFAULT CHARACTER SET utf8mb4 */`
  return virtualTable('SHOW', 'Database Create~Database', () => [{ Database: database, 'Create Database': sql }])
}

function showWarnings({ warnings }: CometqlSession, wanted: (level: string) => boolean): VirtualTable {
  return virtualTable('SHOW', 'Level Code# Message', () =>
    warnings
      .filter(({ level }) => wanted(level))
      .map(({ level, error }) => ({ Level: level, Code: error.number, Message: error.message })),
  )
}

function showGrants(_: Show, session: CometqlSession): VirtualTable {
  const to = grantee(session)
  const grant = `GRANT ${privileges.join(', ')} ON \`${cometDatabase(session)}\`.* TO ${to}`
  return oneColumn(`Grants for ${session.identity.user}@%`, [`GRANT USAGE ON *.* TO ${to}`, grant])
}
