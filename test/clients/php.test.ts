// PHP's two MySQL extensions, Debian's packages php-cli and php-mysql.
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { packageFolder } from '../support/package-folder.ts'
import { hasProgram, run } from '../support/programs.ts'
import { password, serve, tooLong, tricky } from './support.ts'

/** What each script prints as JSON. */
interface Printed {
  readonly wrongPassword: number
  readonly noPassword: number
  readonly affected: number
  readonly rows: readonly unknown[]
  readonly deleted: number
  readonly error: readonly [code: number, sqlState: string, text: string]
  readonly tooLong: readonly [code: number, text: string]
  readonly afterErrors: string
}

const mysqli = `
mysqli_report(MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT);
$connect = fn($password) => new mysqli('127.0.0.1', 'root', $password, 'CometQL_v1', $port);
$codeOf = function ($run) { try { $run(); return 0; } catch (mysqli_sql_exception $e) { return $e->getCode(); } };
$out['wrongPassword'] = $codeOf(fn() => $connect('wrong'));
$out['noPassword'] = $codeOf(fn() => $connect(''));
$link = $connect($password);
$link->set_charset('utf8mb4');
$text = $link->real_escape_string($tricky);
$link->query("INSERT INTO pipes_messages (name, event, message) VALUES ('news', '', '$text')");
$out['affected'] = $link->affected_rows;
$link->query("INSERT INTO users_auth (id, hash) VALUES (2, 'two'), (3, 'three')");
$out['rows'] = $link->query('SELECT * FROM users_auth WHERE id IN (2, 3)')->fetch_all(MYSQLI_ASSOC);
$link->query('DELETE FROM users_auth WHERE id = 2');
$out['deleted'] = $link->affected_rows;
try { $link->query('SELECT * FROM no_such_table WHERE id = 1'); } catch (mysqli_sql_exception $e) { $out['error'] = [$e->getCode(), $e->getSqlState(), $e->getMessage()]; }
$long = str_repeat('x', 1024 * 1024);
try { $link->query("INSERT INTO pipes_messages (name, event, message) VALUES ('news', '', '{$long}x')"); } catch (mysqli_sql_exception $e) { $out['tooLong'] = [$e->getCode(), $e->getMessage()]; }
$link->query("INSERT INTO pipes_messages (name, event, message) VALUES ('news', '', '$long')");
$out['afterErrors'] = $link->query('SELECT hash FROM users_auth WHERE id = 3')->fetch_row()[0];
`

const pdo = `
$connect = fn($password) => new PDO("mysql:host=127.0.0.1;port=$port;dbname=CometQL_v1;charset=utf8mb4", 'root', $password);
$codeOf = function ($run) { try { $run(); return 0; } catch (PDOException $e) { return $e->getCode(); } };
$out['wrongPassword'] = $codeOf(fn() => $connect('wrong'));
$out['noPassword'] = $codeOf(fn() => $connect(''));
$db = $connect($password);
$insert = $db->prepare('INSERT INTO pipes_messages (name, event, message) VALUES (?, ?, ?)');
$insert->execute(['news', '', $tricky]);
$out['affected'] = $insert->rowCount();
$db->exec("INSERT INTO users_auth (id, hash) VALUES (2, 'two'), (3, 'three')");
$select = $db->prepare('SELECT * FROM users_auth WHERE id IN (:a, :b)');
$select->execute(['a' => 2, 'b' => 3]);
$out['rows'] = $select->fetchAll(PDO::FETCH_ASSOC);
$out['deleted'] = $db->exec('DELETE FROM users_auth WHERE id = 2');
try { $db->query('SELECT * FROM no_such_table WHERE id = 1'); } catch (PDOException $e) { $out['error'] = [$e->errorInfo[1], $e->errorInfo[0], $e->getMessage()]; }
$long = str_repeat('x', 1024 * 1024);
try { $insert->execute(['news', '', $long . 'x']); } catch (PDOException $e) { $out['tooLong'] = [$e->errorInfo[1], $e->getMessage()]; }
$insert->execute(['news', '', $long]);
$out['afterErrors'] = $db->query('SELECT hash FROM users_auth WHERE id = 3')->fetchColumn();
`

async function php(t: TestContext, port: number, script: string): Promise<Printed> {
  const folder = await packageFolder(t)
  const given = JSON.stringify({ port, password, tricky })
  await writeFile(join(folder, 'given.json'), given)
  await writeFile(
    join(folder, 'script.php'),
    `<?php extract(json_decode(file_get_contents(__DIR__ . '/given.json'), true)); $out = [];\n${script}\necho json_encode($out, JSON_UNESCAPED_UNICODE);`,
  )
  return JSON.parse(await run('php', ['-d', 'memory_limit=512M', join(folder, 'script.php')])) as Printed
}

for (const [name, script] of Object.entries({ mysqli, PDO: pdo })) {
  test(`${name} logs in, inserts, reads, deletes, and goes on after errors`, async (t) => {
    if (!hasProgram(t, 'php')) return
    const { port, news } = await serve(t)
    const printed = await php(t, port, script)
    assert.deepEqual([printed.wrongPassword, printed.noPassword], [1045, 1045])
    assert.equal(printed.affected, 1)
    assert.deepEqual(
      printed.rows.map((row) => Object.values(row as object).map(String)),
      [
        ['2', 'two'],
        ['3', 'three'],
      ],
    )
    assert.equal(printed.deleted, 1)
    assert.deepEqual(printed.error.slice(0, 2), [15, '42S02'])
    assert.match(printed.error[2], /no_such_table/)
    assert.equal(printed.tooLong[0], 11)
    assert.ok(printed.tooLong[1].includes(tooLong), printed.tooLong[1])
    assert.equal(printed.afterErrors, 'three')
    const [first, second, ...others] = await news(2)
    assert.deepEqual([first, String(second).length, others], [tricky, 1024 * 1024, []])
  })
}
