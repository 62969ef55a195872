/** Statements that change the tables, one after the other. */
export const changing: readonly string[] = [
  "UPDATE users_auth SET hash = 'x' WHERE id = 2",
  "UPDATE users_auth u SET u.hash = CONCAT(u.hash, 'y') WHERE u.id IN (1, 2, 3)",
  "UPDATE users_auth SET hash = 'z' WHERE id IN (1, 2, 3) ORDER BY id DESC LIMIT 1",
  "UPDATE users_auth SET id = id, hash = 'w' WHERE id = '10'",
  "UPDATE users_auth SET hash = 'v' WHERE id = 12345",
  "UPDATE users_data SET data = UPPER(data), data = CONCAT(data, '!') WHERE id IN (12, 13)",
  'UPDATE users_data SET data = id * 2 WHERE id IN (1, 2)',
  "UPDATE pipes_settings SET length = length + 1 WHERE name = 'news'",
  'UPDATE users_auth SET hash = NULL WHERE id = 1',
  "INSERT INTO users_auth (id, hash) VALUES (1, 'new'), (50, 'fifty') ON DUPLICATE KEY UPDATE id = id",
  "INSERT INTO users_auth (id, hash) VALUES (1, 'n'), (51, 'm') ON DUPLICATE KEY UPDATE hash = VALUES(hash)",
  "INSERT INTO users_auth (id, hash) VALUES (1, 'n'), (52, 'm') ON DUPLICATE KEY UPDATE hash = CONCAT(hash, VALUES(hash))",
  "INSERT IGNORE INTO users_auth (id, hash) VALUES (1, 'ignored'), (53, 'new')",
  "REPLACE INTO users_auth (id, hash) VALUES (1, 'replaced'), (54, 'new')",
  "DELETE FROM users_auth WHERE id = ' 50 '",
  'DELETE FROM users_auth WHERE id = 51.0',
  'DELETE FROM users_auth WHERE id IN (52, 53) ORDER BY id LIMIT 1',
  "DELETE FROM users_auth WHERE id IN (1, 2) AND hash = 'x'",
]

/** Texts that are no numbers: MariaDB takes some of them for the row whose number they begin with, we take none. */
export const refused: readonly string[] = [
  "UPDATE users_auth SET hash = 'broken' WHERE id = '1 OR 1=1'",
  "UPDATE users_auth SET hash = 'broken' WHERE id IN (1, '2x')",
  "DELETE FROM users_auth WHERE id = '2 OR 1=1'",
  "DELETE FROM users_auth WHERE id = '2abc'",
  "DELETE FROM users_auth WHERE id = ''",
  "DELETE FROM users_auth WHERE id IN (50, '51x')",
  'DELETE FROM users_data WHERE id IN (12, 13) AND data = 0',
]

/** Where we are different, and why. */
export const different: ReadonlyMap<string, string> = new Map([
  ['SELECT 0.1 + 0.2 AS x', 'numbers with a fraction are doubles, not decimals'],
  ['SELECT 1 / 3 AS x', 'a quotient is a double, not rounded to 4 digits'],
  ['SELECT CONCAT(1 / 2) AS x', 'a quotient is a double, not rounded to 4 digits'],
  ["SELECT X'4142' AS x", 'bytes are text in UTF-8'],
  ["SELECT UNHEX('4142') AS x", 'bytes are text in UTF-8'],
  ['SELECT (4)', 'a column is named as it is written, as in MySQL'],
  ['SELECT false', 'a column is named as it is written, as in MySQL'],
  ["SELECT '\\n'", 'a column is named by the text'],
  ["SELECT '😀'", 'names are utf8mb4'],
  ["SELECT RPAD('a', 4, '') AS x", 'as in MySQL 8'],
  ["SELECT 'a\\\\x' LIKE 'a\\\\%' ESCAPE '' AS x", 'as in MySQL: without an escape character'],
  ['SELECT id FROM users_auth ORDER BY id LIMIT 1 + 1', 'LIMIT takes any constant'],
  ['SELECT id FROM users_auth WHERE id IN (SELECT id FROM users_data LIMIT 2)', 'a subquery of IN may have a LIMIT'],
  ["SELECT id FROM users_data WHERE data = 'apple'", 'a SELECT needs a condition on the key, or a LIMIT'],
  ['SELECT id FROM users_auth WHERE hash = alpha AND id = 1', 'bare words are text'],
  [';', 'a statement of nothing is answered'],
])

/** What the parameters of a prepared statement are compared and calculated with. */
export const prepared: readonly (readonly [string, readonly unknown[]])[] = [
  ['SELECT id, hash FROM users_auth WHERE id = ?', [1]],
  ['SELECT id, hash FROM users_auth WHERE id = ?', ['2']],
  ['SELECT id, hash FROM users_auth WHERE id IN (?, ?, ?) ORDER BY id', [1, 3, 99]],
  ['SELECT id, data FROM users_data WHERE data = ? LIMIT 100', ['it\'s "quoted" \\ back']],
  ['SELECT id, data FROM users_data WHERE data LIKE ? ORDER BY id LIMIT 100', ['%\\_%']],
  ['SELECT id, data FROM users_data WHERE data LIKE ? ORDER BY id LIMIT 100', ['100\\%']],
  ['SELECT id FROM users_auth WHERE hash = ? LIMIT 100', ['beta']],
  ['SELECT id FROM users_auth WHERE id > ? ORDER BY id LIMIT 100', [2147483647]],
  ['SELECT id FROM users_auth WHERE id = ? LIMIT 100', [null]],
  ['SELECT id FROM users_auth WHERE id <=> ? LIMIT 100', [null]],
  ['SELECT ? IS NULL, ? = ?', [null, 'a', 'A']],
  ['SELECT CONCAT(?, ?), LENGTH(?)', ['a', 'b', 'Привет']],
  ['SELECT name, COUNT(*) FROM pipes_messages WHERE name IN (?, ?) GROUP BY name ORDER BY name', ['news', 'News']],
  ['SELECT 1 FROM users_auth WHERE id = ? AND hash = ?', [1, "alpha' OR '1'='1"]],
]
