import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createConnection } from 'mysql2/promise'
import { programPath, run, whyNot } from './programs.ts'

/** Why there can be no MariaDB here; undefined if there can. Where CI=true a missing one is an error. */
export function whyNoMariadb(): string | undefined {
  const missing = ['mariadbd', 'mariadb-install-db'].find((name) => programPath(name) === undefined)
  return missing === undefined ? undefined : whyNot(missing, 'mariadb-server')
}

// What is committed survives the end of the server, though not that of the machine: tests end faster.
const noWaiting = [
  '--innodb-flush-log-at-trx-commit=2',
  '--innodb-flush-method=nosync',
  '--innodb-doublewrite=0',
  '--innodb-file-per-table=0',
  '--sync-frm=0',
]

/** Options for `createPool()`. */
export interface PoolOptions {
  readonly socketPath: string
  readonly user: string
  readonly database: string
}

export interface MariadbOptions {
  /** What is committed survives the end of the machine, too. */
  readonly isSafe?: boolean
  /** More options of mariadbd. */
  readonly settings?: readonly string[]
}

/** A MariaDB on a socket in a temporary folder, that a test can kill, pause and start again. */
export class MariadbServer {
  readonly socketPath: string
  readonly #folder: string
  readonly #settings: readonly string[]
  #server: ChildProcess | undefined
  #databases = 0

  private constructor(folder: string, settings: readonly string[]) {
    this.#folder = folder
    this.#settings = settings
    this.socketPath = join(folder, 'socket')
  }

  /** Starts one with nothing in it, whose user `root` has no password. */
  static async start({ isSafe = false, settings = [] }: MariadbOptions = {}): Promise<MariadbServer> {
    const folder = await mkdtemp(join(tmpdir(), 'star-comet-mariadb-'))
    const server = new MariadbServer(folder, [...(isSafe ? [] : noWaiting), ...settings])
    await run(programPath('mariadb-install-db') ?? '', [
      '--no-defaults',
      '--auth-root-authentication-method=normal',
      '--skip-test-db',
      ...server.#where,
    ])
    await server.start()
    return server
  }

  get #where(): string[] {
    return [`--datadir=${join(this.#folder, 'data')}`, '--user=root']
  }

  /** Starts it again, with what it stored. */
  async start(): Promise<void> {
    const settings = [
      '--skip-networking',
      '--skip-log-error',
      '--innodb-buffer-pool-size=32M',
      '--max-connections=400',
      ...this.#settings,
    ]
    const server = spawn(programPath('mariadbd') ?? '', [
      '--no-defaults',
      ...this.#where,
      ...settings,
      `--socket=${this.socketPath}`,
    ])
    this.#server = server
    await new Promise<void>((resolve, reject) => {
      let printed = ''
      server.stderr.on('data', (chunk: Buffer) => {
        printed += chunk.toString()
        if (printed.includes('ready for connections')) resolve()
      })
      server.once('exit', () => reject(new Error(`mariadbd did not start: ${printed}`)))
    })
  }

  /** As a crash would. */
  async kill(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (server === undefined) return
    const exited = once(server, 'exit')
    server.kill('SIGKILL')
    await exited
  }

  /** It stops answering, and its connections stay. */
  pause(): void {
    this.#server?.kill('SIGSTOP')
  }

  resume(): void {
    this.#server?.kill('SIGCONT')
  }

  /** What a pool needs for a new, empty database. */
  async newDatabase(): Promise<PoolOptions> {
    const database = `comet_db_${++this.#databases}`
    await this.run(`CREATE DATABASE ${database} CHARACTER SET utf8`)
    return { socketPath: this.socketPath, user: 'root', database }
  }

  /** Runs statements as root. */
  async run(...statements: readonly string[]): Promise<void> {
    const connection = await createConnection({ socketPath: this.socketPath, user: 'root' })
    for (const sql of statements) await connection.query(sql)
    await connection.end()
  }

  async close(): Promise<void> {
    await this.kill()
    await rm(this.#folder, { recursive: true, force: true })
  }
}
