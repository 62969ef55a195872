import { cometError } from '../../errors.ts'
import type { Scalar } from '../parse/ast.ts'
import type { CometqlSession } from '../session.ts'
import type { CometqlLimits } from '../limits.ts'

const sqlMode = 'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION'

/** System variables that are always the same: what MySQL 5.7 says where it makes no difference here. */
const fixed: ReadonlyMap<string, Scalar> = new Map<string, Scalar>([
  ['auto_increment_increment', 1],
  ['auto_increment_offset', 1],
  ['basedir', '/'],
  ['binlog_format', 'ROW'],
  ['bulk_insert_buffer_size', 8388608],
  ['character_set_client', 'utf8mb4'],
  ['character_set_connection', 'utf8mb4'],
  ['character_set_database', 'utf8mb4'],
  ['character_set_filesystem', 'binary'],
  ['character_set_results', 'utf8mb4'],
  ['character_set_server', 'utf8mb4'],
  ['character_set_system', 'utf8'],
  ['character_sets_dir', '/'],
  ['collation_connection', 'utf8mb4_general_ci'],
  ['collation_database', 'utf8mb4_general_ci'],
  ['collation_server', 'utf8mb4_general_ci'],
  ['default_storage_engine', 'Comet'],
  ['default_tmp_storage_engine', 'Comet'],
  ['default_week_format', 0],
  ['disabled_storage_engines', ''],
  ['div_precision_increment', 4],
  ['event_scheduler', 'OFF'],
  ['explicit_defaults_for_timestamp', 1],
  ['foreign_key_checks', 1],
  ['group_concat_max_len', 1048576],
  ['have_profiling', 'NO'],
  ['have_query_cache', 'NO'],
  ['init_connect', ''],
  ['innodb_lock_wait_timeout', 50],
  ['innodb_version', '5.7.99'],
  ['license', 'MIT'],
  ['local_infile', 0],
  ['lock_wait_timeout', 31536000],
  ['log_bin', 0],
  ['lower_case_file_system', 'OFF'],
  ['lower_case_table_names', 2],
  ['max_execution_time', 0],
  ['max_join_size', 18446744073709551615n],
  ['net_buffer_length', 16384],
  ['optimizer_switch', ''],
  ['performance_schema', 0],
  ['protocol_version', 10],
  ['query_cache_size', 0],
  ['query_cache_type', 'OFF'],
  ['read_only', 0],
  ['server_id', 0],
  ['session_track_schema', 0],
  ['session_track_system_variables', ''],
  ['session_track_transaction_info', 'OFF'],
  ['skip_networking', 0],
  ['sql_auto_is_null', 0],
  ['sql_big_selects', 1],
  ['sql_log_bin', 0],
  ['sql_mode', sqlMode],
  ['sql_notes', 1],
  ['sql_quote_show_create', 1],
  ['sql_safe_updates', 0],
  ['sql_select_limit', 18446744073709551615n],
  ['sql_warnings', 0],
  ['storage_engine', 'Comet'],
  ['super_read_only', 0],
  ['system_time_zone', 'UTC'],
  ['time_zone', '+00:00'],
  ['transaction_isolation', 'REPEATABLE-READ'],
  ['transaction_read_only', 0],
  ['tx_isolation', 'REPEATABLE-READ'],
  ['tx_read_only', 0],
  ['unique_checks', 1],
  ['version_comment', 'star-comet: CometQL over the MySQL protocol'],
  ['version_compile_machine', 'any'],
  ['version_compile_os', 'Node.js'],
])

/** What the limits of back-ends say; the client may SET something else, which it is shown. */
const configured: ReadonlyMap<string, (limits: CometqlLimits) => Scalar> = new Map<
  string,
  (limits: CometqlLimits) => Scalar
>([
  ['connect_timeout', ({ loginTimeoutMs }) => seconds(loginTimeoutMs)],
  ['interactive_timeout', ({ idleTimeoutMs }) => seconds(idleTimeoutMs)],
  ['max_connections', ({ maxConnections }) => bounded(maxConnections, 100_000)],
  ['max_prepared_stmt_count', ({ maxStatements }) => bounded(maxStatements, 1_048_576)],
  ['net_read_timeout', ({ readTimeoutMs }) => seconds(readTimeoutMs)],
  ['net_write_timeout', ({ writeTimeoutMs }) => seconds(writeTimeoutMs)],
  ['wait_timeout', ({ idleTimeoutMs }) => seconds(idleTimeoutMs)],
])

