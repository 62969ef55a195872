import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { freePort, programPath, start } from './programs.ts'

/**
 * Starts an nginx of our own that passes everything on to `port`, by the configuration that Debian has but for the lines
 * of `location`; resolves to the port of nginx. The test stops it. Requests are written whole to the temporary folder
 * first, and answers are buffered: these are nginx's defaults.
 */
export async function startNginx(t: TestContext, port: number, location = ''): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'star-comet-nginx-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const own = await freePort()
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  const config = `
    daemon off;
    master_process off;
    pid ${folder}/pid;
    error_log stderr notice;
    events {}
    http {
      access_log off;
      ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join('\n')}
      server {
        listen 127.0.0.1:${own};
        location / {
          proxy_pass http://127.0.0.1:${port};
          ${location}
        }
      }
    }`
  await writeFile(join(folder, 'nginx.conf'), config)
  await start(t, programPath('nginx') ?? 'nginx', ['-p', folder, '-c', join(folder, 'nginx.conf')], 'event method')
  return own
}
