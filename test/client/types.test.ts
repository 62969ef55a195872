// A user's program against the built types: with Node's own types, and with those of browsers.
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const root = fileURLToPath(new URL('../..', import.meta.url))

const program = (socket: string): string => `
import { CometClient, CometClientError, type CometMessage } from '${root}dist/client/index.js'
${socket}
const stop = new AbortController()
const comet = new CometClient({ url: 'https://example.com', getToken: async () => 'token', signal: stop.signal, WebSocket })
const off: () => void = comet.subscribe('news', 'add', (message) => {
  const data: unknown = message.data
  // @ts-expect-error nobody knows what it is
  data.text
})
comet.subscribe<{ id: number }>('news', ({ data }) => data.id.toFixed(), { signal: stop.signal })
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

for (const [place, socket, options] of [
  ['Node', "import { WebSocket } from 'ws'", { lib: ['lib.es2022.d.ts'], types: ['node', 'ws'] }],
  ['a browser', '', { lib: ['lib.es2022.d.ts', 'lib.dom.d.ts'], types: [] }],
] as const) {
  test(`a program for ${place} compiles, with all types checked`, async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'star-comet-types-'))
    t.after(() => rm(folder, { recursive: true, force: true }))
    const file = join(folder, 'program.mts')
    await writeFile(file, program(socket))
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
    typeRoots: [`${root}node_modules/@types`],
    paths: { ws: [`${root}node_modules/@types/ws`] },
    ...options,
  })
  const diagnostics = ts.getPreEmitDiagnostics(compiled).map(({ file, messageText }) => {
    return `${file?.fileName ?? ''}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`
  })
  return { diagnostics }
}
