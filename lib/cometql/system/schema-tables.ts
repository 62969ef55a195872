import type { CometqlSession } from '../session.ts'
import { isReplaceable, type Column, type Row, type Table } from '../table.ts'
import { cometTables } from '../tables/index.ts'
import { virtualTable, type VirtualTable } from './virtual-table.ts'

/** The name of the database with the tables as this session calls it. */
export function cometDatabase({ database }: CometqlSession): string {
  return database === '' || database === informationSchema ? 'CometQL_v1' : database
}

export const informationSchema = 'information_schema'

/** All tables that there are, whichever database they belong to. */
interface Described {
  readonly schema: string
  readonly name: string
  readonly columns: readonly Column[]
  readonly table: Table | undefined
}

/** `virtual` are the tables of information_schema, which describe themselves too. */
export function schemaTables(virtual: () => Iterable<VirtualTable>): readonly VirtualTable[] {
  const described = (session: CometqlSession): Described[] => [
    ...Array.from(cometTables.values(), (table) => ({
      schema: cometDatabase(session),
      name: table.name,
      columns: table.columns,
      table,
    })),
    ...Array.from(virtual(), ({ name, columns }) => ({ schema: informationSchema, name, columns, table: undefined })),
  ]
  return [
    virtualTable(
      'SCHEMATA',
      'CATALOG_NAME SCHEMA_NAME DEFAULT_CHARACTER_SET_NAME DEFAULT_COLLATION_NAME SQL_PATH',
      schemata,
    ),
    virtualTable('TABLES', tablesColumns, (session) => described(session).map(tableRow)),
    virtualTable('COLUMNS', columnsColumns, (session) => described(session).flatMap(columnRows)),
    virtualTable('STATISTICS', statisticsColumns, (session) => described(session).flatMap(indexRows)),
    virtualTable('KEY_COLUMN_USAGE', keyColumnUsageColumns, (session) => described(session).flatMap(keyRows)),
    virtualTable('TABLE_CONSTRAINTS', tableConstraintsColumns, (session) => described(session).flatMap(constraintRows)),
  ]
}

const tablesColumns =
  'TABLE_CATALOG TABLE_SCHEMA TABLE_NAME TABLE_TYPE ENGINE VERSION# ROW_FORMAT TABLE_ROWS# AVG_ROW_LENGTH# DATA_LENGTH# ' +
  'MAX_DATA_LENGTH# INDEX_LENGTH# DATA_FREE# AUTO_INCREMENT# CREATE_TIME UPDATE_TIME CHECK_TIME TABLE_COLLATION CHECKSUM# ' +
  'CREATE_OPTIONS TABLE_COMMENT'
const columnsColumns =
  'TABLE_CATALOG TABLE_SCHEMA TABLE_NAME COLUMN_NAME ORDINAL_POSITION# COLUMN_DEFAULT IS_NULLABLE DATA_TYPE ' +
  'CHARACTER_MAXIMUM_LENGTH# CHARACTER_OCTET_LENGTH# NUMERIC_PRECISION# NUMERIC_SCALE# DATETIME_PRECISION# ' +
  'CHARACTER_SET_NAME COLLATION_NAME COLUMN_TYPE COLUMN_KEY EXTRA PRIVILEGES COLUMN_COMMENT GENERATION_EXPRESSION'
const statisticsColumns =
  'TABLE_CATALOG TABLE_SCHEMA TABLE_NAME NON_UNIQUE# INDEX_SCHEMA INDEX_NAME SEQ_IN_INDEX# COLUMN_NAME COLLATION ' +
  'CARDINALITY# SUB_PART# PACKED NULLABLE INDEX_TYPE COMMENT INDEX_COMMENT'
const keyColumnUsageColumns =
  'CONSTRAINT_CATALOG CONSTRAINT_SCHEMA CONSTRAINT_NAME TABLE_CATALOG TABLE_SCHEMA TABLE_NAME COLUMN_NAME ' +
  'ORDINAL_POSITION# POSITION_IN_UNIQUE_CONSTRAINT# REFERENCED_TABLE_SCHEMA REFERENCED_TABLE_NAME REFERENCED_COLUMN_NAME'
const tableConstraintsColumns =
  'CONSTRAINT_CATALOG CONSTRAINT_SCHEMA CONSTRAINT_NAME TABLE_SCHEMA TABLE_NAME CONSTRAINT_TYPE'

function schemata(session: CometqlSession): Row[] {
  return [informationSchema, cometDatabase(session)].map((name) => ({
    CATALOG_NAME: 'def',
    SCHEMA_NAME: name,
    DEFAULT_CHARACTER_SET_NAME: 'utf8mb4',
    DEFAULT_COLLATION_NAME: 'utf8mb4_general_ci',
    SQL_PATH: null,
  }))
}

