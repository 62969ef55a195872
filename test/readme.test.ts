// Every code block of the README is run. A block is known by its file name; one that is not known here fails.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { access, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import test, { type TestContext } from 'node:test'
import { build } from 'esbuild'
import { createConnection } from 'mysql2/promise'
import { WebSocket } from 'ws'
import { createCometServer, memory } from '../lib/index.ts'
import { defaultCometqlLimits, defaultLimits } from '../lib/options.ts'
import { launch } from './browser/chromium.ts'
import { findProgram, startRedis } from './support/engine.ts'
import { attach } from './support/http.ts'
import { eventually } from './support/nodes.ts'
import { packageFolder } from './support/package-folder.ts'
import { freePort, hasProgram, run, start } from './support/programs.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const blocks = new Map([...readme.matchAll(/^```(.*)\n([^]*?)^```$/gm)].map(([, info = '', code = '']) => [info, code]))

const known = [
  'sql',
  'sql settings.sql',
  'sql transaction.sql',
  'sql wait.sql',
  'js server.js',
  'sh publish.sh',
  'php publish.php',
  'js publish.js',
  'html page.html',
  'js client.js',
  'js express.js',
  'js rules.js',
  'js storage.js',
  'js node.js',
  'js orders.test.js',
]

test('every block of the README is one that is run below', () => {
  assert.deepEqual([...blocks.keys()].sort(), [...known].sort())
})

test('every link and picture of the README leads somewhere', async () => {
  const targets = [...readme.matchAll(/\]\(([^)]+)\)/g)].map(([, target = '']) => target)
  const headings = [...readme.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => anchorOf(heading))
  for (const target of targets.filter((one) => !one.startsWith('https://'))) {
    if (target.startsWith('#')) assert.ok(headings.includes(target), `There is no heading for ${target}`)
    else await access(new URL(`../${target}`, import.meta.url))
  }
})

test('the pictures are small, and none is in the package', async () => {
  const pictures = [...new Set([...readme.matchAll(/\]\(([^)]+[.]png)\)/g)].map(([, path = '']) => path))]
  assert.equal(pictures.length, 3)
  for (const path of pictures) {
    const { size } = await stat(new URL(`../${path}`, import.meta.url))
    assert.ok(size <= 60 * 1024, `${path} has ${size} bytes`)
    assert.match(path, /^examples[/]/, 'package.json packs dist and a few files of lib')
  }
})

const limitsSection = /\n## Limits\n(.*?)\n## /s.exec(readme)?.[1] ?? ''

test('the section "Limits" names every limit', () => {
  const names = [...Object.keys(defaultLimits), ...Object.keys(defaultCometqlLimits)]
  const missing = [...names, 'maxSessions', 'maxPayloadBytes', 'maxBodyBytes', 'bodyTimeoutMs'].filter(
    (name) => !limitsSection.includes(name),
  )
  assert.deepEqual(missing, [])
})

