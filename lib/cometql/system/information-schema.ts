import type { CometqlSession } from '../session.ts'
import type { Row } from '../table.ts'
import { characterSetTables } from './charsets.ts'
import { cometDatabase, schemaTables } from './schema-tables.ts'
import { listStatus } from './status.ts'
import { listVariables } from './variables.ts'
import { virtualTable, type VirtualTable } from './virtual-table.ts'

/** What MySQL has and we have none of: empty, so that tools that look for it find nothing instead of an error. */
const emptyTables: readonly VirtualTable[] = [
  virtualTable(
    'ROUTINES',
    'SPECIFIC_NAME ROUTINE_CATALOG ROUTINE_SCHEMA ROUTINE_NAME ROUTINE_TYPE DATA_TYPE DTD_IDENTIFIER ROUTINE_BODY ' +
      'ROUTINE_DEFINITION EXTERNAL_NAME EXTERNAL_LANGUAGE PARAMETER_STYLE IS_DETERMINISTIC SQL_DATA_ACCESS SQL_PATH ' +
      'SECURITY_TYPE CREATED LAST_ALTERED SQL_MODE ROUTINE_COMMENT DEFINER CHARACTER_SET_CLIENT COLLATION_CONNECTION ' +
      'DATABASE_COLLATION',
  ),
  virtualTable(
    'PARAMETERS',
    'SPECIFIC_CATALOG SPECIFIC_SCHEMA SPECIFIC_NAME ORDINAL_POSITION# PARAMETER_MODE PARAMETER_NAME DATA_TYPE ' +
      'CHARACTER_MAXIMUM_LENGTH# CHARACTER_OCTET_LENGTH# NUMERIC_PRECISION# NUMERIC_SCALE# DATETIME_PRECISION# ' +
      'CHARACTER_SET_NAME COLLATION_NAME DTD_IDENTIFIER ROUTINE_TYPE',
  ),
  virtualTable(
    'TRIGGERS',
    'TRIGGER_CATALOG TRIGGER_SCHEMA TRIGGER_NAME EVENT_MANIPULATION EVENT_OBJECT_CATALOG EVENT_OBJECT_SCHEMA ' +
      'EVENT_OBJECT_TABLE ACTION_ORDER# ACTION_CONDITION ACTION_STATEMENT ACTION_ORIENTATION ACTION_TIMING ' +
      'ACTION_REFERENCE_OLD_TABLE ACTION_REFERENCE_NEW_TABLE ACTION_REFERENCE_OLD_ROW ACTION_REFERENCE_NEW_ROW CREATED ' +
      'SQL_MODE DEFINER CHARACTER_SET_CLIENT COLLATION_CONNECTION DATABASE_COLLATION',
  ),
  virtualTable(
    'EVENTS',
    'EVENT_CATALOG EVENT_SCHEMA EVENT_NAME DEFINER TIME_ZONE EVENT_BODY EVENT_DEFINITION EVENT_TYPE EXECUTE_AT ' +
      'INTERVAL_VALUE INTERVAL_FIELD SQL_MODE STARTS ENDS STATUS ON_COMPLETION CREATED LAST_ALTERED LAST_EXECUTED ' +
      'EVENT_COMMENT ORIGINATOR# CHARACTER_SET_CLIENT COLLATION_CONNECTION DATABASE_COLLATION',
  ),
  virtualTable(
    'VIEWS',
    'TABLE_CATALOG TABLE_SCHEMA TABLE_NAME VIEW_DEFINITION CHECK_OPTION IS_UPDATABLE DEFINER SECURITY_TYPE ' +
      'CHARACTER_SET_CLIENT COLLATION_CONNECTION ALGORITHM',
  ),
  virtualTable(
    'REFERENTIAL_CONSTRAINTS',
    'CONSTRAINT_CATALOG CONSTRAINT_SCHEMA CONSTRAINT_NAME UNIQUE_CONSTRAINT_CATALOG UNIQUE_CONSTRAINT_SCHEMA ' +
      'UNIQUE_CONSTRAINT_NAME MATCH_OPTION UPDATE_RULE DELETE_RULE TABLE_NAME REFERENCED_TABLE_NAME',
  ),
  virtualTable(
    'CHECK_CONSTRAINTS',
    'CONSTRAINT_CATALOG CONSTRAINT_SCHEMA TABLE_NAME CONSTRAINT_NAME LEVEL CHECK_CLAUSE',
  ),
  virtualTable(
    'PARTITIONS',
    'TABLE_CATALOG TABLE_SCHEMA TABLE_NAME PARTITION_NAME SUBPARTITION_NAME PARTITION_ORDINAL_POSITION# ' +
      'SUBPARTITION_ORDINAL_POSITION# PARTITION_METHOD SUBPARTITION_METHOD PARTITION_EXPRESSION SUBPARTITION_EXPRESSION ' +
      'PARTITION_DESCRIPTION TABLE_ROWS# AVG_ROW_LENGTH# DATA_LENGTH# INDEX_LENGTH# DATA_FREE# CREATE_TIME UPDATE_TIME ' +
      'PARTITION_COMMENT NODEGROUP TABLESPACE_NAME',
  ),
  virtualTable(
    'FILES',
    'FILE_ID# FILE_NAME FILE_TYPE TABLESPACE_NAME TABLE_CATALOG TABLE_SCHEMA TABLE_NAME LOGFILE_GROUP_NAME ' +
      'LOGFILE_GROUP_NUMBER# ENGINE FREE_EXTENTS# TOTAL_EXTENTS# EXTENT_SIZE# INITIAL_SIZE# MAXIMUM_SIZE# STATUS EXTRA',
  ),
  virtualTable('PLUGINS', 'PLUGIN_NAME PLUGIN_VERSION PLUGIN_STATUS PLUGIN_TYPE PLUGIN_LIBRARY PLUGIN_LICENSE'),
  virtualTable('PROFILING', 'QUERY_ID# SEQ# STATE DURATION#'),
  virtualTable(
    'COLUMN_PRIVILEGES',
    'GRANTEE TABLE_CATALOG TABLE_SCHEMA TABLE_NAME COLUMN_NAME PRIVILEGE_TYPE IS_GRANTABLE',
  ),
  virtualTable('TABLE_PRIVILEGES', 'GRANTEE TABLE_CATALOG TABLE_SCHEMA TABLE_NAME PRIVILEGE_TYPE IS_GRANTABLE'),
]

