import type { Question } from './question.ts'

/** MySQL Workbench. */
export const workbench: readonly Question[] = [
  ["SHOW SESSION STATUS LIKE 'Ssl_cipher'", ['Variable_name', 'Value'], [['Ssl_cipher', '']]],
  ["SHOW SESSION STATUS LIKE 'Ssl_version'", ['Variable_name', 'Value'], [['Ssl_version', '']]],
  ['SELECT current_user()', ['current_user()'], [['root@%']]],
  [
    "SHOW SESSION VARIABLES LIKE 'sql_mode'",
    ['Variable_name', 'Value'],
    [['sql_mode', 'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION']],
  ],
  ["SHOW SESSION VARIABLES LIKE 'version_comment'", ['Variable_name', 'Value'], 'some'],
  ["SHOW SESSION VARIABLES LIKE 'version_compile_os'", ['Variable_name', 'Value'], 'some'],
  ["SHOW SESSION VARIABLES LIKE 'version'", ['Variable_name', 'Value'], 'some'],
  [
    "SHOW SESSION VARIABLES LIKE 'lower_case_table_names'",
    ['Variable_name', 'Value'],
    [['lower_case_table_names', '2']],
  ],
  ["SHOW GLOBAL VARIABLES LIKE 'offline_mode'", ['Variable_name', 'Value'], 0],
  ["SHOW VARIABLES LIKE '%ssl%'", ['Variable_name', 'Value'], 0],
  ['SELECT version()', ['version()'], 'some'],
  ["SHOW DATABASES LIKE '%'", ['Database (%)'], [['information_schema'], ['CometQL_v1']]],
  ["SHOW PROCEDURE STATUS WHERE Db='CometQL_v1'", 11, 0],
  ["SHOW TRIGGERS FROM `CometQL_v1` LIKE 'users_auth'", 11, 0],
  ['SHOW CREATE SCHEMA `CometQL_v1`', ['Database', 'Create Database'], 'some'],
  [
    'SELECT * FROM CometQL_v1.users_auth LIMIT 0, 1000',
    ['id', 'hash'],
    [
      [2, 'two'],
      [3, 'three'],
    ],
  ],
  ['SHOW STATUS', ['Variable_name', 'Value'], 'some'],
  ["SHOW GLOBAL STATUS LIKE 'Threads_connected'", ['Variable_name', 'Value'], 'some'],
  ['SHOW GLOBAL VARIABLES LIKE "%log%"', ['Variable_name', 'Value'], 'some'],
  ["SELECT PLUGIN_NAME FROM information_schema.PLUGINS WHERE PLUGIN_TYPE = 'AUTHENTICATION'", ['PLUGIN_NAME'], 0],
  ['SELECT @@global.read_only', ['@@global.read_only'], [[0]]],
  ['SHOW REPLICAS', ['Server_id', 'Host', 'Port', 'Master_id', 'Slave_UUID'], 0],
  [
    "SELECT DISTINCT SCHEMA_NAME AS `database` FROM information_schema.SCHEMATA WHERE SCHEMA_NAME NOT IN ('information_schema', 'performance_schema', 'mysql') ORDER BY SCHEMA_NAME",
    ['database'],
    [['CometQL_v1']],
  ],
]
