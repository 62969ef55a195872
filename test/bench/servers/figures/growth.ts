import type { MemoryBrowser } from 'star-comet'
import { bytesEach, microsEach, quietServer, type Values } from './measuring.ts'

const calls = 100_000

/** What publishing to one pipe takes while `others` exist. */
export async function publishingBeside(others: number): Promise<Values> {
  const { comet, browsers } = await quietServer()
  await subscribe(browsers.connect(), namesOf(others))
  return { time: await microsEach(calls, () => comet.publish('bench', '', 'hello')) }
}

/** What a session takes that has `count` subscriptions, to pipes that others have, too. */
export async function subscriptions(count: number): Promise<Values> {
  const { browsers } = await quietServer()
  const sessions = 1000
  const names = namesOf(count)
  await subscribe(browsers.connect(), names)
  const bytes = await bytesEach(sessions, async () => {
    for (let i = 0; i < sessions; i++) await subscribe(browsers.connect(), names)
  })
  return { bytes }
}

/** What one of `count` pipes takes that has one subscriber, and what is left of it when that one has gone. */
export async function idlePipes(count: number): Promise<Values> {
  const { browsers } = await quietServer()
  const browser = browsers.connect()
  const bytes = await bytesEach(count, () => subscribe(browser, namesOf(count)))
  const freed = await bytesEach(count, async () => {
    browser.close()
    await browser.closed
  })
  return { bytes, left: bytes + freed }
}

/** What one of `count` private messages takes that waits for a user who is away. */
export async function queuedMessages(count: number): Promise<Values> {
  const { comet } = await quietServer()
  const text = 'x'.repeat(128)
  const bytes = await bytesEach(count, async () => {
    for (let i = 0; i < count; i++) await comet.sendToUser(1 + (i % 1000), '', `${text}${i}`)
  })
  return { bytes }
}

function namesOf(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `pipe${index}`)
}

/** Resolves when the subscription is done. */
async function subscribe(browser: MemoryBrowser, names: readonly string[]): Promise<void> {
  browser.send(['subscription', ...names].join('\n'))
  const marker = `m${names.length}`
  browser.send(`pipe_count\nweb_bench\n${marker}`)
  await browser.next((message) => message.marker === marker)
}
