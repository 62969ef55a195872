import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { run } from '../support/programs.ts'

/** A MariaDB of our own, on a socket in a temporary folder. */
export interface Mariadb {
  readonly socketPath: string
  close(): Promise<void>
}

/** Debian puts servers where only root's PATH leads. */
const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']

/** The path of a program. */
export function findProgram(name: string): string | undefined {
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path))
}

/** Why there can be no MariaDB here; undefined if there can. Where CI=true a missing one is an error. */
export function whyNoMariadb(): string | undefined {
  const missing = ['mariadbd', 'mariadb-install-db'].find((name) => findProgram(name) === undefined)
  if (missing === undefined) return undefined
  const sentence = `The program "${missing}" is missing: install mariadb-server to run this test`
  if (process.env.CI === 'true') throw new Error(sentence)
  return sentence
}

/** Starts a MariaDB with nothing in it, whose user `root` has no password. */
export async function startMariadb(): Promise<Mariadb> {
  const folder = await mkdtemp(join(tmpdir(), 'star-comet-mariadb-'))
  const where = [`--datadir=${join(folder, 'data')}`, '--user=root']
  const socketPath = join(folder, 'socket')
  await run(findProgram('mariadb-install-db') ?? '', [
    '--no-defaults',
    '--auth-root-authentication-method=normal',
    '--skip-test-db',
    ...where,
  ])
  const server = spawn(findProgram('mariadbd') ?? '', [
    '--no-defaults',
    ...where,
    ...settings,
    `--socket=${socketPath}`,
  ])
  const exited = new Promise((resolve) => server.once('exit', resolve))
  await new Promise<void>((resolve, reject) => {
    let printed = ''
    server.stderr.on('data', (chunk: Buffer) => {
      printed += chunk.toString()
      if (printed.includes('ready for connections')) resolve()
    })
    server.once('exit', () => reject(new Error(`mariadbd did not start: ${printed}`)))
  })
  return {
    socketPath,
    async close() {
      // What it holds is thrown away: there is nothing to shut down in an orderly way.
      server.kill('SIGKILL')
      await exited
      await rm(folder, { recursive: true, force: true })
    },
  }
}

// Our texts are compared without the padding of SQL: `'a' = 'a '` is false.
const settings = [
  '--skip-networking',
  '--skip-log-bin',
  '--skip-log-error',
  '--innodb-buffer-pool-size=16M',
  '--innodb-flush-log-at-trx-commit=0',
  '--innodb-doublewrite=0',
  '--character-set-server=utf8mb4',
  '--collation-server=utf8mb4_general_nopad_ci',
  '--default-time-zone=+00:00',
]
