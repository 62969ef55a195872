// What a user gets: the packed tarball, installed in an empty folder, with the README's quick start by import and by
// require.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { access, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { fileURLToPath } from 'node:url'
import { freePort, run } from './support/programs.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

const readme = readFileSync(join(root, 'README.md'), 'utf8')
const quickStart = /^```js server\.js\n([^]*?)^```$/m.exec(readme)?.[1] ?? ''

/** The quick start on free ports, which uses itself once and ends. */
async function program(): Promise<string> {
  const [port, cometqlPort] = [await freePort(), await freePort()]
  return `${quickStart.replace('8080', String(port)).replace('3307', String(cometqlPort))}
http.on('listening', async () => {
  const page = await (await fetch('http://127.0.0.1:${port}/')).text()
  const [path] = /[^"]+[.]js/.exec(page)
  const script = await fetch('http://127.0.0.1:${port}' + path)
  await comet.publish('news', '', 'hello')
  console.log(path, script.status, comet.address().port === ${cometqlPort})
  await comet.close()
  http.close()
})
`
}

/** The same as a CommonJS module. */
function required(source: string): string {
  const body = source.replace(/^import (\{.*\}) from (.*)$/gm, 'const $1 = require($2)')
  assert.ok(!/^import /m.test(body), 'an import of the quick start is none of { names }')
  return `(async () => {\n${body}\n})()`
}

test('the packed tarball installs in an empty folder and runs by import and by require', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'star-comet-pack-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  await run('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], root)
  const [tarball = ''] = await readdir(folder)
  await writeFile(join(folder, 'package.json'), '{ "private": true }')
  await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', `./${tarball}`], folder)

  const source = await program()
  await writeFile(join(folder, 'esm.mjs'), source)
  await writeFile(join(folder, 'cjs.cjs'), required(source))
  await writeFile(
    join(folder, 'protocol.mjs'),
    `import { createMysqlServer } from 'star-comet/mysql-server-protocol-lite'\nconsole.log(typeof createMysqlServer)`,
  )
  await writeFile(
    join(folder, 'client.mjs'),
    `import { CometClient } from 'star-comet/client'\nconsole.log(typeof CometClient)`,
  )
  assert.equal(await run(process.execPath, ['client.mjs'], folder), 'function\n')
  assert.equal(await run(process.execPath, ['esm.mjs'], folder), '/CometServerApi.js 200 true\n')
  assert.equal(await run(process.execPath, ['cjs.cjs'], folder), '/CometServerApi.js 200 true\n')
  assert.equal(await run(process.execPath, ['protocol.mjs'], folder), 'function\n')
  await writeFile(
    join(folder, 'storages.mjs'),
    `import { sqliteStorage } from 'star-comet/storage/sqlite'
import { mysqlStorage } from 'star-comet/storage/mysql'
console.log(typeof sqliteStorage, typeof mysqlStorage)
if (process.getBuiltinModule('node:sqlite') === undefined) {
  await sqliteStorage({ database: 'x.db' }).open().catch(({ message }) => console.log(message))
}`,
  )
  const report = await run(process.execPath, ['storages.mjs'], folder)
  assert.match(
    report,
    /^function function\n(The storage cannot be used: there is no driver for SQLite; use Node 22.13 .*\n)?$/,
  )
  for (const [, link = ''] of readme.matchAll(/\]\((lib\/[^)#]+)/g)) {
    await access(join(folder, 'node_modules', 'star-comet', link))
  }
  const installed = await readdir(join(folder, 'node_modules'))
  assert.deepEqual(installed.filter((name) => !name.startsWith('.')).sort(), [
    'debug',
    'jose',
    'ms',
    'star-comet',
    'ws',
  ])
})
