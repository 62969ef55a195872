/** What tools set and tell: it is OK, and has no rows. */
export const accepted: readonly string[] = [
  'SET character_set_results = NULL',
  "SET sql_mode='STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION'",
  '/* ApplicationName=DBeaver 23.3.0 - Main */ SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
  'SET SQL_SELECT_LIMIT=200',
  'SET SQL_SELECT_LIMIT=DEFAULT',
  "INSERT INTO CometQL_v1.users_auth (id, hash) VALUES(7, 'seven')",
  'DELETE FROM CometQL_v1.users_auth WHERE id=7',
  "SET NAMES 'utf8mb4' COLLATE 'utf8mb4_unicode_ci'",
  "SET collation_connection = 'utf8mb4_unicode_ci';",
  "SET lc_messages = 'en_US';",
  "SET LOCAL lc_messages = 'en_US'",
  'SET SQL_QUOTE_SHOW_CREATE = 1',
  'SET PROFILING=0;',
  'FLUSH PRIVILEGES',
  '/*!40101 SET NAMES utf8mb4 */',
  'USE `CometQL_v1`',
  "INSERT INTO `CometQL_v1`.`users_auth` (`id`, `hash`) VALUES ('9', 'nine')",
  'DELETE FROM `CometQL_v1`.`users_auth` WHERE `id`=9 LIMIT 1',
  'SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ',
  'SET CHARACTER SET utf8',
  'SET NAMES utf8',
  'SET SQL_SAFE_UPDATES=1',
  'set net_write_timeout=600000',
]

/** What is refused, with which number and sentence. */
export const refused: readonly (readonly [sql: string, errno: number, message: RegExp])[] = [
  ['SELECT * FROM mysql.user ORDER BY User', 15, /^Table "mysql\.user" does not exist/],
  ['SELECT @@datadir', 2, /^The system variable datadir is not supported/],
  ['SELECT 1 FROM mysql.user LIMIT 1', 15, /^Table "mysql\.user" does not exist/],
  ['SELECT @@have_partitioning;', 2, /^The system variable have_partitioning is not supported/],
  ['SHOW PROFILES', 2, /^SHOW PROFILES is not supported/],
  [
    "SELECT table_name as table_name, ( SELECT column_name as column_name FROM information_schema.columns c WHERE c.table_schema = t.table_schema AND c.table_name = t.table_name AND c.data_type IN ('timestamp', 'datetime') ORDER BY ordinal_position LIMIT 1 ) AS time_column, ( SELECT column_name AS column_name FROM information_schema.columns c WHERE c.table_schema = t.table_schema AND c.table_name = t.table_name AND c.data_type IN('float', 'int', 'bigint') ORDER BY ordinal_position LIMIT 1 ) AS value_column FROM information_schema.tables t WHERE t.table_schema = database() AND EXISTS ( SELECT 1 FROM information_schema.columns c WHERE c.table_schema = t.table_schema AND c.table_name = t.table_name AND c.data_type IN ('timestamp', 'datetime') ) AND EXISTS ( SELECT 1 FROM information_schema.columns c WHERE c.table_schema = t.table_schema AND c.table_name = t.table_name AND c.data_type IN('float', 'int', 'bigint') ) LIMIT 1",
    14,
    /^There is no column "t\.table_schema"/,
  ],
  [
    'SELECT * FROM CometQL_v1.users_auth',
    13,
    /^SELECT needs a condition on the key of users_auth, for example WHERE id = 7/,
  ],
  [
    'SELECT st.* FROM performance_schema.events_statements_current st JOIN performance_schema.threads thr ON thr.thread_id = st.thread_id WHERE thr.processlist_id = 8',
    15,
    /^Table "performance_schema\.events_statements_current" does not exist/,
  ],
  ['select user, host from mysql.user', 15, /^Table "mysql\.user" does not exist/],
  [
    "select Host, User, Routine_name, Proc_priv, Routine_type = 'PROCEDURE' as is_proc from mysql.procs_priv where Db = 'CometQL_v1'",
    15,
    /^Table "mysql\.procs_priv" does not exist/,
  ],
]