test('every row of "Limits" names the counters that tell how often it acted, and every such counter is in a row', async (t) => {
  const comet = createCometServer()
  t.after(() => comet.close())
  const { limits, cometqlLimits, transportLimits, errors } = comet.metrics()
  const namesIn = (group: string, counters: object): string[] => Object.keys(counters).map((name) => `${group}.${name}`)
  const ofLimits = [
    ...namesIn('limits', limits),
    ...namesIn('cometqlLimits', cometqlLimits),
    ...namesIn('transportLimits', transportLimits),
  ]
  const rows = limitsSection.split('\n').filter((line) => line.startsWith('| ') && !/^\| (limit|---) /.test(line))
  const named = rows.map((row) => [...(row.split('|').at(4) ?? '').matchAll(/`([^`]+)`/g)].map(([, name = '']) => name))
  for (const [index, names] of named.entries()) assert.ok(names.length > 0, `no counter: ${rows[index]}`)
  const known = new Set([...ofLimits, ...namesIn('errors', errors)])
  assert.deepEqual(
    named.flat().filter((name) => !known.has(name)),
    [],
  )
  assert.deepEqual(
    ofLimits.filter((name) => !named.flat().includes(name)),
    [],
  )
})

test('the README has no placeholder left', () => {
  assert.doesNotMatch(readme, /^[A-Z]{4,}$/m)
})

test('the statement at the top publishes', async (t) => {
  const browsers = memory()
  const comet = createCometServer({ transports: [browsers] })
  t.after(() => comet.close())
  const page = browsers.connect()
  page.send('subscription\nnews')
  await page.next((message) => message.event === 'serverInfo')
  assert.deepEqual(await comet.query(block('sql')), { affectedRows: 1, insertId: 0 })
  const message = await page.next((received) => received.pipe === 'news')
  assert.deepEqual([message.event, message.data], ['add', 'Hello from SQL'])
})

test('a pipe that is told to keep messages sends a page what it missed', async (t) => {
  const browsers = memory()
  const comet = createCometServer({ transports: [browsers] })
  t.after(() => comet.close())
  await comet.query(block('sql settings.sql'))
  const before = browsers.connect({ v: '5.0' })
  before.send('subscription\nnews')
  const { data } = await before.next((message) => message.event === 'subscribed')
  const { epoch } = (data as { pipes: { news: { epoch: string } } }).pipes.news
  await comet.query(block('sql'))
  const after = browsers.connect({ v: '5.0' })
  after.send(`subscription\nnews ${epoch} 0`)
  assert.equal((await after.next((message) => message.pipe === 'news')).data, 'Hello from SQL')
})

test('a back-end publishes in a transaction, and waits for what a page sends', async (t) => {
  const browsers = memory()
  const comet = createCometServer({ password: 'secret', cometql: { port: 0 }, transports: [browsers] })
  t.after(() => comet.close())
  await comet.ready
  const page = browsers.connect()
  page.send('subscription\nnews')
  await page.next((message) => message.event === 'serverInfo')
  const login = { host: '127.0.0.1', port: comet.address()?.port ?? 0, user: 'root', password: 'secret' }
  const backEnd = await createConnection({ ...login, multipleStatements: true })
  t.after(() => backEnd.end())

  await backEnd.query(block('sql transaction.sql'))
  await page.next((message) => message.data === 'two')
  const waiting = await comet.query('SELECT event FROM users_messages WHERE id = 7')
  assert.deepEqual(waiting, [{ event: 'mail' }])

  const answer = backEnd.query(block('sql wait.sql'))
  while (!JSON.stringify(await comet.query('SHOW FULL PROCESSLIST')).includes('WAIT 25')) await setImmediate()
  page.send('web_pipe2\nweb_chat\nsay\n*\n"hello"')
  const [[row]] = (await answer) as unknown as [[{ message: string }]]
  assert.equal(row.message, '"hello"')
})

test('the quick start shows on the page what Node, a shell and PHP publish', async (t) => {
  const quickStart = await startQuickStart(t)
  const browser = await launch(t)
  if (browser === undefined) return
  const page = await browser.newPage()
  await page.goto(`http://127.0.0.1:${quickStart.port}/`)
  await page.waitForFunction('CometServer().isConnected()')
  quickStart.publish()
  await page.getByText('Hello from Node').waitFor()
  if (!hasProgram(t, 'mariadb') || !hasProgram(t, 'php')) return
  await run('bash', ['-c', quickStart.onPorts('sh publish.sh')])
  await page.getByText('Hello from the shell').waitFor()
  await run('php', ['-r', quickStart.onPorts('php publish.php').replace('<?php', '')])
  await page.getByText('Hello from PHP').waitFor()
})

test('the page of "In the page" gets events, private messages, messages of pages and the count', async (t) => {
  const browser = await launch(t)
  if (browser === undefined) return
  const comet = createCometServer()
  const http = createServer((_, response) =>
    response.setHeader('content-type', 'text/html').end(block('html page.html')),
  )
  const port = await attach(t, comet, http)
  const page = await browser.newPage()
  const printed = new Promise<string>((resolve) => page.on('console', (line) => resolve(line.text())))
  await page.goto(`http://127.0.0.1:${port}/`)
  await page.locator('output', { hasText: '1' }).waitFor()
  await comet.publish('news', 'other', 'not for this page')
  await comet.publish('news', 'add', 'for this page')
  assert.equal(await printed, 'for this page')
})

test('client.js, bundled, logs in, gets private messages, events and gaps, publishes and iterates', async (t) => {
  const browser = await launch(t)
  if (browser === undefined) return
  const folder = await packageFolder(t)
  const client = join(folder, 'client.js')
  await writeFile(client, block('js client.js'))
  const { outputFiles } = await build({ entryPoints: [client], bundle: true, format: 'esm', write: false })
  const comet = createCometServer()
  await comet.query("INSERT INTO users_auth (id, hash) VALUES (7, 'k3y')")
  await comet.query("INSERT INTO users_messages (id, event, message) VALUES (7, 'mail', 'waited')")
  const http = createServer(({ url }, response) => {
    if (url === '/token') response.end('k3y')
    else
      response
        .setHeader('content-type', 'text/html')
        .end(`<script type="module">${outputFiles[0]?.text ?? ''}</script>`)
  })
  const port = await attach(t, comet, http)

  const printed: string[] = []
  const page = await browser.newPage()
  page.on('console', (line) => printed.push(line.text()))
  await page.goto(`http://127.0.0.1:${port}/`)
  const until = async (line: string): Promise<void> => {
    while (!printed.some((text) => text.startsWith(line))) await page.waitForEvent('console')
  }
  await until('private mail waited')
  await until('sent to 0')
  await comet.publish('news', 'other', 'not for this page')
  await comet.publish('news', 'add', 'for this page')
  await until('news for this page')
  const subscribers = () => comet.query("SELECT users FROM pipes WHERE name = 'prices'")
  while (JSON.stringify(await subscribers()) !== '[{"users":1}]') await setImmediate()
  await comet.publish('prices', '', 42)
  await until('price 42')
  assert.ok(!printed.some((text) => text.includes('not for this page')))
})

test('the Express app serves its own paths and ours', async (t) => {
  const folder = await packageFolder(t, ['express'])
  const port = await freePort()
  await writeFile(
    join(folder, 'express.js'),
    `${block('js express.js').replace('8080', String(port))}\nhttp.on('listening', () => console.log('listening'))`,
  )
  await start(t, process.execPath, ['express.js'], 'listening', folder)
  const paid = await fetch(`http://127.0.0.1:${port}/orders/3/paid`, { method: 'POST' })
  assert.equal(paid.status, 204)
  const info = await fetch(`http://127.0.0.1:${port}/comet/info`)
  assert.deepEqual(await info.json(), { status: 'ok', node: 'star-comet' })
})

for (const name of ['js rules.js', 'js orders.test.js']) {
  test(`${name} runs to its end`, async (t) => {
    const folder = await packageFolder(t)
    const file = name.slice('js '.length)
    await writeFile(join(folder, file), block(name))
    await run(process.execPath, [file], folder)
  })
}

test('what was told to the storage of storage.js is there after a restart', async (t) => {
  const folder = await packageFolder(t, ['libsql'])
  await writeFile(join(folder, 'storage.js'), block('js storage.js'))
  const runOnce = async (program: string): Promise<string> => {
    await writeFile(join(folder, 'run.js'), `import { comet } from './storage.js'\n${program}\nawait comet.close()`)
    return await run(process.execPath, ['run.js'], folder)
  }
  await runOnce('await comet.query("INSERT INTO users_data (id, data) VALUES (7, \'kept\')")')
  assert.equal(
    await runOnce("console.log(await comet.query('SELECT data FROM users_data WHERE id = 7'))"),
    "[ { data: 'kept' } ]\n",
  )
})

test('what is published in one process of "More than one process" comes to the pages of another one', async (t) => {
  const program = findProgram('redis-server')
  if ('missing' in program) {
    t.skip(program.missing)
    return
  }
  const redis = await startRedis(program.path)
  t.after(() => redis.close())
  const folder = await packageFolder(t, ['ioredis'])
  const ports = [await freePort(), await freePort()] as const
  const nodes = []
  for (const port of ports) {
    const code = block('js node.js').replace('6379', String(redis.port)).replace('process.env.PORT', String(port))
    const whenTold = `process.stdin.once('data', () => comet.publish('news', '', 'from the other'))`
    await writeFile(join(folder, `${port}.js`), `${code}\n${whenTold}\nawait comet.ready\nconsole.log('ready')`)
    nodes.push(await start(t, process.execPath, [`${port}.js`], 'ready', folder))
  }
  const page = new WebSocket(`ws://127.0.0.1:${ports[0]}/ws/sesion=&myid=&devid=0&v=4.0&uuid=&api=js`)
  t.after(() => page.terminate())
  const received: string[] = []
  page.on('message', (data: Buffer) => received.push(data.toString()))
  const has = (text: string): boolean => received.some((frame) => frame.includes(text))
  await eventually(() => has('serverInfo'), 'the page is let in')
  page.send('subscription\nnews\nweb_news')
  page.send('pipe_count\nweb_news')
  await eventually(() => has('"user_in_pipe":1'), 'it is subscribed')
  nodes[1]?.stdin?.write('now\n')
  await eventually(() => has('from the other'), 'the message')
})

/** The fragment that GitHub and npm give a heading. */
function anchorOf(heading: string): string {
  return `#${heading
    .toLowerCase()
    .replace(/[^a-z0-9 -]/g, '')
    .replaceAll(' ', '-')}`
}

function block(name: string): string {
  const code = blocks.get(name)
  assert.ok(code, `The README has no block "${name}"`)
  return code
}

/** The server of the quick start on free ports, which runs the block publish.js when told to. */
async function startQuickStart(
  t: TestContext,
): Promise<{ port: number; publish(): void; onPorts(name: string): string }> {
  const folder = await packageFolder(t)
  const [port, cometqlPort] = [await freePort(), await freePort()]
  const onPorts = (name: string): string =>
    block(name).replaceAll('8080', String(port)).replaceAll('3307', String(cometqlPort))
  const whenTold = `process.stdin.once('data', async () => { ${block('js publish.js')} })`
  await writeFile(
    join(folder, 'server.js'),
    `${onPorts('js server.js')}\n${whenTold}\nhttp.on('listening', () => console.log('listening'))`,
  )
  const child = await start(t, process.execPath, ['server.js'], 'listening', folder)
  return { port, publish: () => child.stdin?.write('now\n'), onPorts }
}
