import { Random } from '../fuzz/random.ts'

/** Statements of the subset that we share with MySQL, by what they are about. */
export const written: Readonly<Record<string, readonly string[]>> = {
  'columns and names': [
    'SELECT * FROM users_auth LIMIT 100',
    'SELECT * FROM users_data LIMIT 100',
    'SELECT * FROM pipes_messages LIMIT 100',
    'SELECT * FROM pipes_settings LIMIT 100',
    'SELECT * FROM pipes LIMIT 100',
    "SELECT * FROM pipes_messages WHERE name = 'news'",
    'SELECT ID, Hash FROM users_auth WHERE id = 1',
    'SELECT `id`, users_auth.hash, CometQL_v1.users_auth.id FROM CometQL_v1.users_auth WHERE id = 1',
    'SELECT u.* FROM users_auth u WHERE u.id = 1',
    'SELECT u.id, u.* FROM users_auth AS u WHERE u.id = 1',
    'SELECT id AS `a b`, hash AS "c", id d, hash \'e\' FROM users_auth WHERE id = 1',
    'SELECT 1, 1+1, 1 + 1,  2*3 , -5, \'text\', "double", NULL, TRUE, FALSE',
    'SELECT COUNT(*), count( * ), Max(id), MIN( id ) FROM users_auth',
    "SELECT id+1, id + 1, UPPER(hash), concat(hash,'x') FROM users_auth WHERE id = 1",
    "SELECT 'it''s', 'a\\'b', 'a\"b', \"a'b\", 'a' 'b'",
    'SELECT 1 AS `from`, 2 AS `select`',
    'SELECT id id, id FROM users_auth WHERE id = 1',
    'SELECT /* inner */ 1 -- end',
    'SELECT 1 # end',
    'SELECT 1;',
    'select\n1\t,\r\n2',
    "SELECT _utf8mb4'x', N'y'",
    'SELECT 1.0, 1.50, .5, 1e3, 1E-2, 1.5e0',
    'SELECT 9007199254740991, 9007199254740993, 18446744073709551615, -9223372036854775808',
  ],
  escapes: [
    "SELECT '\\0' AS a, '\\b' AS b, '\\n' AS c, '\\r' AS d, '\\t' AS e, '\\Z' AS f, '\\\\', '\\'', '\\\"'",
    "SELECT '\\%', '\\_', '\\a', '\\x', '''', '\"\"', \"\"\"\", \"''\"",
    "SELECT LENGTH('\\%'), LENGTH('\\n'), LENGTH('\\\\n'), LENGTH('\\0')",
    "SELECT data FROM users_data WHERE data = 'it\\'s \"quoted\" \\\\ back' LIMIT 5",
    "SELECT id FROM users_data WHERE data = 'line\\nbreak\\ttab\\0nul\\Z' LIMIT 5",
    "SELECT 'Привет', '😀' AS a, 'é', LENGTH('Привет'), CHAR_LENGTH('Привет'), CHAR_LENGTH('😀') AS b",
    "SELECT 'a' 'b' 'c', 'a'\n'b'",
    "SELECT QUOTE('it\\'s'), QUOTE('a\\\\b'), HEX('Привет'), HEX(255)",
  ],
  LIKE: [
    "SELECT 'abc' LIKE 'a%', 'abc' LIKE 'A%', 'abc' LIKE '_b_', 'abc' LIKE 'abc%', 'abc' LIKE '', '' LIKE '%', '' LIKE '_', '' LIKE ''",
    "SELECT 'a%' LIKE 'a\\%', 'ab' LIKE 'a\\%', 'a_' LIKE 'a\\_', 'ab' LIKE 'a\\_', 'a\\\\b' LIKE 'a\\\\\\\\b'",
    "SELECT 'a%' LIKE 'a|%' ESCAPE '|', 'ab' LIKE 'a|%' ESCAPE '|', 'a|' LIKE 'a||' ESCAPE '|'",
    "SELECT 'a\\\\%' LIKE 'a\\\\%', 'a%' LIKE 'a\\\\%'",
    "SELECT NULL LIKE 'a', 'a' LIKE NULL, NULL NOT LIKE NULL, 5 LIKE '5', 15 LIKE '1_', 1.5 LIKE '1.%'",
    "SELECT 'abc' NOT LIKE 'b%', NOT 'abc' LIKE 'b%', 'ПРИВЕТ' LIKE 'при%', '😀😀' LIKE '__' AS a, '😀😀' LIKE '_' AS b",
    "SELECT 'aXbXc' LIKE 'a%b%c', 'aaa' LIKE '%a%a%a%', 'aaa' LIKE '%a%a%a%a%', 'ab\\ncd' LIKE 'a%d'",
    "SELECT BINARY 'abc' LIKE 'A%', 'abc' LIKE BINARY 'A%', 'abc' COLLATE utf8mb4_bin LIKE 'A%'",
  ],
  REGEXP: [
    "SELECT 'abc' REGEXP 'b', 'abc' REGEXP '^b', 'abc' RLIKE 'c$', 'abc' NOT REGEXP 'x', 'ABC' REGEXP 'abc', BINARY 'ABC' REGEXP 'abc'",
    "SELECT NULL REGEXP 'a', 'a' REGEXP NULL, 'a' REGEXP '', 15 REGEXP '^1', NOT 'abc' REGEXP 'b', 'a' REGEXP 'a' = 1",
    "SELECT 'foo.bar' REGEXP 'foo\\\\.bar', 'fooxbar' REGEXP 'foo\\\\.bar', 'a+b' REGEXP 'a[+]b', 'a]b' REGEXP 'a[]]b'",
    "SELECT 'Привет' REGEXP '^[[:alpha:]]+$', 'ПРИВЕТ' REGEXP 'при', '😀' REGEXP '^.$' AS a, 'Привет' REGEXP '^\\\\w+$'",
    "SELECT 'aab' REGEXP '^a{2}b$', 'ab' REGEXP 'a{2,}', 'abab' REGEXP '^(ab){2}$', 'abcd' REGEXP '^(a|ab)(c|bcd)$'",
    "SELECT 'a\nb' REGEXP 'a.b', 'a\nb' REGEXP '^b', 'x y' REGEXP '\\\\by', 'xy' REGEXP '\\\\By'",
    "SELECT id FROM users_auth WHERE hash REGEXP '^[a-z]+$' ORDER BY id LIMIT 100",
    "SELECT id FROM users_data WHERE data NOT RLIKE '[0-9]' ORDER BY id LIMIT 100",
  ],
  'numbers and texts compared': [
    "SELECT 1 = '1', 1 = '1.0', 1 = ' 1', 1 = '1 ', 1 = '1abc', 0 = 'abc', '1' = '1.0', 'abc' = 'ABC', 'abc' = 'abc '",
    "SELECT 10 > '9', '10' > '9', '10' > 9, 'b' > 'A', 'a' < 'B', '' = 0, '-0' = 0, '1e2' = 100, '0x10' = 16, '.5' = 0.5",
    'SELECT NULL = NULL, NULL <=> NULL, 1 <=> NULL, NULL <> 1, NULL IS NULL, 1 IS NULL, NOT NULL, NULL AND 0, NULL AND 1, NULL OR 1, NULL OR 0, NULL XOR 1',
    'SELECT 1 IN (1, 2), 3 IN (1, 2), NULL IN (1), 1 IN (NULL), 1 IN (1, NULL), 2 NOT IN (1, NULL), 3 NOT IN (1, 2)',
    "SELECT '1' IN (1), 'a' IN ('A'), 'a' IN (0), 1 IN ('1x')",
    "SELECT 5 BETWEEN 1 AND 10, 5 NOT BETWEEN 1 AND 10, NULL BETWEEN 1 AND 2, 5 BETWEEN NULL AND 1, 'b' BETWEEN 'a' AND 'c', 5 BETWEEN '1' AND '10'",
    'SELECT TRUE, FALSE, TRUE = 1, 2 IS TRUE, 0 IS FALSE, NULL IS UNKNOWN, NULL IS NOT TRUE, 2 = TRUE, NOT 5, NOT 0, !1',
    "SELECT 'a' AND 1, '1' AND 1, '0.5' AND 1, '' OR 0, '0' OR 0, 'x' OR 1",
    'SELECT 9007199254740993 = 9007199254740992, 9007199254740993 > 9007199254740992, 18446744073709551615 > 9223372036854775807',
    'SELECT id FROM users_auth WHERE hash = 10 LIMIT 100',
    "SELECT id FROM users_auth WHERE id = '10' LIMIT 100",
    "SELECT id FROM users_auth WHERE id = '10abc' LIMIT 100",
    "SELECT id FROM users_auth WHERE id IN ('1', 2, '3.0') LIMIT 100",
    "SELECT id FROM users_auth WHERE hash > '5' LIMIT 100",
    'SELECT id FROM users_auth WHERE hash > 5 LIMIT 100',
    'SELECT id FROM users_data WHERE data = 5 LIMIT 100',
    'SELECT id FROM users_data WHERE data LIMIT 100',
    'SELECT id FROM users_data WHERE NOT data LIMIT 100',
    'SELECT id FROM users_auth WHERE id = 2147483648 LIMIT 100',
    'SELECT id FROM users_auth WHERE id = 9007199254 LIMIT 100',
    'SELECT id FROM users_auth WHERE id > 2147483647 LIMIT 100',
    "SELECT name FROM pipes_settings WHERE name = 'NEWS' LIMIT 100",
    "SELECT name FROM pipes_settings WHERE name <> 'news' LIMIT 100",
    "SELECT name FROM pipes_settings WHERE 'news' = name LIMIT 100",
  ],
  arithmetic: [
    'SELECT 1 + 2 * 3, (1 + 2) * 3, 7 - 10, 2 - -3, 5 DIV 2, -5 DIV 2, 5 % 3, -5 % 3, 5 MOD 3, 5.5 % 2',
    'SELECT 1 / 2, 6 / 3, 1 / 4, 5 / 0, 5 % 0, 5 DIV 0, 0 / 5',
    "SELECT 1 + '2', '3' + '4', '3a' + 1, 'a' + 1, '1.5' + 1, '1e2' + 0, -'5', +'5'",
    'SELECT NULL + 1, 1 - NULL, NULL * 0, -NULL, NULL DIV 1',
    'SELECT 5 & 3, 5 | 3, 5 ^ 3, 1 << 4, 256 >> 2, ~0, ~5, 1 << 63, 1 << 64, 1 << -1, 8 >> -1',
    'SELECT 2147483647 + 1, 9007199254740991 + 2, 9223372036854775807 + 0, 3000000000 * 3000000, -9223372036854775808 + 0',
    'SELECT 1 < 2 < 3, 3 > 2 > 1, 1 = 1 = 1, 1 + 1 = 2, NOT 1 = 2, 1 OR 0 AND 0, (1 OR 0) AND 0, 1 XOR 1',
    'SELECT 2 * 3 % 4, 2 + 3 & 1, 1 | 2 ^ 3, 1 << 1 + 1, - 2 + 3, !0 + 1, NOT 0 + 1',
    'SELECT 1.5 + 1.5, 0.5 * 0.25, 3.0, 3.0 + 0, 1e0 + 1',
    'SELECT id, id + 1, id * 2, id % 7, -id FROM users_auth WHERE id < 1000 LIMIT 100',
  ],
  functions: [
    "SELECT CONCAT('a', 1, 'b'), CONCAT('a', NULL), CONCAT(1, 2), CONCAT_WS(',', 'a', NULL, 'b'), CONCAT_WS(NULL, 'a')",
    "SELECT LEFT('hello', 2), RIGHT('hello', 2), LEFT('hello', 0), LEFT('hello', -1), RIGHT('hello', 9), LEFT(NULL, 1)",
    "SELECT SUBSTRING('hello', 2), SUBSTRING('hello', 2, 3), SUBSTRING('hello', -3), SUBSTRING('hello', -3, 2), SUBSTRING('hello', 0), SUBSTRING('hello', 9), SUBSTRING('hello', 2, -1), SUBSTR('hello' FROM 2 FOR 2), MID('hello', 2, 1)",
    "SELECT SUBSTRING_INDEX('a.b.c', '.', 1), SUBSTRING_INDEX('a.b.c', '.', -1), SUBSTRING_INDEX('a.b.c', '.', 2), SUBSTRING_INDEX('abc', '.', 1), SUBSTRING_INDEX('a.b', '.', 0)",
    "SELECT LENGTH('abc'), LENGTH(''), LENGTH(NULL), LENGTH(123), CHAR_LENGTH('é'), LENGTH('é')",
    "SELECT UPPER('abcé'), LOWER('ABCПР'), UPPER(NULL), TRIM('  a  '), LTRIM('  a '), RTRIM(' a  '), TRIM('x' FROM 'xxaxx'), TRIM(LEADING 'x' FROM 'xxaxx'), TRIM(TRAILING 'xy' FROM 'axyxy')",
    "SELECT REPLACE('abcabc', 'b', 'X'), REPLACE('abc', 'B', 'X'), REPLACE('abc', '', 'X'), REVERSE('abc'), REPEAT('ab', 3), REPEAT('ab', 0), SPACE(3)",
    "SELECT LPAD('5', 3, '0'), RPAD('5', 3, '0'), LPAD('hello', 3, 'x'), LPAD('a', 5, 'xy')",
    "SELECT LOCATE('b', 'abcb'), LOCATE('b', 'abcb', 3), LOCATE('B', 'abc'), LOCATE('', 'abc'), LOCATE('z', 'abc'), INSTR('abc', 'c'), POSITION('b' IN 'abc')",
    "SELECT STRCMP('a', 'b'), STRCMP('b', 'a'), STRCMP('a', 'A'), FIELD('b', 'a', 'b'), FIELD('z', 'a'), FIELD(NULL, 'a'), ELT(2, 'a', 'b'), ELT(3, 'a', 'b'), FIND_IN_SET('b', 'a,b,c'), FIND_IN_SET('z', 'a,b')",
    "SELECT ASCII('A'), ASCII(''), ABS(-5), ABS('-5'), SIGN(-3), SIGN(0), FLOOR(1.7), FLOOR(-1.2), CEIL(1.2), CEILING(-1.7), MOD(10, 3), MOD(-7, 3)",
    'SELECT ROUND(1.5), ROUND(2.5), ROUND(-1.5), ROUND(1.234, 2), ROUND(1234, -2), ROUND(1.2345, 1), TRUNCATE(1.999, 1), TRUNCATE(-1.999, 1), TRUNCATE(1999, -2)',
    "SELECT GREATEST(1, 2, 3), LEAST(1, 2, 3), GREATEST('a', 'B'), LEAST(1, NULL), GREATEST(1.5, 2), POW(2, 10), POWER(2, 0.5), BIT_COUNT(7)",
    "SELECT IF(1, 'a', 'b'), IF(0, 'a', 'b'), IF(NULL, 'a', 'b'), IF('x', 1, 2), IFNULL(NULL, 'x'), IFNULL(1, 2), NULLIF(1, 1), NULLIF(1, 2), COALESCE(NULL, NULL, 3), COALESCE(NULL), ISNULL(NULL), ISNULL(0)",
    "SELECT CASE 1 WHEN 1 THEN 'a' WHEN 2 THEN 'b' END, CASE WHEN 0 THEN 1 END, CASE 'a' WHEN 'A' THEN 1 ELSE 2 END, CASE NULL WHEN NULL THEN 1 ELSE 2 END, CASE WHEN NULL THEN 1 ELSE 0 END",
    "SELECT CAST('12abc' AS SIGNED), CAST('-5' AS SIGNED), CAST(1.6 AS SIGNED), CAST(5 AS CHAR), CAST('abc' AS CHAR(2)), CAST(NULL AS SIGNED), CONVERT('7', SIGNED), CAST('3' AS UNSIGNED)",
    "SELECT HEX(0), HEX('a'), HEX(NULL), HEX(4095), CONV('ff', 16, 10), CONV(10, 10, 2), CONV('z', 36, 10), FORMAT(1234567.891, 2), FORMAT(5, 0), FORMAT(0.5, 3)",
    "SELECT FROM_UNIXTIME(0), FROM_UNIXTIME(86400), UNIX_TIMESTAMP('1970-01-02 00:00:00'), UNIX_TIMESTAMP('2026-01-31 12:00:00'), CONVERT_TZ('2026-01-31 12:00:00', '+00:00', '+02:00'), DATE('2026-01-31 12:00:00'), YEAR('2026-01-31')",
    "SELECT CHAR(65, 66), SPACE(0), REPEAT('x', -1), LENGTH(SPACE(5)), CONCAT(), LENGTH()",
    "SELECT DATABASE(), 'a' || 'b', 1 || 0, 1 && 0, 'a' LIKE 'A' || 'b'",
  ],
  'ORDER BY and LIMIT': [
    'SELECT id FROM users_auth ORDER BY id LIMIT 3',
    'SELECT id FROM users_auth ORDER BY id DESC LIMIT 3',
    'SELECT id FROM users_auth ORDER BY id LIMIT 2, 3',
    'SELECT id FROM users_auth ORDER BY id LIMIT 3 OFFSET 2',
    'SELECT id FROM users_auth ORDER BY id LIMIT 0',
    'SELECT id FROM users_auth ORDER BY id LIMIT 100, 5',
    'SELECT id FROM users_auth ORDER BY id LIMIT 18446744073709551615',
    'SELECT id FROM users_auth ORDER BY id LIMIT -1',
    "SELECT id FROM users_auth ORDER BY id LIMIT '2'",
    'SELECT id FROM users_auth ORDER BY id LIMIT 1.5',
    'SELECT id FROM users_auth ORDER BY id LIMIT 1, 2, 3',
    'SELECT id, hash FROM users_auth ORDER BY hash, id LIMIT 100',
    'SELECT id, hash FROM users_auth ORDER BY hash DESC, id ASC LIMIT 100',
    'SELECT id, hash FROM users_auth ORDER BY 2, 1 DESC LIMIT 100',
    'SELECT id, hash FROM users_auth ORDER BY 3 LIMIT 100',
    'SELECT id AS n, hash FROM users_auth ORDER BY n DESC LIMIT 100',
    'SELECT hash AS id FROM users_auth ORDER BY id LIMIT 100',
    'SELECT hash FROM users_auth ORDER BY id LIMIT 100',
    'SELECT id FROM users_auth ORDER BY LOWER(hash), id LIMIT 100',
    'SELECT id FROM users_auth ORDER BY hash + 0, id LIMIT 100',
    'SELECT id FROM users_auth ORDER BY id % 3, id DESC LIMIT 100',
    'SELECT id, data FROM users_data ORDER BY data LIMIT 100',
    'SELECT id, data FROM users_data ORDER BY data + 0 DESC, id LIMIT 100',
    "SELECT id FROM users_data ORDER BY NULLIF(data, '5'), id LIMIT 100",
    "SELECT id FROM users_data ORDER BY NULLIF(data, '5') DESC, id LIMIT 100",
    "SELECT id FROM users_data ORDER BY data = 'apple' DESC, id LIMIT 4",
    'SELECT name FROM pipes_settings ORDER BY name LIMIT 100',
    'SELECT id FROM users_auth ORDER BY FIELD(id, 3, 1, 2), id LIMIT 100',
    'SELECT id FROM users_auth ORDER BY nonsense LIMIT 100',
    "SELECT name, `index` FROM pipes_messages WHERE name IN ('news', 'News') ORDER BY name DESC, `index` DESC",
    'SELECT SQL_CALC_FOUND_ROWS id FROM users_auth ORDER BY id LIMIT 2',
    'SELECT FOUND_ROWS()',
    'SELECT DISTINCT LENGTH(hash) FROM users_auth ORDER BY 1 LIMIT 100',
    'SELECT DISTINCT LOWER(hash) AS h FROM users_auth ORDER BY h LIMIT 3',
    'SELECT ALL id FROM users_auth ORDER BY id LIMIT 1',
  ],
  aggregates: [
    'SELECT COUNT(*), COUNT(id), COUNT(1), COUNT(NULL), MIN(id), MAX(id), SUM(id), MIN(hash), MAX(hash) FROM users_auth WHERE id < 1000',
    'SELECT COUNT(*), MIN(id), MAX(id), SUM(id), AVG(id) FROM users_auth WHERE id = 12345',
    'SELECT SUM(hash), SUM(data + 0) FROM users_auth JOIN users_data USING (id) WHERE users_auth.id IN (1, 2, 3)',
    'SELECT SUM(data) FROM users_data WHERE id IN (1, 2, 3, 9, 10)',
    'SELECT AVG(length), SUM(length), SUM(length) / COUNT(*) FROM pipes_settings',
    'SELECT COUNT(DISTINCT event), COUNT(DISTINCT LOWER(event)) FROM pipes_messages',
    "SELECT name, COUNT(*) FROM pipes_messages WHERE name IN ('news', 'News') GROUP BY name ORDER BY name",
    "SELECT event, COUNT(*) AS n, MIN(`index`), MAX(message) FROM pipes_messages WHERE name = 'news' GROUP BY event ORDER BY n DESC, event",
    'SELECT name, event, COUNT(*) FROM pipes_messages GROUP BY name, event ORDER BY 1, 2 LIMIT 100',
    'SELECT LENGTH(hash) AS l, COUNT(*) FROM users_auth GROUP BY l ORDER BY l LIMIT 100',
    'SELECT LENGTH(hash), COUNT(*) FROM users_auth GROUP BY 1 ORDER BY 1 LIMIT 100',
    'SELECT LOWER(hash) AS h, COUNT(*) AS n FROM users_auth GROUP BY LOWER(hash) HAVING n > 1 ORDER BY h LIMIT 100',
    'SELECT id % 2 AS odd, COUNT(*) AS n, SUM(id) FROM users_auth WHERE id < 1000 GROUP BY odd ORDER BY odd LIMIT 100',
    'SELECT COUNT(*) AS n FROM users_auth HAVING n > 100',
    'SELECT COUNT(*) AS n FROM users_auth HAVING COUNT(*) > 1',
    "SELECT COUNT(*) + 1, MAX(id) - MIN(id), CONCAT(COUNT(*), ' rows') FROM users_auth WHERE id < 1000",
    "SELECT GROUP_CONCAT(id ORDER BY id), GROUP_CONCAT(DISTINCT hash ORDER BY hash SEPARATOR '|') FROM users_auth WHERE id < 1000",
    'SELECT COUNT(*) FROM users_auth WHERE COUNT(*) > 1',
    'SELECT MIN(data), MAX(data), MIN(data + 0), MAX(data + 0) FROM users_data',
    'SELECT COUNT(*) FROM users_auth LIMIT 0',
    'SELECT COUNT(*) FROM users_auth LIMIT 1',
    'SELECT 1 FROM users_auth GROUP BY 1 LIMIT 10',
    'SELECT COUNT(*)',
    'SELECT MAX(5), SUM(2)',
    'SELECT COUNT(id, hash) FROM users_auth',
    'SELECT SUM(*) FROM users_auth',
  ],
  'several tables': [
    'SELECT a.id, b.data FROM users_auth a JOIN users_data b ON a.id = b.id WHERE a.id IN (1, 2, 3) ORDER BY a.id LIMIT 9',
    'SELECT a.id, b.data FROM users_auth a LEFT JOIN users_data b ON a.id = b.id WHERE a.id IN (1, 20, 100) ORDER BY a.id LIMIT 9',
    'SELECT id, hash, data FROM users_auth JOIN users_data USING (id) WHERE id IN (1, 2) ORDER BY id LIMIT 9',
    'SELECT * FROM users_auth JOIN users_data USING (id) WHERE id = 1 LIMIT 9',
    'SELECT * FROM users_auth a, users_data b WHERE a.id = b.id AND a.id = 1 AND b.id = 1',
    'SELECT a.id FROM users_auth a JOIN users_data b ON a.id = b.id WHERE a.id IN (1, 2)',
    'SELECT a.id, b.data FROM users_auth a JOIN users_data b USING (id) WHERE b.id IN (1, 2, 99)',
    'SELECT a.id, b.data FROM users_auth a, users_data b WHERE a.id = b.id AND b.id = 3',
    'SELECT a.id, b.data FROM users_auth a LEFT JOIN users_data b ON a.id = b.id WHERE a.id IN (1, 100)',
    "SELECT a.id, b.data FROM users_auth a LEFT JOIN users_data b ON a.id = b.id AND b.data = '5' WHERE a.id IN (1, 2, 100)",
    'SELECT a.id, b.id FROM users_auth a LEFT JOIN users_data b ON a.id = b.id WHERE a.id IN (1, 100) AND b.id IS NULL',
    'SELECT a.id, b.id, c.time FROM users_auth a JOIN users_data b ON a.id = b.id JOIN users_time c ON b.id = c.id WHERE a.id = 1',
    'SELECT a.id, b.id FROM users_auth a JOIN users_data b ON a.hash = b.data LIMIT 99',
    'SELECT a.id, b.id FROM users_auth a LEFT JOIN users_data b ON a.hash = b.data ORDER BY a.id, b.id LIMIT 99',
    'SELECT a.id, t.n FROM users_auth a JOIN (SELECT 2 AS n UNION SELECT 3 UNION SELECT NULL) t ON a.id = t.n',
    'SELECT s.name, m.event FROM pipes_settings s JOIN pipes_messages m ON m.name = s.name ORDER BY m.id LIMIT 99',
    "SELECT s.name, m.event FROM pipes_settings s JOIN pipes_messages m USING (name) WHERE s.name = 'news' ORDER BY m.id",
    'SELECT id FROM users_auth a, users_data b WHERE a.id = 1 AND b.id = 1',
    'SELECT t.n FROM (SELECT id AS n FROM users_auth WHERE id IN (1, 2)) AS t ORDER BY t.n DESC',
    'SELECT id FROM users_auth WHERE id IN (SELECT id FROM users_data WHERE id = 1) LIMIT 100',
    'SELECT id FROM users_auth WHERE hash = (SELECT hash FROM users_auth WHERE id = 2) LIMIT 100',
    'SELECT 1 UNION SELECT 2 UNION SELECT 1 ORDER BY 1',
    "SELECT 1 AS n UNION ALL SELECT 'a' UNION ALL SELECT NULL ORDER BY n",
    'SELECT 1, 2 UNION SELECT 3',
    'SELECT id FROM users_auth WHERE id = 1 UNION SELECT id FROM users_data WHERE id = 2 ORDER BY id DESC LIMIT 1',
    'SELECT EXISTS (SELECT 1 FROM users_auth WHERE id = 1), EXISTS (SELECT 1 FROM users_auth WHERE id = 12345)',
    'SELECT (SELECT COUNT(*) FROM users_auth), (SELECT id FROM users_auth WHERE id = 12345)',
    'SELECT (SELECT id FROM users_auth WHERE id IN (1, 2))',
  ],
  errors: [
    'SELECT nonsense FROM users_auth WHERE id = 1',
    'SELECT id FROM nonsense WHERE id = 1',
    'SELECT x.id FROM users_auth WHERE id = 1',
    'SELECT x.* FROM users_auth WHERE id = 1',
    'SELECT id FROM nonsense.users_auth WHERE id = 1',
    'SELECT nonsense()',
    'SELECT nonsense(1)',
    'SELECT nonsense',
    'SELECT *',
    'SELECT',
    'SELECT ,',
    'SELECT 1,',
    'SELECT 1 1',
    'SELECT FROM users_auth WHERE id = 1',
    'SELECT id users_auth WHERE id = 1',
    'SELECT id FROM',
    'SELECT id FROM users_auth WHERE',
    'SELECT id FROM users_auth WHERE id = ',
    'SELECT id FROM users_auth WHERE id = 1 ORDER',
    'SELECT id FROM users_auth WHERE id = 1 ORDER BY',
    'SELECT id FROM users_auth WHERE id = 1 LIMIT',
    'SELECT id FROM users_auth WHERE id IN ()',
    'SELECT id FROM users_auth WHERE id IN (1',
    'SELECT id FROM users_auth WHERE (id = 1',
    'SELECT id FROM users_auth WHERE id = 1)',
    'SELECT id FROM users_auth GROUP BY WHERE id = 1',
    'SELECT id FROM users_auth LIMIT 1 WHERE id = 1',
    "SELECT 'open",
    'SELECT "open',
    'SELECT `open',
    'SELECT /* open',
    'SELECT 1 /* closed */ + 1',
    'SELECT 1 LIKE',
    'SELECT 1 REGEXP',
    "SELECT 'a' REGEXP '('",
    "SELECT 'a' REGEXP '['",
    "SELECT 'a' REGEXP '*'",
    'SELECT 1 BETWEEN 2',
    'SELECT CASE END',
    'SELECT CASE 1 END',
    'SELECT CASE WHEN 1 THEN 2',
    'SELECT 1 IS 2',
    'SELECT NOT',
    'SELECT 1 = = 1',
    'SELECT 1 <> 2, 1 != 2, 1 >< 2',
    "SELECT X'4'",
    "SELECT X'4G'",
    'SELECT 0xG',
    'SELECT UPPER()',
    "SELECT UPPER('a', 'b')",
    "SELECT LEFT('a')",
    'SELECT IF(1, 2)',
    'SELECT IFNULL(1)',
    "SELECT SUBSTRING('a')",
    'SELECT COUNT(COUNT(*)) FROM users_auth',
    'SELECT id AS a FROM users_auth WHERE a = 1 LIMIT 1',
    'INSERT INTO users_auth (id) VALUES (1, 2)',
    'INSERT INTO users_auth (id, id) VALUES (1, 2)',
    'INSERT INTO users_auth (id, nonsense) VALUES (1, 2)',
    'INSERT INTO users_auth VALUES (1)',
    'INSERT INTO nonsense (id) VALUES (1)',
    'INSERT INTO users_auth (id, hash) VALUES',
    'INSERT INTO users_auth (id, hash) VALUES (1, 2',
    'DELETE users_auth WHERE',
    'DELETE FROM nonsense WHERE id = 1',
    'DELETE FROM users_auth WHERE nonsense = 1',
    'UPDATE',
    "UPDATE users_auth SET nonsense = 'x' WHERE id = 1",
    "UPDATE nonsense SET hash = 'x' WHERE id = 1",
    'UPDATE users_auth SET hash WHERE id = 1',
    'NONSENSE',
    '1',
    ')',
    '',
    '-- only a comment',
  ],
}

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