/** MySQL's longest wait_timeout. */
const maxSeconds = 31_536_000

function seconds(ms: number): number {
  return Math.max(1, bounded(ms / 1000, maxSeconds))
}

/** A limit may be Infinity, which MySQL says with the largest value that a variable takes. */
function bounded(value: number, largest: number): number {
  return Math.floor(Math.min(value, largest))
}

/** System variables that depend on the session or the server. */
const computed: ReadonlyMap<string, (session: CometqlSession) => Scalar> = new Map<
  string,
  (session: CometqlSession) => Scalar
>([
  ['autocommit', ({ autocommit }) => (autocommit ? 1 : 0)],
  ['error_count', ({ warnings }) => warnings.filter(({ level }) => level === 'Error').length],
  ['identity', ({ lastInsertId }) => lastInsertId],
  ['insert_id', () => 0],
  ['last_insert_id', ({ lastInsertId }) => lastInsertId],
  ['max_allowed_packet', ({ environment }) => environment.limits.maxPacketBytes],
  ['pseudo_thread_id', ({ identity }) => identity.connectionId],
  ['timestamp', ({ environment }) => environment.now() / 1000],
  ['version', ({ environment }) => environment.version],
  ['warning_count', ({ warnings }) => warnings.length],
])

/** Of two names of one variable, the one under which it is kept. */
const synonyms: ReadonlyMap<string, string> = new Map([
  ['tx_isolation', 'transaction_isolation'],
  ['tx_read_only', 'transaction_read_only'],
])

/** Those that mean moments or the last statement: SHOW VARIABLES has them no more than MySQL's. */
const unlisted: ReadonlySet<string> = new Set([
  'error_count',
  'identity',
  'insert_id',
  'last_insert_id',
  'timestamp',
  'warning_count',
])

/**
 * The value of `@@name`; what the client has SET comes first.
 * @throws CometError COMET_ERR_NOT_IMPLEMENTED for one that there is not
 */
export function systemVariable(name: string, session: CometqlSession): Scalar {
  const compute = computed.get(name)
  if (compute !== undefined) return compute(session)
  const own = session.variables.get(synonyms.get(name) ?? name)
  const value = own === undefined ? defaultVariable(name, session) : own
  if (value === undefined) throw cometError('COMET_ERR_NOT_IMPLEMENTED', { what: `The system variable ${name}` })
  return value
}

/** The value that `SET name = DEFAULT` means; undefined for a variable that there is not. */
export function defaultVariable(name: string, { environment }: CometqlSession): Scalar | undefined {
  const value = fixed.get(name)
  return value === undefined ? configured.get(name)?.(environment.limits) : value
}

/**
 * Notes that the client has SET a variable; one that there is not is remembered just so.
 * @throws CometError COMET_ERR_NOT_IMPLEMENTED for a sql_mode in which clients would not escape what is read as escaped
 */
export function setSystemVariable(name: string, value: Scalar, session: CometqlSession): void {
  if (name === 'sql_mode' && /no_backslash_escapes/i.test(String(value))) {
    throw cometError('COMET_ERR_NOT_IMPLEMENTED', { what: 'The sql_mode NO_BACKSLASH_ESCAPES' })
  }
  if (!computed.has(name)) session.variables.set(synonyms.get(name) ?? name, value)
}

/** The rows of SHOW VARIABLES. Switches are shown as ON and OFF. */
export function listVariables(session: CometqlSession): { name: string; value: string }[] {
  const names = [...fixed.keys(), ...configured.keys(), ...computed.keys()].filter((name) => !unlisted.has(name)).sort()
  return names.map((name) => {
    const value = systemVariable(name, session)
    return { name, value: switches.has(name) ? onOrOff(value) : String(value ?? '') }
  })
}

const switches: ReadonlySet<string> = new Set(
  (
    'autocommit explicit_defaults_for_timestamp foreign_key_checks local_infile log_bin performance_schema read_only ' +
    'session_track_schema skip_networking sql_auto_is_null sql_big_selects sql_log_bin sql_notes sql_quote_show_create ' +
    'sql_safe_updates sql_warnings super_read_only transaction_read_only tx_read_only unique_checks'
  ).split(' '),
)

function onOrOff(value: Scalar): string {
  return value === 1 || value === '1' || /^(on|true)$/i.test(String(value)) ? 'ON' : 'OFF'
}
