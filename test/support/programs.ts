import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { delimiter, join } from 'node:path'
import type { TestContext } from 'node:test'

/** Debian puts servers where only root's PATH leads. */
const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']

/** Where a program is; undefined if it is not installed. */
export function programPath(name: string): string | undefined {
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path))
}

/** Why a test cannot run that needs `name`, and what to install; where CI=true it is an error. */
export function whyNot(name: string, toInstall = name): string {
  const sentence = `The program "${name}" is missing: install ${toInstall} to run this test`
  if (process.env.CI === 'true') throw new Error(sentence)
  return sentence
}

/** Whether the program is installed; without it the test is skipped with one line, but where CI=true it fails. */
export function hasProgram(t: TestContext, name: string): boolean {
  if (programPath(name) !== undefined) return true
  t.skip(whyNot(name))
  return false
}

/** Runs a program to its end; resolves to what it printed, rejects with that if it failed. */
export function run(command: string, args: readonly string[], cwd?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(command, args, { cwd, timeout: 60_000, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout)
      else reject(new Error(`${command} failed: ${stderr}${stdout}${error.message}`))
    })
  })
}

/** Starts a program that goes on, and resolves when it has printed `line`; the test ends it. */
export async function start(
  t: TestContext,
  command: string,
  args: readonly string[],
  line: string,
  cwd?: string,
): Promise<ChildProcess> {
  const child = spawn(command, args, { cwd, stdio: ['pipe', 'pipe', 'pipe'] })
  t.after(() => {
    child.kill('SIGKILL')
  })
  let printed = ''
  await new Promise<void>((resolve, reject) => {
    const look = (chunk: Buffer): void => {
      printed += chunk.toString()
      if (printed.includes(line)) resolve()
    }
    child.stdout.on('data', look)
    child.stderr.on('data', look)
    child.on('exit', (code) => reject(new Error(`${command} ${args.join(' ')} ended with code ${code}: ${printed}`)))
  })
  return child
}

/**
 * A TCP port of this machine that nobody listens on: below those that the system gives out by itself, so that nobody else
 * gets it before it is used.
 */
export async function freePort(): Promise<number> {
  const port = 10_000 + Math.floor(Math.random() * 20_000)
  const server = createServer()
  const isFree = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => resolve(true))
  })
  if (!isFree) return await freePort()
  await new Promise((resolve) => server.close(resolve))
  return port
}
