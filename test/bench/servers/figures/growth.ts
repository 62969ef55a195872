import type { MemoryBrowser } from 'star-comet'
import { bytesEach, microsEach, quietServer, type Values } from './measuring.ts'

const calls = 100_000
const users = 1000

/** What publishing to one pipe takes while `others` exist. */
export async function publishingBeside(others: number): Promise<Values> {
  const { comet, browsers } = await quietServer()
  await subscribe(browsers.connect(), namesOf(others))
  return { time: await microsEach(calls, () => comet.publish('bench', '', 'hello')) }
}

/** What a session takes that has `count` subscriptions, to pipes that others have, too; and what each of these takes. */
export async function subscriptions(count: number): Promise<Values> {
  const { browsers } = await quietServer()
  const sessions = 1000
  const names = namesOf(count)
  await subscribe(browsers.connect(), names)
  const connected: MemoryBrowser[] = []
  const alone = await bytesEach(sessions, async () => {
    for (let i = 0; i < sessions; i++) connected.push(await settled(browsers.connect()))
  })
  const subscribed = await bytesEach(sessions, async () => {
    for (const browser of connected) await subscribe(browser, names)
  })
  return { bytes: alone + subscribed, each: subscribed / count }
}

/** What one of `count` pipes takes that has one subscriber, and what is left of it when that one has gone. */
export async function idlePipes(count: number): Promise<Values> {
  const { browsers } = await quietServer()
  const leave = async (browser: MemoryBrowser): Promise<void> => {
    browser.close()
    await browser.closed
  }
  const first = browsers.connect()
  await subscribe(first, namesOf(count)) // what the first ones need, and code that is compiled, is not counted
  await leave(first)
  const browser = browsers.connect()
  const bytes = await bytesEach(count, () => subscribe(browser, namesOf(count)))
  const freed = await bytesEach(count, () => leave(browser))
  return { bytes, left: bytes + freed }
}

/** What one of `count` private messages takes that waits for one of 1000 users who are away, and have one already. */
export async function queuedMessages(count: number): Promise<Values> {
  const { comet } = await quietServer()
  const text = 'x'.repeat(128)
  const queue = async (messages: number): Promise<void> => {
    for (let i = 0; i < messages; i++) await comet.sendToUser(1 + (i % users), '', `${text}${i}`)
  }
  await queue(users)
  const bytes = await bytesEach(count, () => queue(count))
  return { bytes }
}

/** The names of so many pipes. */
export function namesOf(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `pipe${index}`)
}

/** Resolves when the subscription is done. */
export async function subscribe(browser: MemoryBrowser, names: readonly string[]): Promise<void> {
  browser.send(['subscription', ...names].join('\n'))
  await settled(browser)
}

/** Resolves to the browser when all that it has said is done. */
async function settled(browser: MemoryBrowser): Promise<MemoryBrowser> {
  browser.send('pipe_count\nweb_bench\nsettled')
  await browser.next((message) => message.marker === 'settled')
  return browser
}
