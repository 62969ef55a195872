import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { decodeJwt, jwtVerify, type JWTPayload } from 'jose'
import type { Clock } from '../clock.ts'
import type { Storage } from '../../storage/storage.ts'
import { ownText } from '../texts.ts'

/** Who a visitor turned out to be. */
export interface Identity {
  readonly userId: number
  /** What `serverInfo` tells the client to use as its key from now on. */
  readonly key: string
  /** Milliseconds since the epoch at which the login ends; Infinity for a stored hash. */
  readonly expiresAt: number
  /** Names the JWT behind the login, so that revoking the one ends the other; '' for a stored hash. */
  readonly tokenId: string
}

const tokenIdLength = 8
const macLength = 16
const expiryLength = 7
/** The last second that fits into `expiryLength` digits of base 36. */
const lastExpiry = 36 ** expiryLength - 1

/** Ends with a space, which no JWT has. */
const markPrefix = 'session-hashes-of '

/** The credentials of a tenant's users: stored hashes, JWTs and the list of revoked ones. */
export class Credentials {
  readonly #storage: Storage
  readonly #clock: Clock
  readonly #devId: number
  readonly #key: string | undefined
  readonly #ended: (userId: number, tokenId: string) => void

  /**
   * `key` is the tenant's CometQL password; without it, or with an empty one, there is no JWT login. `ended` is told when the logins of a user
   * end: those by the JWT `tokenId`, or all of them where it is ''.
   */
  constructor(
    storage: Storage,
    clock: Clock,
    devId: number,
    key: string | undefined,
    ended: (userId: number, tokenId: string) => void,
  ) {
    this.#storage = storage
    this.#clock = clock
    this.#devId = devId
    this.#key = key === '' ? undefined : key // with an empty secret anybody could sign a JWT
    this.#ended = ended
  }

  /**
   * Looks at what a browser says it is: `sesion` is the stored hash, a JWT (HS256, secret = password followed by the
   * decimal dev_id, `user_id` and `exp` required), or a session hash that was given out for a JWT.
   * Resolves to undefined for anybody else.
   */
  async verify(userId: number, sesion: string): Promise<Identity | undefined> {
    if (sesion === '' || userId <= 0) return undefined
    if (sesion.includes('.')) return await this.#verifyToken(userId, sesion)
    const stored = (await this.hashes([userId])).get(userId)
    if (stored !== undefined && stored !== '' && sameText(stored, sesion)) {
      return { userId, key: stored, expiresAt: Infinity, tokenId: '' }
    }
    return await this.#verifySessionHash(userId, sesion)
  }

