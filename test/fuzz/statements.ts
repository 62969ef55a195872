import type { Random } from './random.ts'

/** Statements of every kind, as back-ends, drivers and tools send them: what SQL is mutated from. */
export const statements: readonly string[] = [
  "INSERT INTO pipes_messages (name, event, message) VALUES ('news', 'add', '{\"id\": 1}')",
  "INSERT INTO `CometQL_v1`.`pipes_messages` (`id`, `name`, `event`, `message`) VALUES ('abc', 'news', '', N'x'), (NULL, 'Chat', 'e', X'D09F')",
  "INSERT IGNORE users_auth VALUES (5, 'five')",
  "INSERT INTO users_auth SET id = 5, hash = 'h' ON DUPLICATE KEY UPDATE hash = VALUES(hash)",
  "REPLACE INTO pipes_settings (name, length) VALUES ('old', 5), ('news', 99)",
  "INSERT INTO users_messages (id, event, message) VALUES (7, 'e', CONCAT('a', 1 + 2))",
  'INSERT INTO revoked_tokens (token) VALUES ("a.b.c")',
  "insert into users_data (id, data) values (1, 'it''s \\'quoted\\' \\n \\\\ \\Z \\% 😀')",
  'SELECT * FROM users_auth WHERE id IN (1, 2, 3) ORDER BY hash DESC, id LIMIT 2 OFFSET 1',
  'SELECT id AS i, hash h FROM users_auth AS u WHERE u.id >= 1 AND NOT (hash IS NULL OR hash = "") LIMIT 10',
  'SELECT * FROM pipes_messages WHERE name = news AND `index` BETWEEN 0 AND 5',
  "SELECT name, event, message FROM pipes_messages WHERE name IN ('news', Chat) AND message LIKE '%o_\\%' ESCAPE '\\\\'",
  "SELECT id, hash REGEXP '^(a|b[c-e]*)+$|[[:digit:]]{2}' FROM users_auth WHERE hash NOT RLIKE ? LIMIT 5",
  'SELECT name, COUNT(*) AS n, MAX(time), MIN(`index`), SUM(`index`), AVG(`index`), GROUP_CONCAT(DISTINCT event SEPARATOR ";") FROM pipes_messages GROUP BY name HAVING n > 0 ORDER BY 2 LIMIT 5',
  'SELECT DISTINCT event FROM pipes_messages LIMIT 5',
  'SELECT * FROM users_time WHERE id IN (1, 2, 99)',
  "SELECT * FROM users_in_pipes WHERE name = 'news'",
  'SELECT * FROM pipes LIMIT 5',
  'SELECT a.id, b.data FROM users_auth a LEFT JOIN users_data b ON a.id = b.id WHERE a.id IN (1, 2, 3)',
  'SELECT a.id FROM users_auth a JOIN users_data USING (id) LIMIT 3',
  'SELECT * FROM (SELECT id, hash FROM users_auth LIMIT 3) AS t WHERE t.id > 1 ORDER BY 1',
  'SELECT id FROM users_auth WHERE id IN (SELECT id FROM users_data LIMIT 5)',
  'SELECT 1 UNION SELECT 2 UNION ALL SELECT NULL ORDER BY 1 LIMIT 5',
  'SELECT (SELECT COUNT(*) FROM users_auth) AS n, EXISTS (SELECT 1 FROM users_data LIMIT 1)',
  "SELECT CASE WHEN id = 1 THEN 'one' WHEN id IS NULL THEN NULL ELSE hash END FROM users_auth LIMIT 3",
  "SELECT CASE 5 WHEN 5 THEN 'a' ELSE 'b' END, IF(1 > 2, 'x', NULL), IFNULL(NULL, 3), NULLIF(1, 1), COALESCE(NULL, 'c')",
  "SELECT 1 + 2 * 3 - 4 / 5 % 6, 7 DIV 2, -8, ~9, 1 << 3, 16 >> 2, 5 & 3, 5 | 3, 5 ^ 3, NOT 1, 1 XOR 0, 1 <=> NULL, 'a' || 'b'",
  "SELECT CAST('12abc' AS SIGNED), CONVERT('x' USING utf8mb4), BINARY 'a' = 'A', 'a' COLLATE utf8mb4_bin, _utf8'x', 0x4142, b'101'",
  "SELECT CONCAT_WS(',', 'a', NULL, 'b'), SUBSTRING('hello' FROM 2 FOR 3), TRIM(LEADING 'x' FROM 'xxa'), REPLACE('aba', 'a', 'c'), LPAD('x', 5, 'ab')",
  "SELECT NOW(), UNIX_TIMESTAMP(), FROM_UNIXTIME(0), CURDATE(), CONVERT_TZ('2001-01-01 01:00:00', 'UTC', '+02:00')",
  'SELECT @@version, @@session.autocommit, @@global.max_allowed_packet AS `m`, @a := 5, @a',
  'SELECT DATABASE(), VERSION(), USER(), CONNECTION_ID(), LAST_INSERT_ID(), ROW_COUNT(), FOUND_ROWS()',
  'SELECT SQL_CALC_FOUND_ROWS id FROM users_auth LIMIT 1 FOR UPDATE',
  'SELECT ? + ?, ?',
  'DELETE FROM users_auth WHERE id = 2 OR id IN (3)',
  "DELETE FROM pipes_messages WHERE name = 'news' AND id = 'abc' LIMIT 1",
  "DELETE FROM pipes_settings WHERE name = 'old'",
  'UPDATE users_auth SET hash = 1 WHERE id = 1',
  "UPDATE users_data u SET u.data = CONCAT(u.data, '!', id), data = ? WHERE id IN (1, 2) ORDER BY id LIMIT 1",
  "INSERT INTO users_data (id, data) VALUES (1, 'x') ON DUPLICATE KEY UPDATE data = CONCAT(data, VALUES(data))",
  "INSERT INTO users_auth VALUES (1, 'x'), (9, 'y') AS new ON DUPLICATE KEY UPDATE hash = new.hash",
  'TRUNCATE TABLE users_auth',
  'SHOW DATABASES',
  "SHOW FULL TABLES FROM CometQL_v1 LIKE 'users\\_%'",
  "SHOW FULL COLUMNS FROM `pipes_messages` FROM `CometQL_v1` LIKE '%'",
  'SHOW INDEX FROM users_auth',
  'SHOW CREATE TABLE users_auth',
  "SHOW TABLE STATUS WHERE Name = 'pipes'",
  "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('version', 'autocommit') OR Value LIKE 'utf8%'",
  "SHOW SESSION STATUS LIKE 'Q%'",
  'SHOW FULL PROCESSLIST',
  'SHOW WARNINGS LIMIT 5',
  'SHOW COUNT(*) WARNINGS',
  'SHOW ERRORS',
  'SHOW ENGINES',
  'SHOW COLLATION',
  "SHOW CHARACTER SET LIKE 'utf8%'",
  'SHOW GRANTS FOR CURRENT_USER()',
  'SHOW PLUGINS',
  'SHOW TRIGGERS',
  'DESCRIBE users_auth hash',
  'EXPLAIN SELECT * FROM users_auth',
  "SET NAMES utf8mb4 COLLATE 'utf8mb4_general_ci'",
  'SET NAMES latin1',
  'SET CHARACTER SET cp1251',
  "SET autocommit = 0, @x = 5, SESSION sql_mode = CONCAT(@@sql_mode, ',ANSI_QUOTES'), @@wait_timeout = DEFAULT",
  'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
  'START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY',
  'BEGIN',
  'COMMIT AND NO CHAIN',
  'ROLLBACK TO SAVEPOINT a',
  'SAVEPOINT a',
  'RELEASE SAVEPOINT a',
  'ROLLBACK',
  'USE CometQL_v1',
  'USE db_5',
  'KILL QUERY 1',
  'LOCK TABLES users_auth READ, pipes AS p WRITE',
  'UNLOCK TABLES',
  'FLUSH TABLES',
  'ANALYZE TABLE users_auth',
  'DO 1',
  '/*!40101 SET NAMES utf8 */; -- comment\nSELECT /* inner */ 1 # end',
  '/*!50799 SELECT /*!99999 no */ 1 */',
  "SELECT TABLE_NAME, TABLE_ROWS FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE <> 'VIEW' ORDER BY 1",
  "SELECT c.COLUMN_NAME, c.DATA_TYPE, c.ORDINAL_POSITION FROM information_schema.`COLUMNS` c WHERE c.TABLE_NAME LIKE 'pipes%' ORDER BY c.TABLE_NAME, 3 DESC",
  'SELECT coll.id, cs.maxlen FROM INFORMATION_SCHEMA.COLLATIONS coll, INFORMATION_SCHEMA.CHARACTER_SETS cs WHERE cs.CHARACTER_SET_NAME = coll.CHARACTER_SET_NAME ORDER BY coll.id DESC',
  "CALL nothing('x')",
  'PREPARE s FROM "SELECT 1"',
]

