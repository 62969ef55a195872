import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ClientEntry } from './catalog.ts'
import { bash, quoted } from './shell.ts'

const timeoutMs = 15 * 60_000

/** Installs clients from Debian and npm: what is there already stays as it is. */
export class Installer {
  /** Where npm packages go. */
  readonly npmFolder: string
  #updated = false

  constructor(npmFolder: string) {
    this.npmFolder = npmFolder
  }

  /** Installs what the client needs; resolves to a sentence if that can't be done. */
  async install(client: ClientEntry): Promise<string | undefined> {
    return (await this.#installDebs(client.apt)) ?? (await this.#installModules(client.npm))
  }

  /** The version that the client or its package gives; "?" if none. */
  async version({ version, npm, apt, folder }: ClientEntry, env: NodeJS.ProcessEnv): Promise<string> {
    if (npm.includes(version)) return this.#moduleVersion(version) ?? '?'
    const command = apt.includes(version) ? `dpkg-query -W -f '\${Version}' ${quoted(version)}` : version
    const { output } = await bash(command, { cwd: folder, env, timeoutMs })
    return apt.includes(version) ? upstream(output) : (/\d+(\.\d+)+[\w.+-]*/.exec(output)?.[0] ?? '?')
  }

  async #installDebs(names: readonly string[]): Promise<string | undefined> {
    const missing = []
    for (const name of names) if (!(await isInstalled(name))) missing.push(name)
    if (missing.length === 0) return undefined
    if (process.getuid?.() !== 0) return `not root, and Debian's ${missing.join(', ')} is not installed`
    if (!this.#updated) await bash('apt-get update', { timeoutMs })
    this.#updated = true
    const install = 'DEBIAN_FRONTEND=noninteractive nice apt-get install -y --no-install-recommends'
    const { code, output } = await bash(`${install} -o DPkg::Lock::Timeout=600 ${missing.join(' ')}`, { timeoutMs })
    return code === 0 ? undefined : `apt-get install ${missing.join(' ')}: ${lastError(output)}`
  }

  async #installModules(names: readonly string[]): Promise<string | undefined> {
    const missing = names.filter((name) => this.#moduleVersion(name) === undefined)
    if (missing.length === 0) return undefined
    const install = 'nice npm install --no-audit --no-fund --no-package-lock --loglevel=error'
    const command = `${install} --prefix ${quoted(this.npmFolder)} ${missing.map(quoted).join(' ')}`
    const { code, output } = await bash(command, { timeoutMs })
    return code === 0 ? undefined : `npm install ${missing.join(' ')}: ${lastError(output)}`
  }

  #moduleVersion(name: string): string | undefined {
    const file = join(this.npmFolder, 'node_modules', name, 'package.json')
    return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version : undefined
  }
}

async function isInstalled(name: string): Promise<boolean> {
  const { output } = await bash(`dpkg-query -W -f '\${db:Status-Status}' ${quoted(name)}`, { timeoutMs })
  return output === 'installed'
}

/** Debian's version without its epoch, its own revision, and its mark for sources that it changed. */
function upstream(version: string): string {
  return version
    .replace(/^\d+:/, '')
    .replace(/-[^-]*$/, '')
    .replace(/[+~](dfsg|ds|git).*$/, '')
}

function lastError(output: string): string {
  const lines = output.trim().split('\n')
  return lines.findLast((line) => line.startsWith('E:') || line.includes('ERR!')) ?? lines.at(-1) ?? ''
}