const columns = ['id', 'hash'] as const
const numbers = ['0', '1', '2', '3', '10', '99', '2.5', '-1', '2147483648', 'NULL']
const texts = ["''", "'1'", "'10'", "'9'", "'alpha'", "'BETA'", "'a_b'", "'zzz'", "'1x'"]
const operators = ['=', '<>', '!=', '<', '<=', '>', '>=', '<=>']
const patterns = ["'%'", "'a%'", "'%a'", "'%a%'", "'_'", "'__'", "'%\\_%'", "'%_a'", "'B%'", "'1%'", "''", "'be_a'"]

/** Statements made of templates, the same ones for the same seed. */
export function generated(seed: number, count: number): string[] {
  const random = new Random(seed)
  const value = (): string => random.pick(random.once(2) ? numbers : texts)
  const condition = (depth: number): string => {
    const column = random.pick(columns)
    switch (random.below(depth > 0 ? 9 : 6)) {
      case 0:
        return `${column} ${random.pick(operators)} ${value()}`
      case 1:
        return `${column}${random.pick(['', ' NOT'])} IN (${value()}, ${value()})`
      case 2:
        return `${column}${random.pick(['', ' NOT'])} LIKE ${random.pick(patterns)}`
      case 3:
        return `${column}${random.pick(['', ' NOT'])} BETWEEN ${value()} AND ${value()}`
      case 4:
        return `${column} IS${random.pick(['', ' NOT'])} NULL`
      case 5:
        return `${column} % ${1 + random.below(5)} = ${random.below(3)}`
      case 6:
        return `NOT ${condition(depth - 1)}`
      case 7:
        return `(${condition(depth - 1)} OR ${condition(depth - 1)})`
      default:
        return `${condition(depth - 1)} AND ${condition(depth - 1)}`
    }
  }
  const order = (): string => random.pick(['id', 'id DESC', 'hash, id', 'hash DESC, id', '2, 1', 'hash = 10, id DESC'])
  const limit = (): string => random.pick(['100', '3', '2, 2', '4 OFFSET 1', '0', '1, 100'])
  return Array.from({ length: count }, () => {
    const where = condition(2)
    if (random.once(5)) return `SELECT COUNT(*), MIN(id), MAX(hash), SUM(id) FROM users_auth WHERE ${where}`
    if (random.once(6)) {
      return `SELECT LENGTH(hash) AS l, COUNT(*), MAX(id) FROM users_auth WHERE ${where} GROUP BY l ORDER BY l LIMIT 100`
    }
    return `SELECT id, hash FROM users_auth WHERE ${where} ORDER BY ${order()} LIMIT ${limit()}`
  })
}

