import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A client, as its folder's `client.json` says. Commands are those of bash, run in the folder. */
export interface ClientEntry {
  readonly name: string
  readonly folder: string
  /** As the table shows it, for example "PDO (PHP)". */
  readonly title: string
  /** Debian packages. */
  readonly apt: readonly string[]
  /** npm packages. */
  readonly npm: readonly string[]
  /** Prints the client's version; or the name of the package, of those above, whose version it is. */
  readonly version: string
  /** Builds what `run` runs, into $CQ_BUILD. */
  readonly compile: string | undefined
  /** Prints `ok NAME`, `not ok NAME # why` and, at the end, `done`. */
  readonly run: string
  /** A program of examples/backends that needs what this client needs. */
  readonly example: string | undefined
}

type ClientJson = Partial<Omit<ClientEntry, 'name' | 'folder'>> & Pick<ClientEntry, 'title' | 'version' | 'run'>

const here = import.meta.dirname

/**
 * The clients named, or all, in alphabetical order.
 * @throws Error if there is none of that name
 */
export function clients(names: readonly string[]): ClientEntry[] {
  const known = readdirSync(here).filter((name) => existsSync(join(here, name, 'client.json')))
  const unknown = names.filter((name) => !known.includes(name))
  if (unknown.length > 0) throw new Error(`No such client: ${unknown.join(', ')}. There are: ${known.join(', ')}`)
  return (names.length > 0 ? names : known.sort()).map(read)
}

function read(name: string): ClientEntry {
  const folder = join(here, name)
  const json = JSON.parse(readFileSync(join(folder, 'client.json'), 'utf8')) as ClientJson
  return { apt: [], npm: [], compile: undefined, example: undefined, ...json, name, folder }
}
