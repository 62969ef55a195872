import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { WebSocket } from 'ws'

/** Drives a browser: by WebDriver BiDi or the Chrome DevTools Protocol, which have the same frame. */
export interface Remote {
  /** Rejects with what the browser says. */
  send<Result>(method: string, params?: object): Promise<Result>
}

/**
 * Starts a browser with a profile of its own, until the end of the test; resolves to the first group of `ready` in what it
 * prints. `argsFor` gets the folder of the profile, which has `files`.
 */
export async function startBrowser(
  t: TestContext,
  executablePath: string,
  argsFor: (profile: string) => readonly string[],
  ready: RegExp,
  files: Readonly<Record<string, string>> = {},
): Promise<string> {
  const profile = await mkdtemp(join(tmpdir(), 'star-comet-profile-'))
  for (const [name, text] of Object.entries(files)) await writeFile(join(profile, name), text)
  // A group of its own: a browser is several processes, and all of them have to go.
  const browser = spawn(executablePath, argsFor(profile), { detached: true, stdio: ['ignore', 'ignore', 'pipe'] })
  const exit = once(browser, 'exit')
  t.after(async () => {
    if (browser.pid !== undefined && browser.exitCode === null) process.kill(-browser.pid, 'SIGKILL')
    await exit
    await rm(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
  })
  let printed = ''
  for await (const chunk of browser.stderr.iterator({ destroyOnReturn: false })) {
    printed += String(chunk)
    const found = ready.exec(printed)?.[1]
    if (found === undefined) continue
    browser.stderr.resume()
    return found
  }
  throw new Error(`${executablePath} has ended: ${printed}`)
}

/** Connects to a browser at a ws: address, until the end of the test. */
export async function connectRemote(t: TestContext, address: string): Promise<Remote> {
  const socket = new WebSocket(address)
  t.after(() => socket.terminate())
  const waiting = new Map<number, { resolve: (result: never) => void; reject: (error: Error) => void }>()
  let lastId = 0
  socket.on('message', (data: Buffer) => {
    const answer = JSON.parse(data.toString()) as Answer
    if (answer.id === undefined) return
    const asked = waiting.get(answer.id)
    waiting.delete(answer.id)
    if ('result' in answer) asked?.resolve(answer.result as never)
    else asked?.reject(new Error(`The browser says: ${data.toString()}`))
  })
  await once(socket, 'open')
  return {
    send: (method, params = {}) =>
      new Promise((resolve, reject) => {
        const id = ++lastId
        waiting.set(id, { resolve, reject })
        socket.send(JSON.stringify({ id, method, params }))
      }),
  }
}

/** An answer; events have no id. */
interface Answer {
  readonly id?: number
  readonly result?: unknown
}
