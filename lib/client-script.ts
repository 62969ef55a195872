import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { brotliCompress, gzip } from 'node:zlib'

type Encoding = 'br' | 'gzip' | 'identity'

interface Script {
  readonly etag: string
  readonly bodies: Readonly<Record<Encoding, Buffer>>
}

/** Built beside this file, or, where the sources run, in dist. */
const places = ['./client/CometServerApi.js', '../dist/client/CometServerApi.js']

/** Answers GET and HEAD with the browser script: read and compressed once, when the first page asks for it. */
export function clientScript(): RequestListener {
  let script: Promise<Script> | undefined

  return (request, response) => {
    script ??= load()
    script.then(
      (loaded) => serve(loaded, request, response),
      () => {
        script = undefined
        response
          .writeHead(500, { 'content-type': 'text/plain' })
          .end('The browser script is not built: run "npm run build"\n')
      },
    )
  }
}

async function load(): Promise<Script> {
  const found = places.map((place) => fileURLToPath(new URL(place, import.meta.url))).find((path) => existsSync(path))
  if (found === undefined) throw new Error('The browser script is not built')
  const identity = await readFile(found)
  const [br, gzipped] = await Promise.all([promisify(brotliCompress)(identity), promisify(gzip)(identity)])
  const etag = `"${createHash('sha256').update(identity).digest('base64url').slice(0, 16)}"`
  return { etag, bodies: { identity, br, gzip: gzipped } }
}

function serve({ etag, bodies }: Script, request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('etag', etag)
  // A day without asking; after that the ETag spares the download. The name stays the same across versions.
  response.setHeader('cache-control', 'public, max-age=86400, stale-while-revalidate=604800')
  response.setHeader('vary', 'accept-encoding')
  response.setHeader('access-control-allow-origin', '*') // pages of other origins load it with integrity checks
  if (request.headers['if-none-match'] === etag) {
    response.writeHead(304).end()
    return
  }
  const encoding = encodingFor(request.headers['accept-encoding'] ?? '')
  const body = bodies[encoding]
  if (encoding !== 'identity') response.setHeader('content-encoding', encoding)
  response.writeHead(200, { 'content-type': 'text/javascript; charset=utf-8', 'content-length': body.length })
  response.end(request.method === 'HEAD' ? undefined : body)
}

function encodingFor(accepted: string): Encoding {
  if (/\bbr\b/.test(accepted)) return 'br'
  return /\bgzip\b/.test(accepted) ? 'gzip' : 'identity'
}
