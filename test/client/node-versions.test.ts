// CometClient in a user's program, in the versions of Node that are maintained: each ends by itself when it is closed.
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { startSite } from '../browser/site.ts'
import { packageFolder } from '../support/package-folder.ts'
import { run } from '../support/programs.ts'

const program = `
import { CometClient } from 'star-comet/client'
const [url, transport, socket] = process.argv.slice(2)
const options = { url, transports: [transport] }
if (socket === 'ws') options.WebSocket = (await import('ws')).WebSocket
const comet = new CometClient(options)
const got = []
for await (const { data } of comet.messages('news')) {
  got.push(data)
  if (data === 'end') break
}
const { receivers } = await comet.publish('web_chat', 'say', 'hello')
console.log(process.version.split('.')[0], comet.transport, got.join(' '), receivers)
comet.close()
`

/** How to run Node of a major version: the one that runs this, else by npx. Undefined where it cannot be had. */
async function nodeOf(t: TestContext, major: number): Promise<readonly [string, ...string[]] | undefined> {
  if (process.version.startsWith(`v${major}.`)) return [process.execPath]
  const command = ['npx', '-y', `node@${major}`] as const
  try {
    await run(command[0], [...command.slice(1), '--version'])
    return command
  } catch (error) {
    if (process.env.CI === 'true') throw error
    t.skip(`Node ${major} cannot be had: "npx -y node@${major}" needs the npm registry`)
    return undefined
  }
}

for (const [major, transport, socket] of [
  [20, 'websocket', 'ws'],
  [20, 'polling', 'none'],
  [22, 'websocket', 'its own'],
  [22, 'polling', 'none'],
  [24, 'websocket', 'its own'],
  [24, 'polling', 'none'],
] as const) {
  test(`in Node ${major} by ${transport}, with ${socket === 'none' ? 'no' : socket} WebSocket`, async (t) => {
    const node = await nodeOf(t, major)
    if (node === undefined) return
    const folder = await packageFolder(t, ['ws'])
    await writeFile(join(folder, 'program.mjs'), program)
    const site = await startSite(t, {})
    site.comet.on('subscribe', () => {
      for (const text of ['one', 'two', 'end']) void site.comet.publish('news', '', text)
    })
    const [command, ...args] = node
    const printed = await run(command, [...args, 'program.mjs', site.url, transport, socket], folder)
    assert.equal(printed, `v${major} ${transport} one two end 0\n`)
  })
}
