// Runs real MySQL clients in many languages against a comet server: npm run test:clients [-- name…]
// Installs what Debian and npm offer. Without names it runs all clients and, if none failed, writes their table.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { createCometServer, memory } from 'star-comet'
import { Command } from '../../lib/mysql-server-protocol-lite/constants.ts'
import { clients, type ClientEntry } from './catalog.ts'
import { checkExample } from './example.ts'
import { Installer } from './install.ts'
import { Recorder, type Recording } from './recorder.ts'
import { runClient, type Checks } from './run-client.ts'
import { writeTable, type TableRow } from './table.ts'
import { environment, openWorkshop, workshop } from './workshop.ts'

const password = 'clients=password'
const tableFile = fileURLToPath(new URL('../../README.md', import.meta.url))
const tls = (name: string): string => fileURLToPath(new URL(`../support/tls/${name}`, import.meta.url))

const names = process.argv.slice(2)
const entries = chosen(names)
const mistakes: string[] = []
const browsers = memory()
const comet = createCometServer({
  password,
  transports: [browsers],
  cometql: { port: 0, tls: { key: readFileSync(tls('key.pem')), cert: readFileSync(tls('cert.pem')) } },
  logger: { warn: () => undefined, error: (message) => mistakes.push(message) },
})
await comet.ready
const recorder = new Recorder(comet.address()?.port ?? 0)
const env = environment({ port: await recorder.listen(), password, certificate: tls('cert.pem') })
const installer = new Installer(workshop.npm)
openWorkshop()

const rows: TableRow[] = []
const counts = { passed: 0, failed: 0, missing: 0 }
for (const client of entries) await test(client)
await recorder.close()
await comet.close()
if (names.length === 0 && counts.failed === 0) writeTable(tableFile, rows)
if (counts.missing > 0) console.log(`${counts.missing} clients could not be installed`)
console.log(`${counts.passed} passed, ${counts.failed} failed`)
process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0

/** The clients named on the command line; a name that there is not ends the run. */
function chosen(given: readonly string[]): ClientEntry[] {
  try {
    return clients(given)
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`)
    process.exit(1)
  }
}

/** Installs and runs one client, and prints a line about it. */
async function test(client: ClientEntry): Promise<void> {
  const problem = await installer.install(client)
  if (problem !== undefined) {
    counts.missing += 1
    console.log(`none  ${client.name}: ${problem}`)
    return
  }
  const start = performance.now()
  const version = await installer.version(client, env)
  const ownEnv = { ...env, CQ_TAG: client.name.replaceAll('-', '_') }
  recorder.take()
  const checks = withServer(await runClient(client, ownEnv))
  const recording = recorder.take()
  const failed = [...checks.failed, ...(await checkExample(client, browsers, env))]
  counts[failed.length > 0 ? 'failed' : 'passed'] += 1
  if (failed.length === 0) rows.push(rowOf(client, version, recording))
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  const head = failed.length > 0 ? 'FAIL' : 'ok  '
  console.log(`${head}  ${client.name} ${version}: ${checks.passed} checks in ${seconds} s`)
  for (const line of failed) console.log(`      ${line.slice(0, 400)}`)
  for (const line of checks.skipped) console.log(`      skipped: ${line}`)
}

/** What the server logged as its own mistake while a client ran fails that client. */
function withServer(checks: Checks): Checks {
  return { ...checks, failed: [...checks.failed, ...mistakes.splice(0).map((mistake) => `server # ${mistake}`)] }
}

function rowOf({ title }: ClientEntry, version: string, recording: Recording): TableRow {
  return {
    client: title,
    version,
    loginPlugin: [...recording.plugins].join(', '),
    preparedStatements: recording.commands.has(Command.STMT_EXECUTE) ? 'yes' : '',
    tls: recording.encrypted > 0 ? 'yes' : '',
  }
}
