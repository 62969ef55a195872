import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { MemoryTransport } from 'star-comet'
import type { ClientEntry } from './catalog.ts'
import { bash } from './shell.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const timeoutMs = 3 * 60_000

/**
 * Runs the client's program of examples/backends by the command in its first comment, with a page that is subscribed to
 * `chat`. Resolves to what is wrong: the page must get the message, and the program print that somebody is there.
 */
export async function checkExample(
  { example }: ClientEntry,
  browsers: MemoryTransport,
  env: NodeJS.ProcessEnv,
): Promise<string[]> {
  if (example === undefined) return []
  const page = browsers.connect()
  page.send('subscription\nchat')
  await page.next((message) => message.event === 'serverInfo')
  const { code, output } = await bash(commandOf(example), { cwd: root, env, timeoutMs })
  const published = page.received.filter((message) => message.event === 'message')
  page.close()
  if (code === 0 && published.length === 1 && output.includes('1 online')) return []
  return [`${example} # code ${code ?? 'none'}, ${published.length} messages, printed: ${output.trim().slice(-300)}`]
}

/** The command after "Run:" in the first lines. */
function commandOf(example: string): string {
  const [, command] = /Run: (.*?)(?: \*\/| \*\)| -->)?$/m.exec(readFileSync(join(root, example), 'utf8')) ?? []
  if (command === undefined) throw new Error(`${example} does not say how it is run ("Run: …")`)
  return command
}
