// The command line client of MariaDB, Debian's package mariadb-client.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'node:test'
import { packageFolder } from '../support/package-folder.ts'
import { hasProgram, run } from '../support/programs.ts'
import { largest, password, serve, tooLong, tricky } from './support.ts'

/** Runs the client; resolves to its standard output, rejects with what it said. */
function cli(port: number, args: readonly string[], { as = password, input = '' } = {}): Promise<string> {
  const login = ['--no-defaults', '-h', '127.0.0.1', '-P', String(port), '-u', 'root', `-p${as}`, '--skip-ssl']
  return new Promise((resolve, reject) => {
    const child = execFile(
      'mariadb',
      [...login, ...args],
      { timeout: 60_000, maxBuffer: 16 * 1024 * 1024 },
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout)
        else reject(new Error(stderr))
      },
    )
    child.stdin?.end(input)
  })
}

/** A text as an SQL string. */
function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`
}

test('a wrong password, none, and an unknown database are refused', async (t) => {
  if (!hasProgram(t, 'mariadb')) return
  const { port } = await serve(t)
  await assert.rejects(cli(port, ['CometQL_v1', '-e', 'SELECT 1'], { as: 'wrong' }), /ERROR 1045 \(28000\)/)
  await assert.rejects(cli(port, ['CometQL_v1', '-e', 'SELECT 1'], { as: '' }), /ERROR 1045 \(28000\)/)
  await assert.rejects(cli(port, ['shop', '-e', 'SELECT 1']), /ERROR 1049 \(42000\): .*shop/)
})

test('what -e inserts shows exactly', async (t) => {
  if (!hasProgram(t, 'mariadb')) return
  const { port, news } = await serve(t)
  await cli(port, [
    'CometQL_v1',
    '-e',
    `INSERT INTO pipes_messages (name, event, message) VALUES ('news', '', ${quoted(tricky)})`,
  ])
  assert.deepEqual(await news(1), [tricky])
})

test('errors have number, SQLSTATE and sentence; with --force the rest goes on', async (t) => {
  if (!hasProgram(t, 'mariadb')) return
  const { port, news } = await serve(t)
  await assert.rejects(
    cli(port, ['CometQL_v1', '-e', 'SELECT * FROM no_such_table WHERE id = 1']),
    /ERROR 15 \(42S02\).*no_such_table/,
  )
  const input = `SELEKT;
INSERT INTO pipes_messages (name, event, message) VALUES ('news', '', 'after the error');
`
  await cli(port, ['--force', 'CometQL_v1'], { input })
  assert.deepEqual(await news(1), ['after the error'])
})

test('rows come as inserted, in a table, and are deleted', async (t) => {
  if (!hasProgram(t, 'mariadb')) return
  const { port } = await serve(t)
  await cli(port, ['CometQL_v1', '-e', "INSERT INTO users_auth (id, hash) VALUES (2, 'two'), (3, 'three')"])
  assert.equal(
    await cli(port, ['CometQL_v1', '-N', '-B', '-e', 'SELECT * FROM users_auth WHERE id IN (2, 3)']),
    '2\ttwo\n3\tthree\n',
  )
  assert.match(await cli(port, ['CometQL_v1', '-vv', '-e', 'DELETE FROM users_auth WHERE id = 2']), /1 row affected/)
  assert.equal(
    await cli(port, ['CometQL_v1', '-N', '-B', '-e', 'SELECT * FROM users_auth WHERE id IN (2, 3)']),
    '3\tthree\n',
  )
})

test('an interactive session reads all tables and columns (no -A), tells the status, and goes on after an error', async (t) => {
  if (!hasProgram(t, 'mariadb') || !hasProgram(t, 'script')) return
  const { port } = await serve(t)
  const folder = await packageFolder(t)
  const typed = join(folder, 'typed.sql')
  await writeFile(typed, 'status\nuse CometQL_v1\nshow tables;\nselect * from no_such_table;\nselect 40 + 2;\nquit\n')
  await writeFile(join(folder, 'password.cnf'), `[client]\npassword="${password.replace(/["\\]/g, '\\$&')}"\n`)
  const client = `mariadb --defaults-file=${folder}/password.cnf -h 127.0.0.1 -P ${port} -u root --skip-ssl CometQL_v1`
  const shown = await run('bash', ['-c', `script -qfec ${quoted(client)} /dev/null < ${typed}`])
  for (const expected of [
    /connection id is/,
    /Server version:\s+5\.7\.99-star-comet/,
    /Database changed/,
    /\| users_in_pipes/,
    /ERROR 15/,
    /\| +42 \|/,
  ]) {
    assert.match(shown, expected)
  }
  assert.doesNotMatch(shown, /Didn't find any fields/)
})

test('a message of 1 MiB passes; one byte more is error 11, and nothing is sent', async (t) => {
  if (!hasProgram(t, 'mariadb')) return
  const { port, news } = await serve(t)
  const insert = (text: string): string =>
    `INSERT INTO pipes_messages (name, event, message) VALUES ('news', '', '${text}');\n`
  await assert.rejects(cli(port, ['CometQL_v1'], { input: insert(`${largest}x`) }), (error: Error) => {
    assert.ok(error.message.includes(`ERROR 11 (22001)`) && error.message.includes(tooLong), error.message)
    return true
  })
  await cli(port, ['CometQL_v1'], { input: insert(largest) })
  assert.deepEqual(
    (await news(1)).map((data) => String(data).length),
    [1024 * 1024],
  )
})
