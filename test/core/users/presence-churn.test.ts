// Users come and go at random, with several tabs; a model as simple as can be says what must come of it.
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { Random } from '../../fuzz/random.ts'
import { testComet, type TestComet } from '../../support/comet.ts'
import type { TestBrowser } from '../../support/test-browser.ts'

const users = [1, 2, 3]
const steps = 150

interface Tab {
  readonly userId: number
  readonly uuid: string
  readonly browser: TestBrowser
  isTracking: boolean
}

/** What must be: how many tabs each user has, and until when a user without any counts as online. */
class Model {
  readonly edges: string[] = []
  readonly #tabs = new Map<number, number>()
  readonly #graceEnds = new Map<number, number>()
  readonly #graceMs: number

  constructor(graceMs: number) {
    this.#graceMs = graceMs
  }

  get online(): number[] {
    return [...new Set([...this.#tabs.keys(), ...this.#graceEnds.keys()])].toSorted()
  }

  opened(userId: number): void {
    if (!this.online.includes(userId)) this.edges.push(`${userId} online`)
    this.#graceEnds.delete(userId)
    this.#tabs.set(userId, (this.#tabs.get(userId) ?? 0) + 1)
  }

  closed(userId: number, now: number): void {
    const left = (this.#tabs.get(userId) ?? 0) - 1
    if (left > 0) this.#tabs.set(userId, left)
    else {
      this.#tabs.delete(userId)
      this.#graceEnds.set(userId, now + this.#graceMs)
      this.passed(now)
    }
  }

  passed(now: number): void {
    for (const [userId, end] of [...this.#graceEnds].toSorted(([, a], [, b]) => a - b)) {
      if (end > now) continue
      this.#graceEnds.delete(userId)
      this.edges.push(`${userId} offline`)
    }
  }
}

/** Plays one game of churn, and compares after each step. */
async function churn(t: TestContext, seed: number, graceMs: number): Promise<void> {
  const comet = testComet(t, { limits: { presenceGraceMs: graceMs } })
  const random = new Random(seed)
  const model = new Model(graceMs)
  const tenant = await comet.tenant()
  const witness = comet.connect()
  await witness.subscribe('track_room', ...users.map((userId) => `user_status_${userId}`))
  let tabs: Tab[] = []

  const open = async (): Promise<void> => {
    const userId = random.pick(users)
    const uuid = `uuid${random.below(2)}` // two tabs of one browser have the same
    model.opened(userId)
    const browser = await comet.logIn(userId, { uuid })
    tabs.push({ userId, uuid: tenant.publicUuid(uuid), browser, isTracking: false })
  }
  const close = (tab: Tab | undefined): void => {
    if (tab === undefined) return
    tabs = tabs.filter((other) => other !== tab)
    tab.browser.close()
    model.closed(tab.userId, comet.clock.now())
  }
  const track = async (tab: Tab | undefined): Promise<void> => {
    if (tab === undefined) return
    tab.isTracking = !tab.isTracking
    await tab.browser.subscribe(...(tab.isTracking ? ['track_room'] : []))
  }
  const logOut = async (): Promise<void> => {
    const userId = random.pick(users)
    await tenant.credentials.deleteHashes([userId])
    for (const tab of tabs.filter((one) => one.userId === userId)) model.closed(tab.userId, comet.clock.now())
    for (const tab of tabs.filter((one) => one.userId === userId)) tab.browser.close()
    tabs = tabs.filter((one) => one.userId !== userId)
  }
  const pass = (): void => {
    comet.clock.advance(random.pick([1, 400, 999, 1000, 1001, 5000]))
    model.passed(comet.clock.now())
  }

  for (let step = 0; step < steps; step++) {
    const tab = tabs.length > 0 ? random.pick(tabs) : undefined
    const deed = random.below(10)
    if (deed < 3 && tabs.length < 8) await open()
    else if (deed < 6) await track(tab)
    else if (deed < 8) close(tab)
    else if (deed === 8 && random.once(4)) await logOut()
    else pass()
    const what = `seed ${seed}, step ${step}`
    assert.deepEqual(edgesOf(comet), model.edges, what)
    assert.deepEqual([...tenant.presence.onlineUserIds()].toSorted(), model.online, what)
  }
  await compareMembers(witness, tabs, seed)
  // Of each user: there is no order between pipes.
  assert.deepEqual(statusesSeen(witness).toSorted(byUser), model.edges.toSorted(byUser))
}

function byUser(a: string, b: string): number {
  return Number.parseInt(a, 10) - Number.parseInt(b, 10)
}

function edgesOf({ events }: TestComet): string[] {
  return events.flatMap(([name, id]) => (name === 'online' || name === 'offline' ? [`${String(id)} ${name}`] : []))
}

/** The edges as a page sees them. */
function statusesSeen({ messages }: TestBrowser): string[] {
  return messages.flatMap(({ pipe, event }) => {
    const [, userId] = /^user_status_(\d+)$/.exec(String(pipe)) ?? []
    return userId === undefined ? [] : [`${userId} ${String(event)}`]
  })
}

/** The list, and what a page makes of the events since its own subscription, are who is really there. */
async function compareMembers(witness: TestBrowser, tabs: readonly Tab[], seed: number): Promise<void> {
  const real = [...tabs.filter(({ isTracking }) => isTracking).map(({ userId, uuid }) => `${userId} ${uuid}`), '0 ']
  witness.command('track_pipe_users', 'track_room', 'list')
  const { data } = await witness.next({ pipe: '_answer', marker: 'list' })
  assert.deepEqual((data as object[]).map(memberOf).toSorted(), real.toSorted(), `the list, seed ${seed}`)
  const seen = ['0 ']
  for (const { pipe, event, data: member } of witness.messages) {
    if (pipe !== 'track_room') continue
    if (event === 'subscription') seen.push(memberOf(member))
    else seen.splice(seen.indexOf(memberOf(member)), 1)
  }
  assert.deepEqual(seen.toSorted(), real.toSorted(), `the events, seed ${seed}`)
}

function memberOf(member: unknown): string {
  const { user_id, uuid } = member as { readonly user_id: number; readonly uuid: string }
  return `${user_id} ${uuid}`
}

for (const graceMs of [0, 1000, 5000]) {
  test(`users, tabs and members are right after any churn, with a grace of ${graceMs} ms`, async (t) => {
    for (let seed = 1; seed <= 20; seed++) await churn(t, seed, graceMs)
  })
}

test('a reload is no offline, whichever way the new connection and the end of the old one come', async (t) => {
  const comet = testComet(t)
  for (const isNewFirst of [true, false]) {
    const before = await comet.logIn(7)
    if (isNewFirst) await comet.logIn(7)
    before.close()
    if (!isNewFirst) await comet.logIn(7)
    comet.clock.advance(60_000)
    assert.deepEqual(edgesOf(comet), ['7 online'])
  }
})

test('who is logged out stays in a tracked pipe as a visitor: the others see the user leave', async (t) => {
  const comet = testComet(t)
  const [user, other] = [await comet.logIn(7, { uuid: 'one' }), comet.connect()]
  await other.subscribe('track_room')
  await user.subscribe('track_room')
  await (await comet.tenant()).credentials.deleteHashes([7])
  await user.settled()
  await other.settled()
  const seen = (browser: TestBrowser): unknown[] =>
    browser.messages.flatMap(({ pipe, event, data }) =>
      pipe === 'track_room' ? [[event, (data as { user_id: number }).user_id]] : [],
    )
  assert.deepEqual(seen(other), [
    ['subscription', 7],
    ['unsubscription', 7],
    ['subscription', 0],
  ])
  assert.deepEqual(seen(user), [], 'nothing about itself')
  user.command('track_pipe_users', 'track_room', 'list')
  assert.deepEqual(
    ((await user.next({ marker: 'list' })).data as { user_id: number }[]).map((one) => one.user_id),
    [0, 0],
  )
})

test('a list of members and the events around it agree, also where all happens in one turn', async (t) => {
  const comet = testComet(t)
  const [asker, one, two] = [comet.connect(), comet.connect({ uuid: 'one' }), comet.connect({ uuid: 'two' })]
  await asker.subscribe('track_room')
  await two.subscribe('track_room')
  await one.settled()
  const before = asker.lines.length
  one.command('subscription', 'track_room')
  two.close()
  asker.command('track_pipe_users', 'track_room', 'list')
  await asker.settled()
  assert.deepEqual(
    asker.messages.slice(before).map(({ event }) => event),
    ['subscription', 'unsubscription', 'answer', 'user_in_pipe'],
  )
})
