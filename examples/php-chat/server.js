// The chat of the article, with PHP as it stands there. Run both, then open http://127.0.0.1:8087/ in two windows:
//   node examples/php-chat/server.js
//   php -d mysqli.default_port=3307 -S 127.0.0.1:8088 examples/php-chat/router.php
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createCometServer } from 'star-comet'
import { run } from '../support/web.js'

const { PORT = '8087', COMETQL_PORT = '3307', PHP_PORT = '8088' } = process.env
const read = (path) => readFileSync(new URL(path, import.meta.url))

/** The page names both servers; where they have other ports than in the commands above, it has to name those. */
const page = () =>
  read('index.html')
    .toString()
    .replaceAll('127.0.0.1:8087', `127.0.0.1:${http.address().port}`)
    .replaceAll('127.0.0.1:8088', `127.0.0.1:${PHP_PORT}`)

/** What the page loads from the article's host, but for CometServerApi.js, which comet answers. */
const files = new Map([
  ['/', page],
  ['/doc/CometQL/simplePhpChat/jquery.min.js', () => read('../../node_modules/jquery/dist/jquery.min.js')],
])

const http = createServer((request, response) => {
  const body = files.get(request.url)
  const type = request.url === '/' ? 'text/html' : 'text/javascript'
  if (body === undefined) response.writeHead(404, { 'content-type': 'text/plain' }).end('Not found\n')
  else response.writeHead(200, { 'content-type': `${type}; charset=utf-8` }).end(body())
})

// The developer 15 of the article, with the key that the PHP file knows.
const key = 'lPXBFPqNg3f661JcegBY0N0dPXqUBdHXqj2cHf04PZgLHxT6z55e20ozojvMRvB8'
const comet = createCometServer({ tenants: { 15: { key } } })
comet.attach(http)

await run({
  http,
  comet,
  port: PORT,
  cometqlPort: COMETQL_PORT,
  started: () => [`The chat is at http://127.0.0.1:${http.address().port}/`],
})
