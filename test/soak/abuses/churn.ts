import { SignJWT } from 'jose'
import { createConnection } from 'mysql2/promise'
import type { Socket } from 'node:net'
import type { Random } from '../../fuzz/random.ts'
import { frame } from '../../support/frames.ts'
import type { Abuse, Place } from './abuse.ts'
import { command, openBrowser, type Passport } from './raw-browser.ts'
import { RawSockets } from './raw-socket.ts'

const lifeMs = 5000
/** Users from 1000 on, so many that each comes back now and then: what a server keeps of users is bounded by them. */
const firstUser = 1000
export const userCount = 200
/** Of pipes that nobody used before, and of tenants. */
const names = 1_000_000
const tenants = 500
const keptNames = 50
/** How many messages each of these keeps. */
const keep = 20

function hashOf(userId: number): string {
  return `hash-of-${userId}`
}

/** Visitors and users that come, do what pages do, and go. */
export async function churn({ port, password, sessions, random }: Place): Promise<Abuse> {
  const sockets = new RawSockets()
  const visitors = new Visitors(random, await tokensOf(password))
  const live = (socket: Socket): void => visitors.live(socket)
  return {
    perSecond: (sessions * 1000) / lifeMs,
    step: () => void openBrowser(sockets, port, visitors.passport(), random.below(2 * lifeMs), live),
    leave: () => sockets.closeAll(),
  }
}

/** A token for each user. */
function tokensOf(password: string): Promise<string[]> {
  const secret = new TextEncoder().encode(`${password}0`)
  return Promise.all(
    Array.from({ length: userCount }, (_, index) =>
      new SignJWT({ user_id: firstUser + index })
        .setProtectedHeader({ alg: 'HS256' })
        .setExpirationTime('1 day')
        .sign(secret),
    ),
  )
}

class Visitors {
  readonly #random: Random
  readonly #tokens: readonly string[]

  constructor(random: Random, tokens: readonly string[]) {
    this.#random = random
    this.#tokens = tokens
  }

  passport(): Passport {
    const index = this.#random.below(userCount)
    const userId = firstUser + index
    const version = 3 + this.#random.below(3)
    const uuid = String(this.#random.below(names))
    switch (this.#random.below(6)) {
      case 0:
        return { version, uuid, userId, key: this.#tokens[index] ?? '' }
      case 1:
        return { version, uuid, userId, key: hashOf(userId) }
      case 2:
        return { version, uuid, userId, key: 'wrong' }
      case 3:
        return { version, uuid, devId: 1 + this.#random.below(tenants) }
      default:
        return { version, uuid }
    }
  }

  /** Asks for all that a page may ask for; later the page subscribes anew, and one of three says goodbye. */
  live(socket: Socket): void {
    this.#ask(socket)
    this.#soon(socket, () => command(socket, ['subscription', ...this.#pipes(), 'no.such name', 'private_x']))
    if (this.#random.once(3)) this.#soon(socket, () => socket.end(frame(0x88, Buffer.from([0x03, 0xe8]))))
  }

  #ask(socket: Socket): void {
    const random = this.#random
    const web = `web_p${random.below(50)}`
    command(
      socket,
      ['subscription', web, ...this.#pipes()],
      ['web_pipe2', web, 'add', '*', `{"text":"${'x'.repeat(random.below(200))}"}`],
      ['pipe_count', web, 'm1'],
      ['pipe_log', `used${random.below(keptNames)}`, 'm2'],
      ['track_pipe_users', `track_p${random.below(20)}`, 'm3'],
      ['user_status', String(firstUser + random.below(userCount))],
      ['user_data', 'm4', String(firstUser + random.below(userCount))],
      ['nonsense', 'a', 'b'],
    )
  }

  /** Does `work` within the life of a page, if `socket` is still open then. */
  #soon(socket: Socket, work: () => void): void {
    const timer = setTimeout(work, this.#random.below(lifeMs))
    socket.on('close', () => clearTimeout(timer))
  }

  #pipes(): string[] {
    return Array.from({ length: 1 + this.#random.below(8) }, () => this.#pipe())
  }

  #pipe(): string {
    return this.#random.pick([
      `p${this.#random.below(names)}`,
      `web_p${this.#random.below(names)}`,
      `track_p${this.#random.below(20)}`,
      `used${this.#random.below(keptNames)}`,
    ])
  }
}

/** What is kept of the users and of pipes, all of it from the begin: memory that fills up would look like one that leaks. */
export async function prepareUsers({ cometqlPort: port, password }: Place): Promise<void> {
  const connection = await createConnection({ host: '127.0.0.1', port, user: 'root', password })
  const text = 'x'.repeat(1000)
  for (let id = firstUser; id < firstUser + userCount; id++) {
    await connection.query('INSERT INTO users_auth (id, hash) VALUES (?, ?)', [id, hashOf(id)])
    await connection.query('INSERT INTO users_data (id, data) VALUES (?, ?)', [id, text])
  }
  for (let n = 0; n < keptNames; n++) {
    const name = `used${n}`
    await connection.query('INSERT INTO pipes_settings (name, length) VALUES (?, ?)', [name, keep])
    const messages = Array.from({ length: keep }, () => [name, 'add', text])
    await connection.query('INSERT INTO pipes_messages (name, event, message) VALUES ?', [messages])
  }
  await connection.end()
}
