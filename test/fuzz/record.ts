// Makes the recordings that the fuzzer starts from: lets real clients talk to a comet server through a proxy, which
// writes what each client sent to test/fuzz/corpus. To be run by hand when a client or the session changes:
//     npx tsx test/fuzz/record.ts
// Needs Debian's mariadb-client, php-cli and php-mysql.
import { execFile } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import mariadb, { type ConnectionConfig } from 'mariadb'
import mysql from 'mysql'
import mysql2 from 'mysql2/promise'
import { createCometServer, memory } from '../../lib/index.ts'

const folder = join(import.meta.dirname, 'corpus')
const password = 'secret'
const database = 'CometQL_v1'

const statements: readonly string[] = [
  "INSERT INTO pipes_settings (name, length) VALUES ('news', 10)",
  "INSERT INTO pipes_messages (name, event, message) VALUES ('news', 'add', 'it\\'s \\\"new\\\" \\\\ 😀')",
  "INSERT INTO users_auth (id, hash) VALUES (2, 'two'), (3, 'three')",
  'SELECT * FROM users_auth WHERE id IN (2, 3) ORDER BY id DESC LIMIT 0, 5',
  "SELECT name, COUNT(*) AS n, MAX(`index`) FROM pipes_messages WHERE name = 'news' GROUP BY name",
  "SELECT * FROM users_in_pipes WHERE name = news AND user_agent LIKE 'M%'",
  'DELETE FROM users_auth WHERE id = 2',
  'SHOW FULL COLUMNS FROM pipes_messages',
  'SELECT @@version, DATABASE(), CONNECTION_ID() AS id',
  'SELECT * FROM no_such_table WHERE id = 1',
  'BEGIN',
  "REPLACE INTO users_data VALUES (2, 'data')",
  'COMMIT',
]
const prepared: readonly (readonly [string, readonly (string | number | null | Date | Buffer)[]])[] = [
  ['INSERT INTO pipes_messages (name, event, message) VALUES (?, ?, ?)', ['news', 'add', 'from a driver']],
  ['INSERT INTO users_messages (id, event, message) VALUES (?, ?, ?)', [7, 'hello', 'Привет']],
  ['SELECT * FROM users_messages WHERE id = ? AND `index` >= ?', [7, 0]],
  ['SELECT ? AS a, ? AS b, ? AS c, ? AS d, ? AS e', [1.5, 9007199254740, null, new Date(0), Buffer.of(1, 2, 255)]],
  ['DELETE FROM users_messages WHERE id = ?', [7]],
]

const php = {
  mysqli: `
$link = new mysqli('127.0.0.1', 'root', $password, 'CometQL_v1', $port);
$link->set_charset('utf8mb4');
foreach ($statements as $sql) try { $link->query($sql); } catch (mysqli_sql_exception $e) {}
$insert = $link->prepare('INSERT INTO pipes_messages (name, event, message) VALUES (?, ?, ?)');
$name = 'news'; $event = 'add'; $text = null;
$insert->bind_param('ssb', $name, $event, $text);
$insert->send_long_data(2, 'one '); $insert->send_long_data(2, 'two');
$insert->execute(); $insert->reset(); $insert->close();
$select = $link->prepare('SELECT * FROM users_auth WHERE id IN (?, ?)');
$select->attr_set(MYSQLI_STMT_ATTR_CURSOR_TYPE, MYSQLI_CURSOR_TYPE_READ_ONLY);
$a = 2; $b = 3.0; $select->bind_param('id', $a, $b); $select->execute(); $select->bind_result($id, $hash);
while ($select->fetch()); $select->close();
$link->multi_query("SELECT 1; INSERT INTO users_auth (id, hash) VALUES (5, 'five'); SELECT 2");
do { if ($result = $link->store_result()) $result->free(); } while ($link->more_results() && $link->next_result());
$link->stat(); $link->select_db('CometQL_v1'); $link->dump_debug_info();
$link->change_user('root', $password, 'CometQL_v1');
$link->begin_transaction(); $link->query("INSERT INTO users_auth (id, hash) VALUES (6, 'six')"); $link->rollback();
$link->close();
`,
  'mysqli-compressed': `
$link = mysqli_init();
$link->real_connect('127.0.0.1', 'root', $password, 'CometQL_v1', $port, null, MYSQLI_CLIENT_COMPRESS);
foreach ($statements as $sql) try { $link->query($sql); } catch (mysqli_sql_exception $e) {}
$link->close();
`,
  'pdo-emulated': `
$db = new PDO("mysql:host=127.0.0.1;port=$port;dbname=CometQL_v1;charset=utf8mb4", 'root', $password);
foreach ($prepared as [$sql, $values]) try { $db->prepare($sql)->execute($values); } catch (PDOException $e) {}
`,
  'pdo-native': `
$db = new PDO("mysql:host=127.0.0.1;port=$port;charset=utf8mb4", 'root', $password, [PDO::ATTR_EMULATE_PREPARES => false]);
$db->exec('USE CometQL_v1');
foreach ($prepared as [$sql, $values]) try { $db->prepare($sql)->execute($values); } catch (PDOException $e) {}
$db->beginTransaction(); $db->exec("INSERT INTO users_auth (id, hash) VALUES (8, 'eight')"); $db->commit();
`,
}

const login = { host: '127.0.0.1', user: 'root', password, database }

