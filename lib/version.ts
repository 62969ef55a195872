import { readFileSync } from 'node:fs'

/** Beside lib, and beside dist, which lib is built to. */
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }

/** What browsers read in `serverInfo`. */
export const serverName = `star-comet/${version}`

/** What back-ends read in the greeting; MySQL clients choose what they send by how it begins. */
export const mysqlVersion = `5.7.99-star-comet-${version}`
