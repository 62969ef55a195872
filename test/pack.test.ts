// What a user gets: the packed tarball, installed in an empty folder, with the quick start by import and by require.
import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { fileURLToPath } from 'node:url'
import { run } from './support/programs.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

const program = `
const http = createServer()
const comet = createCometServer({ password: 'secret', cometql: { port: 0 } })
comet.attach(http)
comet.ready.then(() => http.listen(0, async () => {
  const script = await fetch('http://127.0.0.1:' + http.address().port + '/CometServerApi.js')
  await comet.publish('news', '', 'hello')
  console.log(script.status, typeof comet.address().port)
  await comet.close()
  http.close()
}))
`

test('the packed tarball installs in an empty folder and runs by import and by require', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'star-comet-pack-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  await run('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], root)
  const [tarball = ''] = await readdir(folder)
  await writeFile(join(folder, 'package.json'), '{ "private": true }')
  await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', `./${tarball}`], folder)

  await writeFile(
    join(folder, 'esm.mjs'),
    `import { createServer } from 'node:http'\nimport { createCometServer } from 'star-comet'\n${program}`,
  )
  await writeFile(
    join(folder, 'cjs.cjs'),
    `const { createServer } = require('node:http')\nconst { createCometServer } = require('star-comet')\n${program}`,
  )
  await writeFile(
    join(folder, 'protocol.mjs'),
    `import { createMysqlServer } from 'star-comet/mysql-server-protocol-lite'\nconsole.log(typeof createMysqlServer)`,
  )
  assert.equal(await run(process.execPath, ['esm.mjs'], folder), '200 number\n')
  assert.equal(await run(process.execPath, ['cjs.cjs'], folder), '200 number\n')
  assert.equal(await run(process.execPath, ['protocol.mjs'], folder), 'function\n')
  const installed = await readdir(join(folder, 'node_modules'))
  assert.deepEqual(installed.filter((name) => !name.startsWith('.')).sort(), [
    'debug',
    'jose',
    'ms',
    'star-comet',
    'ws',
  ])
})
