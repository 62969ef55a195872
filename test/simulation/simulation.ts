import { Database } from './durable-storage.ts'
import { Network } from './network.ts'
import { Page, type PageSettings } from './page.ts'
import { Server, type ServerSettings } from './server.ts'
import { Truth } from './truth.ts'
import { World } from './world.ts'

const pipes = ['news', 'web_chat', 'live', 'prices', 'track_room', 'user_status_1', 'user_status_2'] as const
const users = [0, 1, 1, 2] as const
/** Something happens as often, in milliseconds. */
const pace = { min: 20, max: 500 }
/** After that all has healed: a client finds a dead connection within 60 s, and comes back within 30 s. */
const healingMs = 150_000
const settlingMs = 5000

/** One run: pages, a server and a database in a network where things break, all of it decided by the seed. */
export class Simulation {
  readonly seed: number
  readonly #world: World
  readonly #network: Network
  readonly #truth = new Truth()
  readonly #database: Database
  readonly #settings: PageSettings
  readonly #serverSettings: ServerSettings
  readonly #problems: string[] = []
  readonly #keep: number
  #server: Server | undefined
  #pages: Page[] = []
  #lastPage = 0
  #lastText = 0
  #isHealing = false

  constructor(seed: number) {
    this.seed = seed
    const world = (this.#world = new World(seed))
    const { random } = world
    const buffer = random.pick([300, 1000, 10_000])
    const flakiness = random.pick([0, 0, 30])
    this.#network = new Network(world, { slowest: random.pick([1, 5, 30, 300]), buffer, flakiness })
    this.#database = new Database(world, this.#truth, random.pick([0, 0, 3, 50]))
    this.#keep = random.pick([2, 5, 20, 100, 1000])
    const wrong = (what: string): void => void this.#problems.push(`${world.now}: ${what}`)
    this.#settings = { world, network: this.#network, truth: this.#truth, received: new Set(), wrong }
    const maxBufferedBytes = random.pick([500, 3000, 1024 * 1024])
    const limits = { maxBufferedBytes, presenceGraceMs: random.pick([0, 1000, 5000]) }
    this.#serverSettings = { limits, authorizeMs: random.pick([0, 0, 20]), wrong }
    world.note(`seed ${seed}: ${JSON.stringify({ buffer, flakiness, keep: this.#keep, limits })}`)
  }

  /** @throws Error where something was not as it must be, with all that happened and how to see it again */
  async run(): Promise<void> {
    await this.#prepare()
    await this.#act(this.#world.random.pick([1000, 3000, 3000, 10_000, 10_000, 60_000]))
    if (this.#problems.length === 0) await this.#heal()
    if (this.#problems.length === 0) await this.#judge()
    for (const page of this.#pages) page.close()
    if (this.#problems.length > 0) throw new Error(this.#report())
  }

  async #prepare(): Promise<void> {
    const { data } = this.#database
    for (const pipe of ['news', 'web_chat']) await data.set('pipes_settings', 0, pipe, String(this.#keep))
    for (const userId of new Set(users)) await data.set('users_auth', 0, String(userId), `hash${userId}`)
    this.#start()
    const count = this.#world.between(1, 5)
    for (let i = 0; i < count; i++) this.#openPage()
  }

  async #act(ms: number): Promise<void> {
    const end = this.#world.now + ms
    while (this.#world.now < end && this.#problems.length === 0) {
      this.#step()
      await this.#world.pass(this.#world.chance(30) ? 0 : this.#world.between(pace.min, pace.max))
    }
  }

  /** Ends all faults, and gives the clients the time that they need. */
  async #heal(): Promise<void> {
    this.#world.note('all heals')
    this.#isHealing = true
    this.#network.flakiness = 0
    this.#start()
    this.#network.offline.clear()
    for (const link of this.#network.links) link.stall(false)
    for (const page of this.#pages) page.clock.wake()
    await this.#world.pass(healingMs)
    for (const pipe of ['news', 'web_chat', 'live', 'prices']) this.#publish(pipe)
    for (const userId of new Set(users)) if (userId > 0) this.#sendToUser(userId)
    await this.#world.pass(settlingMs)
  }

  async #judge(): Promise<void> {
    for (const page of this.#pages) page.end()
    const server = this.#server
    if (server === undefined) return
    const tenant = await server.tenant()
    await this.#judgePresence()
    if (server.sessions !== this.#pages.length)
      this.#wrong(`${server.sessions} sessions of ${this.#pages.length} pages`)
    const members = [...(tenant.pipe('track_room')?.sessions ?? [])].map(({ userId, uuid }) => `${userId} ${uuid}`)
    for (const page of this.#pages) this.#judgeMembers(page, members.toSorted())
    for (const userId of new Set(this.#pages.map((page) => page.userId))) {
      if (userId > 0) await this.#judgeMailbox(userId)
    }
  }

  async #judgePresence(): Promise<void> {
    const tenant = await this.#server?.tenant()
    const online = [...(tenant?.presence.onlineUserIds() ?? [])].toSorted()
    const here = [...new Set(this.#pages.map(({ userId }) => userId).filter((userId) => userId > 0))].toSorted()
    if (online.join() !== here.join()) this.#wrong(`online are ${online.join()}, but pages have ${here.join()}`)
  }

  #judgeMembers(page: Page, members: readonly string[]): void {
    if (!page.pipes.includes('track_room')) return
    const seen = page.members.of('track_room')
    if (seen?.join() !== members.join()) {
      this.#wrong(`${page.name} sees ${String(seen?.join())} in track_room, where ${members.join()} are`)
    }
  }

  async #judgeMailbox(userId: number): Promise<void> {
    const { epoch, entries } = await this.#database.data.read('users_messages', 0, String(userId))
    if (entries.length > 0) this.#wrong(`${entries.length} messages wait for user ${userId}, who is here`)
    for (const fact of this.#truth.of(`users_messages ${userId}`)) {
      const isLost = fact.epoch !== epoch // with all that the database had
      if (!isLost && !this.#settings.received.has(fact.text)) this.#wrong(`private ${fact.text} never came`)
    }
  }

  /** One thing that a page, a back-end or fate does. */
  #step(): void {
    const deeds: readonly (readonly [weight: number, deed: () => void])[] = [
      [30, () => this.#publish('news')],
      [4, () => this.#burst('news')],
      [8, () => this.#publish('live')],
      [8, () => this.#publish('prices')],
      [4, () => this.#burst('prices')],
      [8, () => this.#page()?.publish('web_chat')],
      [4, () => this.#publish('web_chat')],
      [10, () => this.#sendToUser(this.#world.between(1, 2))],
      [6, () => this.#page()?.subscribe(this.#world.random.pick(pipes))],
      [4, () => this.#page()?.unsubscribe(this.#world.random.pick(pipes))],
      [8, () => this.#link()?.cut()],
      [3, () => this.#link()?.halfOpen()],
      [2, () => this.#herd()],
      [6, () => this.#stall()],
      [2, () => this.#goOffline()],
      [2, () => this.#sleep()],
      [2, () => this.#openPage()],
      [2, () => this.#closePage()],
      [2, () => this.#reload()],
      [2, () => this.#crash()],
      [2, () => this.#restart()],
      [1, () => this.#jump()],
    ]
    let left = this.#world.random.below(deeds.reduce((sum, [weight]) => sum + weight, 0))
    for (const [weight, deed] of deeds) {
      left -= weight
      if (left < 0) {
        deed()
        return
      }
    }
  }

  #publish(pipe: string): void {
    const text = `m${++this.#lastText}`
    this.#world.note(`${text} into ${pipe}`)
    this.#server?.do((tenant) => {
      if (pipe === 'live' || pipe === 'prices') this.#truth.add(pipe, { text, epoch: '', seq: 0 })
      return tenant.publish({ pipe, event: 'add', text })
    })
  }

  #burst(pipe: string): void {
    const count = this.#world.between(2, 40)
    for (let i = 0; i < count; i++) this.#publish(pipe)
  }

  #sendToUser(userId: number): void {
    const text = `p${++this.#lastText}`
    this.#world.note(`private ${text} to user ${userId}`)
    this.#server?.do((tenant) => tenant.sendToUser(userId, { event: '', text }))
  }

  /** The network ends for all pages, and is back for all of them. */
  #herd(): void {
    this.#world.note('all lose the network, and have it again')
    for (const link of this.#network.links) link.cut()
    this.#world.in(60, () => {
      for (const page of this.#pages) page.online()
    })
  }

  #stall(): void {
    const link = this.#link()
    if (link === undefined) return
    this.#world.note('a page reads nothing')
    link.stall(true)
    this.#world.in(this.#world.between(50, 20_000), () => link.stall(false))
  }

  #goOffline(): void {
    const page = this.#page()
    if (page === undefined) return
    this.#world.note(`${page.name} has no network`)
    this.#network.offline.add(page.clock)
    for (const link of this.#network.links) if (link.page === page.clock) link.halfOpen()
    this.#world.in(this.#world.between(50, 60_000), () => {
      this.#network.offline.delete(page.clock)
      page.online()
    })
  }

  #sleep(): void {
    const page = this.#page()
    if (page === undefined) return
    this.#world.note(`${page.name} sleeps`)
    page.clock.isAsleep = true
    this.#world.in(this.#world.between(50, 100_000), () => page.clock.wake())
  }

  #openPage(): void {
    if (this.#pages.length >= 8) return
    const page = new Page(this.#settings, `page${++this.#lastPage}`, this.#world.random.pick(users))
    this.#world.note(`${page.name} of user ${page.userId} opens`)
    for (const pipe of pipes) if (this.#world.chance(50)) page.subscribe(pipe)
    this.#pages.push(page)
  }

  #closePage(): void {
    const page = this.#page()
    if (page === undefined || this.#pages.length === 1) return
    this.#world.note(`${page.name} closes`)
    page.close()
    this.#pages = this.#pages.filter((other) => other !== page)
  }

  #reload(): void {
    this.#closePage()
    this.#openPage()
  }

  #start(): void {
    if (this.#server !== undefined) return
    this.#world.note('the server starts')
    this.#server = new Server(this.#world, this.#network, this.#database, this.#serverSettings)
  }

  #crash(): void {
    const server = this.#server
    if (server === undefined) return
    const [isPowerLost, isWiped] = [this.#world.chance(20), this.#world.chance(10)]
    this.#world.note(
      `the server crashes${isPowerLost ? ', without power' : ''}${isWiped ? ', the database is lost' : ''}`,
    )
    server.crash(isPowerLost)
    this.#server = undefined
    if (isWiped) void this.#database.wipe()
    this.#startLater(0)
  }

  #restart(): void {
    if (this.#server === undefined) return
    this.#world.note('the server stops')
    this.#server.stop()
    this.#server = undefined
    this.#startLater(1002)
  }

  #startLater(from: number): void {
    this.#world.in(this.#world.between(from, from + 5000), () => this.#start())
  }

  /** Somebody sets the server's clock. */
  #jump(): void {
    const { clock } = this.#server ?? {}
    if (clock !== undefined) clock.offset += this.#world.between(-3_600_000, 3_600_000)
  }

  #page(): Page | undefined {
    return this.#pages.length > 0 ? this.#world.random.pick(this.#pages) : undefined
  }

  #link() {
    const links = [...this.#network.links]
    return links.length > 0 && !this.#isHealing ? this.#world.random.pick(links) : undefined
  }

  #wrong(what: string): void {
    this.#settings.wrong(what)
  }

  #report(): string {
    const { trace } = this.#world
    const problems = this.#problems.slice(0, 5).join('\n')
    return `${problems}\n\nSEED=${this.seed} runs exactly this again. What happened:\n${trace.slice(-lastTrace).join('\n')}`
  }
}

const lastTrace = Number(process.env.TRACE ?? 60)
