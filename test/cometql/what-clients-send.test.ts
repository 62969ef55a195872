import { describe, test } from 'node:test'
import assert from 'node:assert/strict'
import { backEnd } from './back-end.ts'

/** What 67 recorded MySQL clients send besides INSERT, SELECT and DELETE of their own: all of it must be OK. */
const accepted = String.raw`
SET NAMES utf8mb4
SET NAMES 'utf8mb4' COLLATE 'utf8mb4_unicode_ci'
set names 'utf8'
SET NAMES utf8mb3
SET autocommit=0
SET AUTOCOMMIT = 1
SET autocommit=true
COMMIT
COMMIT;
ROLLBACK
BEGIN
BEGIN;
BEGIN WORK
START TRANSACTION
START TRANSACTION WITH CONSISTENT SNAPSHOT
START TRANSACTION;
SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED
SET TRANSACTION ISOLATION LEVEL READ COMMITTED
set session transaction isolation level read committed
SET SESSION TRANSACTION READ ONLY
set autocommit=1, sql_mode = concat(@@sql_mode,',STRICT_TRANS_TABLES')
SET NAMES utf8mb4, @@SESSION.sql_mode = CONCAT(CONCAT(@@sql_mode, ',STRICT_ALL_TABLES'), ',NO_AUTO_VALUE_ON_ZERO'), @@SESSION.sql_auto_is_null = 0, @@SESSION.wait_timeout = 2147483
SET SESSION SQL_AUTO_IS_NULL=0
SET session_track_schema= ON
SET session_track_system_variables='autocommit,tx_isolation'
SET time_zone = '+00:00'
SET @@wait_timeout = 2147483
SET SESSION sql_mode='ANSI'
SET character_set_results = null;
set @@SQL_SELECT_LIMIT=DEFAULT
set @@SQL_SELECT_LIMIT=2
SET SQL_SAFE_UPDATES=1,SQL_SELECT_LIMIT=1000,MAX_JOIN_SIZE=1000000
SET sql_quote_show_create = 1, autocommit = 1
SET optimizer_switch='semijoin=off'
set optimizer_switch=default
SET PASSWORD = PASSWORD('x')
SET ROLE NONE
SET CHARACTER SET utf8
SET @OLD_X=@@NOTE_VERBOSITY, NOTE_VERBOSITY=0
DO 1
UNLOCK TABLES
LOCK TABLES users_auth READ
FLUSH TABLES
USE CometQL_v1
use ${'`'}CometQL_v1${'`'}
/*!40101 SET NAMES utf8mb4 */
/*!40103 SET TIME_ZONE='+00:00' */
/*M!100100 SET @@MAX_STATEMENT_TIME=0.000000 */
/*M!100100 SET WAIT_TIMEOUT=DEFAULT */
/*!999999\- enable the sandbox mode */
-- x
# x
`