function tableRow({ schema, name, table }: Described): Row {
  return {
    TABLE_CATALOG: 'def',
    TABLE_SCHEMA: schema,
    TABLE_NAME: name,
    TABLE_TYPE: table === undefined ? 'SYSTEM VIEW' : 'BASE TABLE',
    ENGINE: table === undefined ? 'MEMORY' : 'Comet',
    VERSION: 10,
    ROW_FORMAT: 'Dynamic',
    CREATE_OPTIONS: '',
    TABLE_COLLATION: 'utf8mb4_bin',
    TABLE_COMMENT: table?.comment ?? '',
  }
}

function columnRows({ schema, name, columns, table }: Described): Row[] {
  return columns.map((column, index) => ({
    TABLE_CATALOG: 'def',
    TABLE_SCHEMA: schema,
    TABLE_NAME: name,
    COLUMN_NAME: column.name,
    ORDINAL_POSITION: index + 1,
    COLUMN_DEFAULT: null,
    IS_NULLABLE: column.isNullable ? 'YES' : 'NO',
    ...typeFields(column),
    COLUMN_TYPE: column.sqlType,
    COLUMN_KEY: columnKey(column.name, table),
    EXTRA: '',
    PRIVILEGES: privilegesOf(table),
    COLUMN_COMMENT: '',
    GENERATION_EXPRESSION: '',
  }))
}

/** What a session may do with the columns of a table; undefined: one of information_schema. */
export function privilegesOf(table: Table | undefined): string {
  if (table?.insert === undefined) return 'select'
  return isReplaceable(table) ? 'select,insert,update' : 'select,insert'
}

/** What depends on the type: the fields of texts are NULL for numbers, and the other way round. */
function typeFields({ type, sqlType, isBinary }: Column): Row {
  const [dataType = sqlType, length] = sqlType.split(/[()]/)
  if (type !== 'text') return { DATA_TYPE: dataType, NUMERIC_PRECISION: 19, NUMERIC_SCALE: 0 }
  const characters = length === undefined ? 16_777_215 : Number(length)
  return {
    DATA_TYPE: dataType,
    CHARACTER_MAXIMUM_LENGTH: characters,
    CHARACTER_OCTET_LENGTH: length === undefined ? characters : characters * 4,
    CHARACTER_SET_NAME: 'utf8mb4',
    COLLATION_NAME: isBinary ? 'utf8mb4_bin' : 'utf8mb4_general_ci',
  }
}

/** PRI for the primary key, MUL for a key with several rows. */
export function columnKey(column: string, table: Table | undefined): string {
  if (column === table?.primaryKey) return 'PRI'
  return column === table?.key ? 'MUL' : ''
}

function indexRows({ schema, name, table }: Described): Row[] {
  if (table === undefined) return []
  return indexesOf(table).map(({ indexName, column }) => ({
    TABLE_CATALOG: 'def',
    TABLE_SCHEMA: schema,
    TABLE_NAME: name,
    NON_UNIQUE: indexName === 'PRIMARY' ? 0 : 1,
    INDEX_SCHEMA: schema,
    INDEX_NAME: indexName,
    SEQ_IN_INDEX: 1,
    COLUMN_NAME: column,
    COLLATION: 'A',
    NULLABLE: '',
    INDEX_TYPE: 'HASH',
    COMMENT: '',
    INDEX_COMMENT: '',
  }))
}

/** The primary key, and the key on which statements need their condition. */
export function indexesOf({ key, primaryKey }: Table): { indexName: string; column: string }[] {
  const primary = primaryKey === undefined ? [] : [{ indexName: 'PRIMARY', column: primaryKey }]
  return key === primaryKey ? primary : [...primary, { indexName: key, column: key }]
}

function keyRows({ schema, name, table }: Described): Row[] {
  if (table?.primaryKey === undefined) return []
  return [
    {
      CONSTRAINT_CATALOG: 'def',
      CONSTRAINT_SCHEMA: schema,
      CONSTRAINT_NAME: 'PRIMARY',
      TABLE_CATALOG: 'def',
      TABLE_SCHEMA: schema,
      TABLE_NAME: name,
      COLUMN_NAME: table.primaryKey,
      ORDINAL_POSITION: 1,
    },
  ]
}

function constraintRows({ schema, name, table }: Described): Row[] {
  if (table?.primaryKey === undefined) return []
  return [
    {
      CONSTRAINT_CATALOG: 'def',
      CONSTRAINT_SCHEMA: schema,
      CONSTRAINT_NAME: 'PRIMARY',
      TABLE_SCHEMA: schema,
      TABLE_NAME: name,
      CONSTRAINT_TYPE: 'PRIMARY KEY',
    },
  ]
}