/** A client that says something through `port`. What it hears is not looked at. */
type Client = (port: number) => Promise<unknown>

const clients: Readonly<Record<string, Client>> = {
  mysql: async (port) => {
    const connection = mysql.createConnection({ ...login, port, multipleStatements: true })
    const each = (run: (done: () => void) => void): Promise<void> => new Promise((resolve) => run(() => resolve()))
    for (const sql of [...statements, statements.slice(3, 6).join(';')]) {
      await each((done) => connection.query(sql, done))
    }
    for (const [sql, values] of prepared) await each((done) => connection.query(sql, values, done))
    await each((done) => connection.ping(done))
    await each((done) => connection.statistics(done))
    await each((done) => connection.changeUser({ user: 'root', password }, done))
    await each((done) => connection.end(done))
  },
  mysql2: (port) => talkMysql2(port, {}),
  'mysql2-compressed': (port) => talkMysql2(port, { compress: true }),
  'mysql2-cp1251': (port) => talkMysql2(port, { charset: 'CP1251_GENERAL_CI' }),
  mariadb: (port) => talkMariadb(port, {}),
  'mariadb-compressed': (port) => talkMariadb(port, { compress: true }),
  'mariadb-cli': (port) => cli('mariadb', port, ['--skip-ssl', '-D', database, '--force'], statements.join(';\n')),
  'mariadb-cli-auto-rehash': (port) =>
    cli('mariadb', port, ['--skip-ssl', '--auto-rehash', '-D', database], 'status;\nSHOW PROCESSLIST;'),
  'mariadb-cli-compressed': (port) =>
    cli('mariadb', port, ['--skip-ssl', '--compress', '-D', database, '--force'], statements.join(';\n')),
  'mariadb-admin': (port) => cli('mariadb-admin', port, ['--skip-ssl', 'ping', 'status', 'processlist', 'version']),
  'mariadb-dump': (port) => cli('mariadb-dump', port, ['--skip-ssl', '--force', database, 'pipes']),
  ...Object.fromEntries(Object.entries(php).map(([name, script]) => [name, (port: number) => runPhp(script, port)])),
}

async function talkMysql2(port: number, options: mysql2.ConnectionOptions): Promise<void> {
  const connection = await mysql2.createConnection({ ...login, port, multipleStatements: true, ...options })
  for (const sql of statements) await connection.query(sql).catch(ignore)
  for (const [sql, values] of prepared) await connection.execute(sql, [...values]).catch(ignore)
  connection.unprepare(prepared[0]?.[0] ?? '')
  await connection.ping()
  await connection.changeUser({ ...login }).catch(ignore)
  await connection.reset().catch(ignore)
  await connection.end()
}

async function talkMariadb(port: number, options: ConnectionConfig): Promise<void> {
  const connection = await mariadb.createConnection({ ...login, port, multipleStatements: true, ...options })
  for (const sql of statements) await connection.query(sql).catch(ignore)
  for (const [sql, values] of prepared) await connection.execute(sql, [...values]).catch(ignore)
  await connection.batch('INSERT INTO users_auth (id, hash) VALUES (?, ?)', [
    [11, 'eleven'],
    [12, 'twelve'],
  ])
  await connection.ping()
  await connection.reset().catch(ignore)
  await connection.changeUser({ user: 'root', password, database }).catch(ignore)
  await connection.end()
}

function cli(program: string, port: number, args: readonly string[], input = ''): Promise<void> {
  return run(program, ['--no-defaults', '-h127.0.0.1', `-P${port}`, '-uroot', `-p${password}`, ...args], input)
}

function runPhp(script: string, port: number): Promise<void> {
  const given = JSON.stringify({ port, password, statements, prepared })
  return run('php', ['-r', `extract(json_decode($argv[1], true));${script}`, given], '')
}

function run(program: string, args: readonly string[], input: string): Promise<void> {
  return new Promise((resolve) => {
    const child = execFile(program, args, { timeout: 20_000 }, (error, _, stderr) => {
      if (error !== null) process.stderr.write(`${program}: ${stderr}\n`)
      resolve()
    })
    child.stdin?.end(input)
  })
}

function ignore(): undefined {
  return undefined
}

/** Lets one client talk, and writes one recording for each of its connections. */
async function record(name: string, client: Client, port: number): Promise<void> {
  let connections = 0
  const proxy = createServer((near) => {
    const number = ++connections
    const chunks: Buffer[] = []
    const far = connect(port, '127.0.0.1')
    near.on('data', (chunk: Buffer) => chunks.push(chunk))
    near.pipe(far).pipe(near)
    near.on('error', () => far.destroy())
    far.on('error', () => near.destroy())
    near.on('close', () => writeFileSync(join(folder, `${name}-${number}.bin`), Buffer.concat(chunks)))
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => proxy.once('listening', resolve))
  await client((proxy.address() as AddressInfo).port)
  await new Promise((resolve) => proxy.close(resolve))
}

const browsers = memory()
const comet = createCometServer({ password, cometql: { port: 0 }, transports: [browsers] })
await comet.ready
browsers.connect().send('subscription\nnews')
mkdirSync(folder, { recursive: true })
for (const old of readdirSync(folder)) rmSync(join(folder, old))
for (const [name, client] of Object.entries(clients)) await record(name, client, comet.address()?.port ?? 0)
await comet.close()
