import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import mysql2 from 'mysql2/promise'
import { defaultLimits, type MysqlServer } from '../../lib/mysql-server-protocol-lite/index.ts'

const folder = new URL('../../lib/mysql-server-protocol-lite/', import.meta.url)
const readme = readFileSync(new URL('README.md', folder), 'utf8')

test('the server of the README runs', async (t) => {
  const program = /```js\n([^]*?)```/.exec(readme)![1]!
  const edited = program
    .replace("'star-comet/mysql-server-protocol-lite'", JSON.stringify(new URL('index.ts', folder).href))
    .replace('port: 3307', 'port: 0')
  const place = mkdtempSync(join(tmpdir(), 'readme-'))
  t.after(() => rmSync(place, { recursive: true }))
  const file = join(place, 'server.mjs')
  writeFileSync(file, `${edited}\nexport { server }\n`)
  const { server } = (await import(pathToFileURL(file).href)) as { server: MysqlServer }
  t.after(() => server.close())
  const { port } = server.address()!
  const connection = await mysql2.createConnection({ host: '127.0.0.1', port, user: 'alice', password: 'wonderland' })
  t.after(() => connection.destroy())
  await connection.query('INSERT')
  await connection.execute('INSERT')
  const [rows] = await connection.execute('SELECT')
  assert.deepEqual(rows, [{ user: 'alice', visits: 2 }])
  await assert.rejects(connection.query('DROP'), { errno: 1064, message: 'Not understood: DROP' })
  await connection.end()
})

test('the README names every limit', () => {
  for (const name of Object.keys(defaultLimits)) assert.ok(readme.includes(`| \`${name}\` `), name)
})