const functions: readonly string[] =
  'CONCAT CONCAT_WS LEFT RIGHT SUBSTRING SUBSTRING_INDEX LENGTH CHAR_LENGTH UPPER LOWER TRIM LTRIM RTRIM REPLACE REVERSE REPEAT LPAD RPAD LOCATE INSTR STRCMP FIELD ELT FIND_IN_SET QUOTE ASCII CHAR SPACE ABS SIGN FLOOR CEIL ROUND TRUNCATE MOD POW GREATEST LEAST BIT_COUNT IFNULL COALESCE NULLIF ISNULL HEX UNHEX CONV FORMAT NOW UNIX_TIMESTAMP FROM_UNIXTIME CONVERT_TZ DATE YEAR IF COUNT SUM AVG MIN MAX GROUP_CONCAT VERSION DATABASE USER'.split(
    ' ',
  )
const operators =
  '+ - * / % DIV MOD = <> != < <= > >= <=> AND OR XOR && || & | ^ << >> LIKE NOT-LIKE REGEXP IN IS'.split(' ')
const tables =
  'users_auth users_data users_time pipes pipes_messages pipes_settings users_messages revoked_tokens'.split(' ')
const columns = 'id hash data time name users event message index user_id length token nonsense'.split(' ')

export const values: readonly string[] = [
  'NULL', 'TRUE', 'FALSE', 'DEFAULT', '?', "''", "'a'", "'news'", "'1'", "'1e3'", "'-0'", "' 12 '", "'0x10'", "'\\0'", "'%'", "'\\\\'",
  "'😀'", "'ß'", "'İ'", "'\ud800'", '"x"', '0', '1', '-1', '2', '7', '1.5', '.5', '1e400', '1e-400', '1e', '9007199254740993',
  '18446744073709551615', '18446744073709551616', '-9223372036854775808', '99999999999999999999999999999999', '0x', '0xZZ', "X'4'",
  "b'2'", "_utf8mb4'x'", 'N\'x\'', '@a', '@@version', '@@nonsense', '1000000', '1000001', '2147483648', '4294967296', '1e15', '-1e15', '0.1', '64',
] // prettier-ignore