/** What must have rows: the statement, a blank and a line; the number of its columns. */
const answered: readonly (readonly [columns: number, sql: string])[] = [
  [4, 'SELECT @@max_allowed_packet,@@system_time_zone,@@time_zone,@@auto_increment_increment'],
  [1, 'select @@version_comment limit 1'],
  [2, 'select DATABASE(), USER() limit 1'],
  [
    4,
    'select @@character_set_client, @@character_set_connection, @@character_set_server, @@character_set_database limit 1',
  ],
  [2, "SELECT '', DATABASE()"],
  [1, 'SELECT VERSION() as `version`'],
  [1, 'select left(version(),6)'],
  [1, 'SELECT @@tx_isolation'],
  [1, 'SELECT @@transaction_isolation'],
  [1, 'SELECT @@session.transaction_read_only'],
  [2, 'SELECT @@system_time_zone stz, @@time_zone tz'],
  [
    6,
    "SELECT VERSION(), @@sql_mode, @@default_storage_engine, @@sql_auto_is_null, @@lower_case_table_names, CONVERT_TZ('2001-01-01 01:00:00', 'UTC', 'UTC') IS NOT NULL",
  ],
  [1, 'select connection_id()'],
  [1, 'SELECT 1+1 AS result'],
  [1, 'SELECT @@lower_case_table_names'],
  [1, 'select @@collation_database'],
  [
    1,
    'SET STATEMENT max_statement_time=2 FOR SELECT SCHEMA_NAME FROM information_schema.SCHEMATA ORDER BY SCHEMA_NAME',
  ],
  [1, 'SHOW TABLES'],
  [2, 'SHOW FULL TABLES'],
  [1, "SHOW TABLES LIKE '%'"],
  [1, 'SHOW TABLES FROM CometQL_v1'],
  [2, 'SHOW FULL TABLES FROM `CometQL_v1`'],
  [2, "SHOW /*!50002 FULL*/ TABLES FROM `CometQL_v1` LIKE '%'"],
  [1, 'SHOW DATABASES'],
  [1, "SHOW DATABASES LIKE 'CometQL_v1'"],
  [2, "SHOW VARIABLES LIKE 'character_set_connection'"],
  [2, "show variables like 'character_set_client'"],
  [2, "show variables like 'auto_increment_increment'"],
  [2, "SHOW SESSION VARIABLES LIKE 'lower_case_table_names'"],
  [2, "SHOW VARIABLES LIKE '%version%'"],
  [2, 'SHOW GLOBAL VARIABLES;'],
  [2, 'show /*!40003 GLOBAL */ variables'],
  [2, 'show global status'],
  [2, 'show /*!50002 GLOBAL */ status'],
  [6, 'DESCRIBE users_auth'],
  [6, "DESCRIBE `CometQL_v1`.`users_auth` '%'"],
  [9, 'SHOW FULL COLUMNS FROM `users_auth`'],
  [9, 'SHOW FULL FIELDS FROM `users_auth`'],
  [6, 'SHOW COLUMNS FROM "users_auth"'],
  [13, 'SHOW INDEX FROM `users_auth`'],
  [13, "SHOW KEYS FROM users_auth WHERE Key_name = 'PRIMARY'"],
  [2, 'SHOW CREATE TABLE `users_auth`'],
  [2, 'SHOW CREATE DATABASE `CometQL_v1`'],
  [2, 'SHOW CREATE DATABASE `information_schema`'],
  [6, 'SHOW COLLATION'],
  [4, 'SHOW CHARACTER SET'],
  [6, 'SHOW ENGINES'],
  [1, 'SHOW GRANTS'],
  [1, 'SHOW GRANTS FOR CURRENT_USER()'],
  [18, String.raw`SHOW TABLE STATUS LIKE 'users\\_time'`],
  [
    1,
    "SELECT TABLE_NAME FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_TYPE = 'BASE TABLE' AND TABLE_SCHEMA = 'CometQL_v1';",
  ],
  [
    2,
    'SELECT TABLE_NAME, TABLE_TYPE FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() ORDER BY TABLE_NAME',
  ],
  [
    3,
    'SELECT TABLE_NAME AS Name, ENGINE AS Engine, TABLE_COMMENT AS Comment FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() ORDER BY Name',
  ],
  [21, "SELECT * FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA=SCHEMA() AND TABLE_TYPE IN ('BASE TABLE','VIEW')"],
  [1, 'SELECT SCHEMA_NAME TABLE_CAT FROM INFORMATION_SCHEMA.SCHEMATA ORDER BY 1'],
  [
    2,
    'SELECT coll.id, cs.maxlen FROM INFORMATION_SCHEMA.COLLATIONS coll, INFORMATION_SCHEMA.CHARACTER_SETS cs WHERE cs.CHARACTER_SET_NAME = coll.CHARACTER_SET_NAME ORDER BY coll.id DESC',
  ],
  [
    1,
    "SELECT table_name FROM (SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = database()) _subquery WHERE _subquery.table_type = 'BASE TABLE'",
  ],
  [
    1,
    "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type != 'VIEW' ORDER BY table_name",
  ],
  [1, 'SELECT table_name FROM information_schema.tables WHERE table_schema = schema()'],
  [
    2,
    "select TABLE_NAME, COLUMN_NAME from information_schema.columns where table_schema = 'CometQL_v1' order by table_name,ordinal_position",
  ],
  [
    1,
    "select table_name from information_schema.tables where table_schema = 'CometQL_v1' and table_type = 'BASE TABLE'",
  ],
  [
    5,
    "SELECT TABLE_CATALOG AS TABLE_CAT, TABLE_SCHEMA AS TABLE_SCHEM, TABLE_NAME,IF(STRCMP(TABLE_TYPE,'BASE TABLE'), IF(STRCMP(TABLE_TYPE,'SYSTEM VIEW'), TABLE_TYPE, 'VIEW'), 'TABLE') AS TABLE_TYPE, TABLE_COMMENT AS REMARKS FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA LIKE 'CometQL_v1' AND TABLE_NAME LIKE '%' HAVING TABLE_TYPE IN ('TABLE') ORDER BY TABLE_TYPE, TABLE_SCHEMA, TABLE_NAME",
  ],
  [
    4,
    "SELECT TABLE_SCHEMA TABLE_CAT, NULL TABLE_SCHEM, TABLE_NAME, IF(TABLE_TYPE='BASE TABLE' or TABLE_TYPE='SYSTEM VERSIONED', 'TABLE', TABLE_TYPE) as TABLE_TYPE FROM INFORMATION_SCHEMA.TABLES WHERE (TABLE_SCHEMA = 'CometQL_v1') AND (TABLE_TYPE IN ('BASE TABLE')) ORDER BY TABLE_TYPE, TABLE_SCHEMA, TABLE_NAME",
  ],
  [
    5,
    "SELECT TABLE_SCHEMA AS TABLE_CAT, NULL AS TABLE_SCHEM, TABLE_NAME, if(TABLE_TYPE='BASE TABLE' OR TABLE_TYPE='SYSTEM VERSIONED','TABLE',TABLE_TYPE) AS TABLE_TYPE ,TABLE_COMMENT AS REMARKS FROM INFORMATION_SCHEMA.TABLES WHERE 1=1 OR 1=0 ORDER BY TABLE_SCHEMA, TABLE_SCHEMA",
  ],
  [
    6,
    "SELECT TABLE_SCHEMA AS TABLE_CAT, NULL AS TABLE_SCHEM, TABLE_NAME, COLUMN_NAME, CASE DATA_TYPE WHEN 'bit' THEN @dt:= IF(NUMERIC_PRECISION=1,(-7), (-2)) WHEN 'tinyint' THEN @dt:=(-6) WHEN 'bigint' THEN @dt:=(-5) ELSE @dt:=(-9) END AS DATA_TYPE, IF(CHARACTER_MAXIMUM_LENGTH IS NULL, CASE WHEN DATA_TYPE = 'year' THEN 4 ELSE NUMERIC_PRECISION END, LEAST(CHARACTER_MAXIMUM_LENGTH, 2147483647)) AS COLUMN_SIZE FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME LIKE 'users_auth' ORDER BY TABLE_CAT, TABLE_SCHEM, TABLE_NAME, ORDINAL_POSITION",
  ],
  [
    2,
    "SELECT COLUMN_NAME, CASE WHEN LOCATE('unsigned', COLUMN_TYPE) != 0 AND LOCATE('unsigned', DATA_TYPE) = 0 THEN CASE WHEN LOCATE('zerofill', COLUMN_TYPE) != 0 THEN 'z' ELSE UCASE(CONCAT(DATA_TYPE,' unsigned')) END ELSE UCASE(DATA_TYPE) END AS TYPE_NAME FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_NAME LIKE 'users_auth'",
  ],
  [
    3,
    "SELECT 'VARCHAR' AS TYPE_NAME, 12 AS DATA_TYPE, '''' AS LITERAL_PREFIX UNION ALL SELECT 'BIGINT', -5, NULL ORDER BY DATA_TYPE",
  ],
]

