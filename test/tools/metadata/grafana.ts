import type { Question } from './question.ts'

/** Grafana's MySQL data source: its query editor, and what its macros become. */
export const grafana: readonly Question[] = [
  ['SELECT 1', ['1'], [[1]]],
  [
    "SELECT DISTINCT TABLE_SCHEMA from information_schema.TABLES where TABLE_TYPE != 'SYSTEM VIEW' ORDER BY TABLE_SCHEMA",
    ['TABLE_SCHEMA'],
    [['CometQL_v1']],
  ],
  [
    "SELECT DISTINCT table_name FROM information_schema.tables WHERE table_schema = 'CometQL_v1' ORDER BY table_name",
    ['table_name'],
    9,
  ],
  [
    'SELECT table_name FROM information_schema.tables WHERE table_schema = database() ORDER BY table_name',
    ['table_name'],
    9,
  ],
  [
    "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = 'CometQL_v1' AND table_name = 'pipes_messages' AND data_type IN ('bigint','int','smallint','mediumint','tinyint','double','decimal','float') AND column_name <> 'time' ORDER BY column_name",
    ['column_name', 'data_type'],
    [
      ['index', 'bigint'],
      ['user_id', 'bigint'],
    ],
  ],
  ['SELECT quote(hash) FROM users_auth WHERE id IN (2,3)', ['quote(hash)'], [["'two'"], ["'three'"]]],
  ["SELECT DISTINCT QUOTE(event) FROM pipes_messages WHERE name = 'news' LIMIT 100", ['QUOTE(event)'], [["'add'"]]],
  [
    'SELECT time DIV 60 * 60 AS "time", count(*) AS value FROM pipes_messages WHERE name = \'news\' AND time >= 1700000000 AND time <= 4700000000 GROUP BY 1 ORDER BY 1',
    ['time', 'value'],
    [[1699999980, 2]],
  ],
  [
    "SELECT FROM_UNIXTIME(time) AS time, user_id AS value FROM pipes_messages WHERE name='news' AND FROM_UNIXTIME(time) BETWEEN FROM_UNIXTIME(1700000000) AND FROM_UNIXTIME(1999999999) ORDER BY time",
    ['time', 'value'],
    [
      ['2023-11-14 22:13:20', 0],
      ['2023-11-14 22:13:20', 0],
    ],
  ],
  [
    "SELECT UNIX_TIMESTAMP(FROM_UNIXTIME(time)) DIV 300 * 300 AS time, event AS metric, COUNT(message) AS value FROM pipes_messages WHERE name = 'news' GROUP BY time, metric ORDER BY time",
    ['time', 'metric', 'value'],
    [[1699999800, 'add', 2]],
  ],
  ["SELECT UNIX_TIMESTAMP('2026-01-31 23:59:59') AS time_sec, 1 as value", ['time_sec', 'value'], [[1769903999, 1]]],
  [
    'SELECT name AS metric, users AS value, UNIX_TIMESTAMP() AS time FROM pipes LIMIT 50',
    ['metric', 'value', 'time'],
    0,
  ],
  [
    "SELECT MAX(time), MIN(time), AVG(user_id), SUM(user_id) FROM CometQL_v1.pipes_messages WHERE name = 'news' LIMIT 50",
    ['MAX(time)', 'MIN(time)', 'AVG(user_id)', 'SUM(user_id)'],
    [[1700000000, 1700000000, 0, 0]],
  ],
  ['SELECT NOW() as time, 1 AS value', ['time', 'value'], [['2023-11-14 22:13:20', 1]]],
  ['SELECT COUNT(*) AS value FROM users_in_pipes', ['value'], [[0]]],
]