/** An expression of random parts. */
function expression(random: Random, depth: number): string {
  const kind = random.below(depth <= 0 ? 3 : 10)
  if (kind === 0) return column(random)
  if (kind <= 3) return random.pick(values)
  const inner = (): string => expression(random, depth - 1)
  if (kind <= 5) return `${inner()} ${random.pick(operators).replace('-', ' ')} ${inner()}`
  if (kind === 6) return `(${inner()})`
  if (kind === 7)
    return `${inner()} ${random.pick(['IS NULL', 'IS NOT NULL', 'NOT IN (1, NULL)', 'BETWEEN 1 AND 2', 'COLLATE utf8mb4_bin'])}`
  if (kind === 8) return `${random.pick(['-', '~', 'NOT ', 'BINARY ', '!', '+'])}${inner()}`
  const args = Array.from({ length: random.below(4) }, inner)
  return `${random.pick(functions)}(${args.join(', ')})`
}

function column(random: Random): string {
  return random.once(4) ? `t.${random.pick(columns)}` : `\`${random.pick(columns)}\``
}

/** A statement that is right by the grammar, mostly. */
export function generateSql(random: Random): string {
  const some = (make: () => string): string => Array.from({ length: 1 + random.below(3) }, make).join(', ')
  const item = (): string => expression(random, 3)
  const table = random.pick(tables)
  const maybe = (text: () => string): string => (random.once(2) ? ` ${text()}` : '')
  if (random.once(4)) return `SELECT ${some(item)}${maybe(() => `LIMIT ${random.pick(values)}`)}`
  if (random.once(5)) {
    const names = Array.from({ length: 1 + random.below(3) }, () => random.pick(columns))
    const row = (): string => `(${names.map(item).join(', ')})`
    return `${random.pick(['INSERT', 'REPLACE', 'INSERT IGNORE'])} INTO ${table} (${names.map((name) => `\`${name}\``).join(', ')}) VALUES ${some(row)}`
  }
  const where = maybe(() => `WHERE ${item()}`)
  if (random.once(8)) return `DELETE FROM ${table}${where}${maybe(() => `LIMIT ${random.below(5)}`)}`
  const tail = `${maybe(() => `GROUP BY ${some(item)}`)}${maybe(() => `HAVING ${item()}`)}${maybe(() => `ORDER BY ${some(item)} DESC`)}`
  return `SELECT ${random.once(3) ? '*' : some(item)} FROM ${table} AS t${where}${tail}${maybe(() => 'LIMIT 5')}`
}