/** What a session may do with the tables. */
export const privileges: readonly string[] = ['SELECT', 'INSERT', 'UPDATE', 'DELETE']

const serverTables: readonly VirtualTable[] = [
  virtualTable('ENGINES', 'ENGINE SUPPORT COMMENT TRANSACTIONS XA SAVEPOINTS', () => [
    {
      ENGINE: 'Comet',
      SUPPORT: 'DEFAULT',
      COMMENT: 'Messages, subscriptions and users of star-comet',
      TRANSACTIONS: 'YES',
      XA: 'NO',
      SAVEPOINTS: 'YES',
    },
  ]),
  virtualTable('PROCESSLIST', 'ID# USER HOST DB COMMAND TIME# STATE INFO PROGRAM', processes),
  virtualTable('USER_PRIVILEGES', 'GRANTEE TABLE_CATALOG PRIVILEGE_TYPE IS_GRANTABLE', (session) => [
    { GRANTEE: grantee(session), TABLE_CATALOG: 'def', PRIVILEGE_TYPE: 'USAGE', IS_GRANTABLE: 'NO' },
  ]),
  virtualTable('SCHEMA_PRIVILEGES', 'GRANTEE TABLE_CATALOG TABLE_SCHEMA PRIVILEGE_TYPE IS_GRANTABLE', (session) =>
    privileges.map((privilege) => ({
      GRANTEE: grantee(session),
      TABLE_CATALOG: 'def',
      TABLE_SCHEMA: cometDatabase(session),
      PRIVILEGE_TYPE: privilege,
      IS_GRANTABLE: 'NO',
    })),
  ),
  ...['GLOBAL_VARIABLES', 'SESSION_VARIABLES'].map((name) => nameAndValue(name, listVariables)),
  nameAndValue('GLOBAL_STATUS', (session) => listStatus(session, true)),
  nameAndValue('SESSION_STATUS', (session) => listStatus(session, false)),
]

function nameAndValue(
  table: string,
  list: (session: CometqlSession) => readonly { name: string; value: string }[],
): VirtualTable {
  return virtualTable(table, 'VARIABLE_NAME VARIABLE_VALUE', (session) =>
    list(session).map(({ name, value }) => ({ VARIABLE_NAME: name, VARIABLE_VALUE: value })),
  )
}

function processes({ environment, tenant }: CometqlSession): Row[] {
  return Array.from(
    environment.processes(tenant.devId),
    ({ id, user, remoteAddress, database, command, seconds, sql, attributes }) => ({
      ID: id,
      USER: user,
      HOST: remoteAddress,
      DB: database === '' ? null : database,
      COMMAND: command,
      TIME: seconds,
      STATE: '',
      INFO: sql === '' ? null : sql,
      PROGRAM: programOf(attributes),
    }),
  )
}

const maxProgram = 64

/** What a client says of itself when it connects: its program, or else its driver. */
function programOf(attributes: ReadonlyMap<string, string>): string | null {
  const driver = [attributes.get('_client_name'), attributes.get('_client_version')].filter(
    (part) => part !== undefined,
  )
  const program = attributes.get('program_name') ?? driver.join(' ')
  return program === '' ? null : program.slice(0, maxProgram)
}

export function grantee({ identity }: CometqlSession): string {
  return `'${identity.user}'@'%'`
}

/** The tables of information_schema by their names, which are in capitals. */
export const informationSchemaTables: ReadonlyMap<string, VirtualTable> = new Map(
  [...schemaTables(() => informationSchemaTables.values()), ...characterSetTables, ...serverTables, ...emptyTables].map(
    (table) => [table.name, table],
  ),
)
