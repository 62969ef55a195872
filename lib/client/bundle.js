// Builds the browser client: dist/client/CometServerApi.js, and its source map beside it.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('../..', import.meta.url))
const { version, license } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'))
const outfile = `${root}/dist/client/CometServerApi.js`
/** Pages wait for it: the limit for what goes over the network, in bytes. */
const maxGzipBytes = 12 * 1024

await build({
  entryPoints: [`${root}/lib/client/script.ts`],
  outfile,
  bundle: true,
  format: 'iife',
  // Private members as they are: older browsers would cost a quarter more.
  target: ['chrome91', 'firefox90', 'safari15'],
  minify: true,
  sourcemap: 'external', // No link to it: servers serve the script alone.
  banner: { js: `/*! star-comet ${version} browser client | ${license} */` },
  logLevel: 'warning',
})

const size = gzipSync(readFileSync(outfile), { level: 9 }).length
if (size > maxGzipBytes) throw new Error(`CometServerApi.js has ${size} bytes gzipped; the limit is ${maxGzipBytes}`)
process.stdout.write(`dist/client/CometServerApi.js: ${size} bytes gzipped\n`)
