import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { connect, createServer as createNetServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import test from 'node:test'
import { createConnection } from 'mysql2/promise'
import { createCometServer, memoryStorage } from '../lib/index.ts'
import { packageFolder } from './support/package-folder.ts'
import { run } from './support/programs.ts'
import { memoryLogger, serve } from './support/in-process.ts'
import { ManualClock } from './support/manual-clock.ts'

test('close() ends browsers, the MySQL port and the storage, and may be called twice', async (t) => {
  const storage = memoryStorage()
  let closings = 0
  const { comet, browsers } = serve(t, {
    password: 'secret',
    cometql: { port: 0 },
    storage: {
      ...storage,
      close: () => {
        closings++
        return storage.close()
      },
    },
  })
  await comet.ready
  const page = browsers.connect()
  await page.next((message) => message.event === 'serverInfo')
  const port = comet.address()?.port ?? 0
  await Promise.all([comet.close(), comet.close()])
  assert.equal((await page.closed).code, 1012)
  assert.equal(closings, 1)
  assert.equal(comet.address(), null)
  const [refused] = (await once(connect(port, '127.0.0.1'), 'error')) as [NodeJS.ErrnoException]
  assert.equal(refused.code, 'ECONNREFUSED')
  await assert.rejects(comet.publish('news', '', 'x'), { code: 'COMET_ERR_CLOSED' })
  assert.throws(() => comet.attach(createServer()), { code: 'COMET_ERR_CLOSED' })
})

test('`await using` closes it', async (t) => {
  const { comet, browsers } = serve(t)
  await comet.ready
  const page = browsers.connect()
  await comet[Symbol.asyncDispose]()
  assert.equal((await page.closed).code, 1012)
})

test('clients of protocol 5 are told when to come back before the server closes; others only see the close', async (t) => {
  const { comet, browsers } = serve(t)
  const [page, old] = [browsers.connect({ v: '5.0' }), browsers.connect()]
  for (const browser of [page, old]) await browser.next((message) => message.event === 'serverInfo')
  await comet.close({ drainMs: 500 })
  const { data } = await page.next((message) => message.event === 'reconnect')
  const { after } = data as { after: number }
  assert.ok(after >= 0 && after < 500, `after ${after}`)
  assert.equal(old.received.length, 1)
  assert.deepEqual([(await page.closed).code, (await old.closed).code], [1012, 1012])
})

test('a port in use is a sentence, from ready and from listenCometQL', async (t) => {
  const neighbour = createNetServer().listen(0, '127.0.0.1')
  await once(neighbour, 'listening')
  t.after(() => neighbour.close())
  const { port } = neighbour.address() as AddressInfo
  const sentence = `The CometQL port ${port} on 127.0.0.1 cannot be opened: something else listens there; choose another one with the option cometql.port`
  const { comet } = serve(t, { password: 'secret', cometql: { port } })
  await assert.rejects(comet.ready, { message: sentence })
  await assert.rejects(comet.listenCometQL({ port }), { message: sentence })
  assert.notEqual((await comet.listenCometQL({ port: 0 })).port, port)
})

test('a server that is closed at once says nothing', async (t) => {
  const logger = memoryLogger()
  const { comet } = serve(t, { password: 'secret', cometql: { port: 0 }, logger })
  await comet.close()
  await new Promise(setImmediate)
  assert.deepEqual(logger.errors, [])
  await assert.rejects(comet.ready, { code: 'COMET_ERR_CLOSED' })
})

test('the CometQL port is opened by its own options only', async (t) => {
  const { comet } = serve(t, { password: 'secret' })
  const listen = (where: unknown): Promise<unknown> => comet.listenCometQL(where as { port: number })
  await assert.rejects(listen({ prot: 1 }), { message: /"listenCometQL.prot" is not known/ })
  await assert.rejects(listen({ port: -1 }), { message: /"listenCometQL.port" is -1/ })
  await assert.rejects(listen(null), { code: 'COMET_ERR_OPTION' })
})

test('root that names the database of an unknown tenant hears error 1049', async (t) => {
  const { comet } = serve(t, { password: 'secret', tenants: { 5: { key: 'five' } }, cometql: { port: 0 } })
  await comet.ready
  const login = { host: '127.0.0.1', port: comet.address()?.port ?? 0, user: 'root', password: 'secret' }
  const backEnd = await createConnection({ ...login, database: 'db_5' })
  t.after(() => backEnd.end())
  const unknown = { errno: 1049, sqlState: '42000', message: /Unknown database "db_99"/ }
  await assert.rejects(createConnection({ ...login, database: 'db_99' }), unknown)
  await assert.rejects(backEnd.query('USE db_99'), unknown)
})

test('a failed start that nobody asks about is logged', async (t) => {
  const logged = new Promise<string>((resolve) => {
    const storage = { ...memoryStorage(), open: () => Promise.reject(new Error('the disk is full')) }
    serve(t, { storage, logger: { warn: () => undefined, error: resolve } })
  })
  assert.equal(await logged, 'Error: the disk is full')
})

test('a MySQL port without a password is refused', (t) => {
  assert.throws(() => createCometServer({ cometql: { port: 0 } }), /Option "password" is missing/)
  const { comet } = serve(t)
  return assert.rejects(comet.listenCometQL({ port: 0 }), { code: 'COMET_ERR_OPTION' })
})

test('a storage that does not open is what ready rejects with', async (t) => {
  const storage = { ...memoryStorage(), open: () => Promise.reject(new Error('the disk is full')) }
  const logger = memoryLogger()
  const comet = createCometServer({ storage, logger })
  t.after(() => comet.close())
  await assert.rejects(comet.ready, /the disk is full/)
  await assert.rejects(comet.publish('news', '', 'x'), /the disk is full/)
})

test('nothing keeps the process alive after close()', async (t) => {
  const folder = await packageFolder(t, ['ws'])
  const program = `
    import { createServer } from 'node:http'
    import { once } from 'node:events'
    import { createCometServer } from 'star-comet'
    import { WebSocket } from 'ws'
    const http = createServer()
    const comet = createCometServer({ password: 'secret', cometql: { port: 0 } })
    comet.attach(http)
    await comet.ready
    await once(http.listen(0, '127.0.0.1'), 'listening')
    await comet.query("INSERT INTO users_auth (id, hash) VALUES (7, 'abc')")
    const page = new WebSocket('ws://127.0.0.1:' + http.address().port + '/ws/sesion=abc&myid=7&devid=0&v=4.0')
    await once(page, 'message')
    await comet.close()
    http.close()
    console.log('closed')`
  await writeFile(join(folder, 'program.js'), program)
  // `run` rejects when the program has not ended by itself after a minute.
  assert.equal(await run(process.execPath, ['program.js'], folder), 'closed\n')
})

test('close() leaves no timer, though each who leaves a tracked pipe is missed by the others', async (t) => {
  const clock = new ManualClock()
  const { comet, browsers } = serve(t, { clock })
  await comet.ready
  const pages = Array.from({ length: 300 }, () => browsers.connect({ v: '5.0' }))
  for (const page of pages) page.send('subscription\ntrack_room')
  for (let turn = 0; turn < 3; turn++) {
    await new Promise(setImmediate)
    clock.advance(1000)
  }
  await comet.close()
  await Promise.all(pages.map(({ closed }) => closed))
  assert.equal(clock.pending, 0)
})
