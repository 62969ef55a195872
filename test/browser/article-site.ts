import { readFileSync } from 'node:fs'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { freePort, start } from '../support/programs.ts'
import { startSite, type Pages, type Site } from './site.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const page = readFileSync(`${root}/examples/php-chat/index.html`, 'utf8')
const jquery = readFileSync(`${root}/node_modules/jquery/dist/jquery.min.js`, 'utf8')

/** The key of the article's tenant, 15. */
export const articleKey = 'lPXBFPqNg3f661JcegBY0N0dPXqUBdHXqj2cHf04PZgLHxT6z55e20ozojvMRvB8'

/** The files of the article's page, with the comet server at `port`, and its PHP file at `phpPort`. */
export function articlePages(port: number, phpPort = 8088): Pages {
  return {
    '/': page.replaceAll('127.0.0.1:8087', `127.0.0.1:${port}`).replaceAll('127.0.0.1:8088', `127.0.0.1:${phpPort}`),
    '/doc/CometQL/simplePhpChat/jquery.min.js': jquery,
  }
}

/** The article's page in an http server of ours, and its PHP file in PHP's own server. */
export async function startArticle(t: TestContext): Promise<Site> {
  const phpPort = await freePort()
  const site = await startSite(t, (port) => articlePages(port, phpPort), { tenants: { 15: { key: articleKey } } })
  const php = ['-d', `mysqli.default_port=${site.cometqlPort}`, '-S', `127.0.0.1:${phpPort}`]
  await start(t, 'php', [...php, `${root}/examples/php-chat/router.php`], 'started')
  return site
}
