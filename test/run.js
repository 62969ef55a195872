// Runs the test files below the paths on the command line, or all of them: `npm test`, `npm test -- test/core`.
// `node --test` given no file reports success, so finding none is an error here.
import { spawn } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

const asked = process.argv.slice(2)
const roots = asked.length > 0 ? asked : ['test']

const files = roots.flatMap((root) =>
  statSync(root).isFile()
    ? [root]
    : readdirSync(root, { recursive: true })
        .map((name) => join(root, String(name)))
        .filter((name) => name.endsWith('.test.ts'))
        .sort(),
)

if (files.length === 0) {
  process.stderr.write(`No test file (*.test.ts) below: ${roots.join(', ')}\n`)
  process.exit(1)
}

const runner = spawn(
  process.execPath,
  ['--import', 'tsx', '--test', '--test-timeout=120000', '--test-reporter=spec', ...files],
  { stdio: 'inherit' },
)
runner.on('exit', (code) => process.exit(code ?? 1))
