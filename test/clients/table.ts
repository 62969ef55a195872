import { readFileSync, writeFileSync } from 'node:fs'

/** A line of the table of clients. */
export interface TableRow {
  readonly client: string
  readonly version: string
  readonly loginPlugin: string
  readonly preparedStatements: string
  readonly tls: string
}

const begin = '<!-- clients:begin -->'
const end = '<!-- clients:end -->'
const between = new RegExp(`(?<=${begin}\n)[^]*?(?=${end})`)

/**
 * Puts the table between the two markers of a Markdown file.
 * @throws Error if the file has no markers
 */
export function writeTable(file: string, rows: readonly TableRow[]): void {
  const text = readFileSync(file, 'utf8')
  if (!between.test(text)) throw new Error(`${file} has no lines "${begin}" and "${end}"`)
  writeFileSync(
    file,
    text.replace(between, () => `\n${tableOf(rows)}\n`),
  )
}

/** In columns of equal width, as Prettier wants them. */
function tableOf(rows: readonly TableRow[]): string {
  const head = ['client', 'version', 'login plugin', 'prepared statements', 'TLS']
  const cells = rows.map((row) => [row.client, row.version, row.loginPlugin, row.preparedStatements, row.tls])
  const widths = head.map((name, column) => Math.max(...[name, ...cells.map((row) => row[column] ?? '')].map(length)))
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |\n`
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...cells.map(line)].join('')
}

function length(text: string): number {
  return text.length
}
