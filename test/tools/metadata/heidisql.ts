import type { Question } from './question.ts'

/** HeidiSQL. */
export const heidisql: readonly Question[] = [
  ['SHOW /*!50002 GLOBAL */ STATUS', ['Variable_name', 'Value'], 'some'],
  ["SHOW VARIABLES LIKE 'skip_name_resolve'", ['Variable_name', 'Value'], 0],
  ['SELECT NOW()', ['NOW()'], [['2023-11-14 22:13:20']]],
  ['SELECT CONNECTION_ID()', ['CONNECTION_ID()'], 'some'],
  ['SHOW DATABASES', ['Database'], [['information_schema'], ['CometQL_v1']]],
  [
    "SELECT `DEFAULT_COLLATION_NAME` FROM `information_schema`.`SCHEMATA` WHERE `SCHEMA_NAME`='CometQL_v1'",
    ['DEFAULT_COLLATION_NAME'],
    'some',
  ],
  ["SHOW PROCEDURE STATUS WHERE `Db`='CometQL_v1'", 11, 0],
  [
    "SELECT *, EVENT_SCHEMA AS `Db`, EVENT_NAME AS `Name` FROM information_schema.`EVENTS` WHERE `EVENT_SCHEMA`='CometQL_v1'",
    26,
    0,
  ],
  ['SHOW CREATE TABLE `CometQL_v1`.`users_in_pipes`', ['Table', 'Create Table'], 'some'],
  [
    "SELECT * FROM `information_schema`.`COLUMNS` WHERE TABLE_SCHEMA='CometQL_v1' AND TABLE_NAME='users_in_pipes' ORDER BY ORDINAL_POSITION",
    21,
    7,
  ],
  [
    'SHOW INDEXES FROM `users_in_pipes` FROM `CometQL_v1`',
    13,
    [['users_in_pipes', 1, 'name', 1, 'name', 'A', null, null, null, '', 'HASH', '', '']],
  ],
  [
    "SELECT * FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE CONSTRAINT_SCHEMA='CometQL_v1' AND TABLE_NAME='users_in_pipes' AND REFERENCED_TABLE_NAME IS NOT NULL",
    11,
    0,
  ],
  [
    "SELECT * FROM information_schema.KEY_COLUMN_USAGE WHERE TABLE_SCHEMA='CometQL_v1' AND TABLE_NAME='users_in_pipes' AND REFERENCED_TABLE_NAME IS NOT NULL",
    12,
    0,
  ],
  [
    "SELECT tc.CONSTRAINT_NAME, cc.CHECK_CLAUSE FROM `information_schema`.`CHECK_CONSTRAINTS` AS cc, `information_schema`.`TABLE_CONSTRAINTS` AS tc WHERE tc.CONSTRAINT_SCHEMA='CometQL_v1' AND tc.TABLE_NAME='users_in_pipes' AND tc.CONSTRAINT_TYPE='CHECK' AND tc.CONSTRAINT_SCHEMA=cc.CONSTRAINT_SCHEMA AND tc.CONSTRAINT_NAME=cc.CONSTRAINT_NAME",
    ['CONSTRAINT_NAME', 'CHECK_CLAUSE'],
    0,
  ],
  [
    'SELECT `name`, `event`, LEFT(`message`, 256) FROM `CometQL_v1`.`pipes_messages` LIMIT 1000',
    ['name', 'event', 'LEFT(`message`, 256)'],
    [
      ['news', 'add', 'first'],
      ['news', 'add', 'second'],
    ],
  ],
  [
    'SELECT * FROM `CometQL_v1`.`users_in_pipes` LIMIT 1000',
    ['name', 'user_id', 'user_uuid', 'user_agent', 'ip', 'origin', 'language'],
    0,
  ],
  [
    'SELECT * FROM `CometQL_v1`.`users_auth` ORDER BY `id` DESC LIMIT 1000',
    ['id', 'hash'],
    [
      [3, 'three'],
      [2, 'two'],
    ],
  ],
  [
    'SELECT `ID`, `USER`, `HOST`, `DB`, `COMMAND`, `TIME`, `STATE`, LEFT(`INFO`, 51200) AS `Info` FROM `information_schema`.`PROCESSLIST`',
    ['ID', 'USER', 'HOST', 'DB', 'COMMAND', 'TIME', 'STATE', 'Info'],
    'some',
  ],
  ['SELECT `id`, `hash` FROM `CometQL_v1`.`users_auth` WHERE `id`=2', ['id', 'hash'], [[2, 'two']]],
  ["SHOW GLOBAL VARIABLES LIKE 'event_scheduler'", ['Variable_name', 'Value'], [['event_scheduler', 'OFF']]],
  ["SELECT SPECIFIC_NAME FROM information_schema.PARAMETERS WHERE SPECIFIC_SCHEMA='CometQL_v1'", ['SPECIFIC_NAME'], 0],
]