/** Tables that are empty here, and must not be an error. */
const empty: readonly string[] = [
  'SHOW WARNINGS',
  'SHOW ERRORS',
  'SHOW EVENTS',
  String.raw`SHOW TRIGGERS LIKE 'users\\_auth'`,
  "SELECT ROUTINE_NAME AS SPECIFIC_NAME, ROUTINE_NAME, ROUTINE_TYPE, DTD_IDENTIFIER FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = 'CometQL_v1'",
  'SELECT ROUTINE_NAME FROM INFORMATION_SCHEMA.ROUTINES WHERE ROUTINE_TYPE="FUNCTION" AND ROUTINE_SCHEMA = "CometQL_v1"',
  "SELECT LOGFILE_GROUP_NAME, FILE_NAME, TOTAL_EXTENTS, INITIAL_SIZE, ENGINE, EXTRA FROM INFORMATION_SCHEMA.FILES WHERE FILE_TYPE = 'UNDO LOG' AND FILE_NAME IS NOT NULL AND LOGFILE_GROUP_NAME IS NOT NULL AND LOGFILE_GROUP_NAME IN (SELECT DISTINCT LOGFILE_GROUP_NAME FROM INFORMATION_SCHEMA.FILES WHERE FILE_TYPE = 'DATAFILE' AND TABLESPACE_NAME IN (SELECT DISTINCT TABLESPACE_NAME FROM INFORMATION_SCHEMA.PARTITIONS WHERE TABLE_SCHEMA IN ('CometQL_v1'))) GROUP BY LOGFILE_GROUP_NAME, FILE_NAME, ENGINE, TOTAL_EXTENTS, INITIAL_SIZE ORDER BY LOGFILE_GROUP_NAME",
]

describe('statements about the session are OK', () => {
  for (const sql of accepted.split('\n').filter((line) => line !== '')) {
    test(sql.slice(0, 120), async (t) => {
      assert.equal((await (await backEnd(t)).ok(sql)).affectedRows, 0)
    })
  }
})

describe('questions have an answer', () => {
  for (const [count, sql] of answered) {
    test(sql.slice(0, 120), async (t) => {
      const db = await backEnd(t)
      assert.equal((await db.columns(sql)).length, count)
      assert((await db.values(sql)).length > 0, 'no rows')
      assert.deepEqual(await db.cometql.handler.describe?.(sql, db.session), await db.columns(sql))
    })
  }
  for (const sql of empty) {
    test(sql.slice(0, 120), async (t) => assert.deepEqual(await (await backEnd(t)).values(sql), []))
  }
})

test('what tools ask of tables that there are not is an error, which they survive', async (t) => {
  const db = await backEnd(t)
  for (const sql of [
    `SELECT CONCAT("'", user, "'@'",host,"'") FROM mysql.user`,
    'SELECT name from mysql.help_topic WHERE name like "SHOW %"',
  ]) {
    assert.equal((await db.error(sql)).number, 15)
  }
})
