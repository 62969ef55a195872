import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { createConnection, type Connection } from 'mysql2/promise'
import type { Page } from 'playwright-core'
import { freePort } from '../support/programs.ts'
import { launch } from './chromium.ts'
import { openPage, phone, startExample, untilTexts } from './example.ts'

/** The feeder of the example tells one sample, then waits for longer than a test lasts. */
const quietly = { COMET_PASSWORD: 'secret', EVERY_MS: '3600000' }
const values = '.tile .value'

async function backEnd(t: TestContext, port: number): Promise<Connection> {
  const connection = await createConnection({ host: '127.0.0.1', port, user: 'root', password: 'secret' })
  t.after(() => connection.end().catch(() => undefined))
  return connection
}

async function tell(connection: Connection, sample: object): Promise<void> {
  const message = JSON.stringify({ time: Date.now(), ...sample })
  const insert = `INSERT INTO pipes_messages (name, event, message) VALUES ('shop', 'sample', ?)`
  await connection.execute(insert, [message])
}

/** How many points the large chart's line has. */
function pointsOf(page: Page): Promise<number> {
  return page.locator('#chart .line').evaluate((line) => line.getAttribute('d')?.split('L').length ?? 0)
}

test('live-dashboard: an INSERT shows in tiles and chart; a new page has the last minutes at once', async (t) => {
  const browser = await launch(t)
  if (browser === undefined) return
  const port = await freePort()
  const { url } = await startExample(t, 'live-dashboard', { ...quietly, COMETQL_PORT: String(port) })
  const sql = await backEnd(t, port)
  const page = await openPage(browser, url)
  await untilTexts(page, values, ['240', '18', '85 ms'])

  await tell(sql, { visitors: 312, orders: 9, latency: 85 })
  await untilTexts(page, values, ['312', '9', '85 ms'])
  await untilTexts(page, '.tile .change', ['▲ 30 %', '▼ 50 %', '±0 %'])
  await tell(sql, { visitors: 313, orders: 20, latency: 90 })
  await untilTexts(page, values, ['313', '20', '90 ms'])
  await page.getByRole('button', { name: 'Response time' }).click()
  await untilTexts(page, '#chart-title', ['Response time, the last minutes'])
  assert.equal(await pointsOf(page), 3)

  const later = await openPage(browser, url, phone)
  await untilTexts(later, values, ['313', '20', '90 ms'])
  assert.equal(await pointsOf(later), 3)
})

test('live-dashboard: what was told while the page was offline is drawn, even by a server that was started anew', async (t) => {
  const browser = await launch(t)
  if (browser === undefined) return
  const port = await freePort()
  const first = await startExample(t, 'live-dashboard', { ...quietly, COMETQL_PORT: String(port) })
  const page = await openPage(browser, first.url)
  await untilTexts(page, values, ['240', '18', '85 ms'])

  await first.stop()
  await untilTexts(page, '#connection', ['Connecting again…'])
  await page.context().setOffline(true)
  await startExample(t, 'live-dashboard', { ...quietly, PORT: new URL(first.url).port, COMETQL_PORT: String(port) })
  const sql = await backEnd(t, port)
  await sql.query("SELECT id FROM pipes_messages WHERE name = 'shop' WAIT 20") // for the feeder
  for (const visitors of [250, 260, 270, 280]) await tell(sql, { visitors, orders: 20, latency: 90 })
  await page.context().setOffline(false)

  await untilTexts(page, values, ['280', '20', '90 ms'])
  assert.equal(await pointsOf(page), 6, 'one of each feeder, four of ours')
  await untilTexts(page, '#note', ['Some samples are missing: the server no longer has them'])
})