  /** The stored hashes of `userIds`, or of everybody. */
  async hashes(userIds?: readonly number[]): Promise<Map<number, string>> {
    return byNumber(await this.#storage.get('users_auth', this.#devId, userIds?.map(String)))
  }

  /** Stores the hash with which a user logs in. */
  setHash(userId: number, hash: string): Promise<void> {
    return this.#storage.set('users_auth', this.#devId, String(userId), hash)
  }

  /** Logs the users out; resolves to how many of them had a hash. */
  async deleteHashes(userIds: readonly number[]): Promise<number> {
    const deleted = await this.#storage.delete('users_auth', this.#devId, userIds.map(String))
    for (const userId of userIds) this.#ended(userId, '')
    return deleted
  }

  /** Those of `tokens` that are revoked, or all that are. */
  async revoked(tokens?: readonly string[]): Promise<string[]> {
    const keys = (await this.#storage.get('revoked_tokens', this.#devId, tokens)).keys()
    return [...keys].filter((key) => !key.startsWith(markPrefix))
  }

  /** From now on `token` is not accepted; who logged in with it is logged out. */
  async revoke(token: string): Promise<void> {
    const time = String(Math.floor(this.#clock.now() / 1000))
    await Promise.all(
      [token, markOf(tokenIdOf(token))].map((key) => this.#storage.set('revoked_tokens', this.#devId, key, time)),
    )
    const userId = userOf(token)
    if (userId !== undefined) this.#ended(userId, tokenIdOf(token))
  }

  /** Resolves to how many of `tokens` were revoked. */
  async unrevoke(tokens: readonly string[]): Promise<number> {
    const marks = tokens.map((token) => markOf(tokenIdOf(token)))
    const [deleted] = await Promise.all(
      ([tokens, marks] as const).map((keys) => this.#storage.delete('revoked_tokens', this.#devId, keys)),
    )
    return deleted ?? 0
  }

  async #verifyToken(userId: number, token: string): Promise<Identity | undefined> {
    const payload = await this.#payload(token)
    if (payload === undefined || Number(payload.user_id) !== userId || payload.exp === undefined) return undefined
    if ((await this.revoked([token])).length > 0) return undefined
    const stored = await this.hashes([userId])
    if (!stored.has(userId)) await this.setHash(userId, randomBytes(16).toString('hex'))
    const tokenId = tokenIdOf(token)
    return { userId, key: this.#sessionHash(userId, payload.exp, tokenId), expiresAt: payload.exp * 1000, tokenId }
  }

  async #payload(token: string): Promise<JWTPayload | undefined> {
    if (this.#key === undefined) return undefined
    const secret = new TextEncoder().encode(`${this.#key}${this.#devId}`)
    try {
      const options = { algorithms: ['HS256'], requiredClaims: ['exp'], currentDate: new Date(this.#clock.now()) }
      return (await jwtVerify(token, secret, options)).payload
    } catch {
      return undefined
    }
  }

  /** At most 31 characters of `[0-9A-Za-z_-]`: when it ends, which JWT it stands for, and a MAC over both and the user. */
  #sessionHash(userId: number, exp: number, tokenId: string): string {
    const head = Math.min(Math.floor(exp), lastExpiry).toString(36).padStart(expiryLength, '0') + tokenId
    return head + this.#mac(userId, head)
  }

  async #verifySessionHash(userId: number, sesion: string): Promise<Identity | undefined> {
    if (this.#key === undefined || sesion.length !== expiryLength + tokenIdLength + macLength) return undefined
    const head = sesion.slice(0, expiryLength + tokenIdLength)
    if (!sameText(sesion.slice(head.length), this.#mac(userId, head))) return undefined
    const expiresAt = Number.parseInt(head.slice(0, expiryLength), 36) * 1000
    const tokenId = head.slice(expiryLength)
    if (!(expiresAt > this.#clock.now())) return undefined
    const mark = markOf(tokenId)
    if ((await this.#storage.get('revoked_tokens', this.#devId, [mark])).size > 0) return undefined
    return { userId, key: ownText(sesion), expiresAt, tokenId }
  }

  #mac(userId: number, head: string): string {
    const mac = createHmac('sha256', `star-comet session hash ${this.#key ?? ''}`)
    return mac.update(`${this.#devId} ${userId} ${head}`).digest('base64url').slice(0, macLength)
  }
}

/** The user whom a JWT names, whether it is valid or not. */
function userOf(token: string): number | undefined {
  try {
    return Number(decodeJwt(token).user_id)
  } catch {
    return undefined // not a JWT: nobody logged in with it
  }
}

/** The key under which `revoked_tokens` also has a revoked JWT: a session hash knows no more than the id of its own. */
function markOf(tokenId: string): string {
  return markPrefix + tokenId
}

/** Names a JWT without being one. */
function tokenIdOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url').slice(0, tokenIdLength)
}

/** Whether two texts are the same, in a time that tells nothing about where they differ. */
export function sameText(a: string, b: string): boolean {
  return timingSafeEqual(createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest())
}

function byNumber(rows: ReadonlyMap<string, string>): Map<number, string> {
  return new Map([...rows].map(([id, value]) => [Number(id), value]))
}