/** Two values, or one, and what can be done with them. */
export function expressions(seed: number, count: number): string[] {
  const random = new Random(seed)
  const value = (): string => random.pick(random.once(2) ? numbers : texts)
  const operator = (): string =>
    random.pick([...operators, '+', '-', '*', '%', 'DIV', 'AND', 'OR', 'XOR', 'LIKE', '&', '|', '<<'])
  const functions = [
    'LENGTH',
    'UPPER',
    'ABS',
    'HEX',
    'REVERSE',
    'ISNULL',
    'NOT',
    'TRIM',
    'SIGN',
    'CHAR_LENGTH',
    '-',
    'CEIL',
  ]
  return Array.from({ length: count }, () => {
    const simple = (): string => `${value()} ${operator()} ${value()}`
    switch (random.below(5)) {
      case 0:
        return `SELECT ${random.pick(functions)}(${value()}) AS x`
      case 1:
        return `SELECT ${random.pick(['CONCAT', 'IFNULL', 'COALESCE', 'NULLIF', 'LEFT', 'REPEAT', 'MOD', 'INSTR', 'STRCMP'])}(${value()}, ${value()}) AS x`
      case 2:
        return `SELECT ${simple()} ${operator()} ${value()} AS x`
      case 3:
        return `SELECT ${value()} IN (${value()}, ${value()}) AS a, ${value()} BETWEEN ${value()} AND ${value()} AS b`
      default:
        return `SELECT ${simple()} AS x`
    }
  })
}
