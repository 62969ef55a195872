import { test, type TestContext } from 'node:test'
import assert from 'node:assert/strict'
import { WebSocket } from 'ws'
import { CometClient } from '../../lib/client/index.ts'
import { findProgram } from '../support/engine.ts'
import { eventually } from '../support/nodes.ts'
import { launch } from './chromium.ts'
import { openPage, startExample, type Example } from './example.ts'

const missing = ['redis-server', 'nginx'].flatMap((name) => {
  const found = findProgram(name)
  return 'missing' in found ? [found.missing] : []
})

/** What the example tells twice a second: the number, and the process that took it. */
interface Tick {
  readonly n: number
  readonly by: number
}

test(
  'examples/cluster: killing one process, then the other, loses nothing',
  { skip: missing[0] ?? false },
  async (t) => {
    const browser = await launch(t)
    if (browser === undefined) return
    const example = await startExample(t, 'cluster', { PATH: `${process.env.PATH ?? ''}:/usr/sbin` })
    const seen = [listen(t, example), listen(t, example)]
    const page = await openPage(browser, example.url)
    const reach = (what: string, look: (ticks: readonly Tick[]) => boolean): Promise<void> =>
      eventually(() => seen.every(look), what)

    const first = pidsOf(example)
    for (const pid of first) {
      await reach('both processes take messages', (ticks) => pidsIn(ticks.slice(-8)).size === 2)
      process.kill(pid, 'SIGKILL')
      await reach('a new one has taken its place', (ticks) => !pidsIn(ticks.slice(-8)).has(pid))
    }
    await reach('two new ones', (ticks) => pidsIn(ticks.slice(-8)).size === 2)

    for (const ticks of seen) {
      const begin = ticks[0]?.n ?? 0
      assert.deepEqual(
        ticks.map(({ n }) => n),
        ticks.map((_, index) => begin + index),
      )
    }
    const log = await page.locator('#log li').allTextContents()
    assert.ok(log.length > 16, `${log.length} messages on the page`)
    assert.match((await page.locator('#subtitle').textContent()) ?? '', /^\d+ messages, 0 missed$/)
    assert.equal(await example.stop(), 0)
  },
)

/** Collects what a client is told. */
function listen(t: TestContext, { url }: Example): readonly Tick[] {
  const client = new CometClient({ url, WebSocket, logLevel: 0 })
  t.after(() => client.close())
  const ticks: Tick[] = []
  client.subscribe<Tick>('ticks', ({ data }) => ticks.push(data))
  return ticks
}

function pidsOf({ output }: Example): number[] {
  const pids = Array.from(output.matchAll(/kill -9 (\d+)/g), ([, pid]) => Number(pid))
  assert.equal(pids.length, 2)
  return pids
}

function pidsIn(ticks: readonly Tick[]): ReadonlySet<number> {
  return new Set(ticks.map(({ by }) => by))
}
