// What the examples share: files for the browser, JSON in and out, starting and stopping. Nothing here is about comet.
import { readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const types = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** A mistake of who asked; the page shows the sentence. */
export class Problem extends Error {
  constructor(status, sentence) {
    super(sentence)
    this.status = status
  }
}

/** A text of 1 to `limit` characters, without the spaces around it. */
export function checkText(text, limit) {
  const trimmed = typeof text === 'string' ? text.trim() : ''
  if (trimmed === '' || trimmed.length > limit) throw new Problem(400, `Please write 1 to ${limit} characters.`)
  return trimmed
}

/** The value of a cookie, if the browser sent it. */
export function cookie(request, name) {
  const pairs = (request.headers.cookie ?? '').split(/; */)
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1)
}

/**
 * Answers with the files of a folder, those that all examples share, and the modules of star-comet/client, below
 * /star-comet/; with no others. Scripts and styles come from there alone.
 */
export function filesOf(folder) {
  const client = import.meta.resolve('star-comet/client')
  const files = new Map([
    ...filesBelow('/', new URL('public/', import.meta.url)),
    ...filesBelow('/', folder),
    ...filesBelow('/star-comet/client/', new URL('.', client)),
    ...filesBelow('/star-comet/wire/', new URL('../wire/', client)),
  ])
  return async (request, response) => {
    const path = request.url.split('?')[0]
    const file = files.get(path === '/' ? '/index.html' : path)
    if (file === undefined) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('Not found\n')
      return
    }
    response.setHeader('content-security-policy', "default-src 'self'; frame-ancestors 'none'; base-uri 'none'")
    response.writeHead(200, { 'content-type': types[extname(file)], 'cache-control': 'no-cache' })
    response.end(await readFile(file))
  }
}

/** Answers a POST with what `action` makes of its JSON, or with the sentence of a `Problem`. */
export async function answerJson(request, response, action) {
  const answer = (status, value) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
  try {
    answer(200, (await action(await readJson(request))) ?? {})
  } catch (error) {
    if (!(error instanceof Problem)) console.error(error)
    if (error instanceof Problem) answer(error.status, { problem: error.message })
    else answer(500, { problem: 'The server made a mistake. It has written down which.' })
  }
}

/**
 * Opens the port for browsers and, where one is given, the port for back-ends; then prints the lines that `started`
 * returns. Ctrl+C and SIGTERM end everything; a port in use ends with a sentence.
 */
export async function run({ http, comet, port, cometqlPort, started }) {
  const stop = async () => {
    http.close()
    await comet.close()
    http.closeAllConnections()
  }
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, stop)
  try {
    if (cometqlPort !== undefined) {
      await comet.listenCometQL({ port: portNumber('COMETQL_PORT', cometqlPort) }).catch(inUse('COMETQL_PORT'))
    }
    await listen(http, portNumber('PORT', port)).catch(inUse('PORT'))
    console.log(started().join('\n'))
  } catch (error) {
    console.error(error.message)
    process.exitCode = 1
    await stop()
  }
}

function filesBelow(path, folder) {
  const known = readdirSync(folder, { recursive: true }).filter((name) => extname(name) in types)
  return known.map((name) => [`${path}${name}`, join(fileURLToPath(folder), name)])
}

async function listen(http, port) {
  await new Promise((resolve, reject) => http.once('error', reject).listen(port, '127.0.0.1', resolve))
}

function portNumber(variable, value) {
  if (/^\d+$/.test(value) && Number(value) < 65536) return Number(value)
  throw new Error(`${variable} is "${value}": it must be a number from 0 to 65535`)
}

function inUse(variable) {
  return (error) => {
    const { code, port } = error.cause ?? error
    if (code !== 'EADDRINUSE') throw error
    throw new Error(`Port ${port} is in use: end what listens there, or choose another one with ${variable}=…`)
  }
}

async function readJson(request) {
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk
    if (text.length > 100_000) throw new Problem(413, 'That is more than 100,000 characters.')
  }
  try {
    return Object(JSON.parse(text))
  } catch {
    throw new Problem(400, 'That is not JSON.')
  }
}
