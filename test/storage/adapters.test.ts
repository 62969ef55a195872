// The code of ADAPTERS.md is run, in a folder in which the package is installed.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'node:test'
import { packageFolder } from '../support/package-folder.ts'
import { run } from '../support/programs.ts'

const page = readFileSync(new URL('../../lib/storage/ADAPTERS.md', import.meta.url), 'utf8')
const blocks = [...page.matchAll(/^```js (.*)\n([^]*?)^```$/gm)]

test('the adapter of the page passes the suite', async (t) => {
  assert.equal(blocks.length, 1)
  const [, name = '', code = ''] = blocks[0] ?? []
  const folder = await packageFolder(t)
  await writeFile(join(folder, name), code)
  // Within a test Node would not run others.
  const node = ['-u', 'NODE_TEST_CONTEXT', process.execPath]
  const report = await run('env', [...node, '--test', '--test-reporter=tap', name], folder)
  assert.match(report, /^# fail 0$/m)
  assert.ok(Number(/^# pass (\d+)$/m.exec(report)?.[1]) > 30, report)
})

test('every storage has its line in the table of what survives', () => {
  for (const name of ['memoryStorage', 'sqliteStorage', 'mysqlStorage', 'redisStorage'])
    assert.match(page, new RegExp(`^\\| \`${name}\\(\\)\``, 'm'))
})
