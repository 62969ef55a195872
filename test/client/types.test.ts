// A user's program against the types that are packed: with Node's own types, and with those of browsers.
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import ts from 'typescript'
import { packedFolder } from '../support/package-folder.ts'

const program = (socket: string): string => `
import { CometClient, CometClientError, type CometMessage, type TransportName } from 'star-comet/client'
${socket}
const stop = new AbortController()
const comet = new CometClient({ url: 'https://example.com', getToken: async () => 'token', signal: stop.signal, WebSocket })
const off: () => void = comet.subscribe('news', 'add', (message) => {
  const data: unknown = message.data
  // @ts-expect-error nobody knows what it is
  data.text
})
comet.subscribe<{ id: number }>('news', ({ data }) => data.id.toFixed(), { signal: stop.signal })
comet.on('connected', ({ transport }) => {
  const name: TransportName | undefined = transport
  const same: 'websocket' | 'sse' | 'polling' | undefined = name
})
// @ts-expect-error there is no such transport
new CometClient({ transports: ['ws'] })
comet.on('disconnected', ({ code, reason }) => code.toFixed() + reason.trim())
// @ts-expect-error there is no such event
comet.on('disconnect', () => undefined)
async function run() {
  const { receivers } = await comet.publish('web_chat', 'message', { text: 'hi' })
  receivers.toFixed()
  for await (const message of comet.messages<string>('news', { event: 'add' })) {
    const same: CometMessage<string> = message
    same.data.trim()
  }
}
run().catch((error: unknown) => error instanceof CometClientError && error.code.trim())
off()
`

const server = `
import { createCometServer, CometError, type CometServer } from 'star-comet'
const comet: CometServer = createCometServer({ password: 'secret', cometql: { port: 3307 } })
async function run() {
  const { receivers } = await comet.publish('news', 'add', { id: 1 })
  receivers.toFixed()
  comet.on('subscribe', (...[subscribed]) => void subscribed)
  // @ts-expect-error there is no such event
  comet.on('subscribed', () => undefined)
}
run().catch((error: unknown) => error instanceof CometError && error.code.trim())
`

for (const [place, source, options] of [
  ['Node', program("import { WebSocket } from 'ws'"), { lib: ['lib.es2022.d.ts'], types: ['node', 'ws'] }],
  ['a browser', program(''), { lib: ['lib.es2022.d.ts', 'lib.dom.d.ts'], types: [] }],
  ['a server', server, { lib: ['lib.es2023.d.ts'], types: ['node'] }],
] as const) {
  test(`a program for ${place} compiles, with all types checked`, async (t) => {
    const folder = await packedFolder(t, ['@types/node', '@types/ws', 'undici-types'])
    const file = join(folder, 'program.mts')
    await writeFile(file, source)
    const { diagnostics } = compile(file, { ...options, lib: [...options.lib], types: [...options.types] })
    assert.deepEqual(diagnostics, [])
  })
}

function compile(file: string, options: ts.CompilerOptions): { readonly diagnostics: readonly string[] } {
  const compiled = ts.createProgram([file], {
    strict: true,
    noEmit: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    ...options,
  })
  const diagnostics = ts.getPreEmitDiagnostics(compiled).map(({ file, messageText }) => {
    return `${file?.fileName ?? ''}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`
  })
  return { diagnostics }
}
