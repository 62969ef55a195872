import { mkdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { big, controls, tricky } from './texts.ts'

/** A folder outside of the repository, kept for the next run: npm packages, compiled programs, texts. */
export const workshop = {
  npm: join(tmpdir(), 'star-comet-clients', 'npm'),
  build: join(tmpdir(), 'star-comet-clients', 'build'),
  home: join(tmpdir(), 'star-comet-clients', 'home'),
}

const texts = { 'tricky.txt': tricky, 'controls.txt': controls, 'big.txt': big }

/** Makes the folders and the texts. */
export function openWorkshop(): void {
  for (const folder of Object.values(workshop)) mkdirSync(folder, { recursive: true })
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(workshop.build, name), text)
}

/** Where a client finds the server and how it logs in. */
export interface Login {
  readonly port: number
  readonly password: string
  /** The certificate of the server, which signed itself. */
  readonly certificate: string
}

/** What every client of `test/clients` is told. Besides, CQ_TAG is the beginning of the names of its pipes. */
export function environment({ port, password, certificate }: Login): NodeJS.ProcessEnv {
  const library = join(import.meta.dirname, 'lib')
  return {
    PATH: `/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:${process.env.PATH ?? ''}`,
    HOME: workshop.home,
    LC_ALL: 'C.UTF-8',
    MYSQL_HISTFILE: '/dev/null',
    NODE_PATH: join(workshop.npm, 'node_modules'),
    PYTHONPATH: library,
    PYTHONDONTWRITEBYTECODE: '1',
    PERL5LIB: library,
    LUA_PATH: `${library}/?.lua;;`,
    CQ_LIB: library,
    CQ_BUILD: workshop.build,
    CQ_TRICKY: join(workshop.build, 'tricky.txt'),
    CQ_CTRL: join(workshop.build, 'controls.txt'),
    CQ_BIG: join(workshop.build, 'big.txt'),
    CQ_HOST: '127.0.0.1',
    CQ_PORT: String(port),
    CQ_USER: 'root',
    CQ_PASS: password,
    CQ_DB: 'CometQL_v1',
    CQ_TLS_CA: certificate,
    CQ_ID: '500000',
    CQ_N: '1000',
    EXPECT_NOTABLE: '15',
    EXPECT_SYNTAX: '3',
    EXPECT_AUTH: '1045',
    COMETQL_HOST: '127.0.0.1',
    COMETQL_PORT: String(port),
    COMET_PASSWORD: password,
  }
}
