import { randomUUID } from 'node:crypto'
import { cometError } from '../errors.ts'
import { checkRedisClient, RedisScripts, type RedisScripting } from './redis-client.ts'
import * as scripts from './redis-scripts.ts'
import type { Dropped, Entry, LogName, Storage, StoredEntry, StoredLog, TableName } from './storage.ts'
import { checkWait } from './wait-option.ts'

export type { IoredisScripting, NodeRedisScripting, RedisScripting } from './redis-client.ts'

/** Options of `redisStorage()`. */
export interface RedisStorageOptions {
  /**
   * A client of `ioredis` or `redis` (of `redis` a connected one), also of a Redis Cluster. It stays yours: listen to its
   * `error` event, and close it after the server. With ioredis set `autoResendUnfulfilledCommands: false`, else what was
   * on its way when the connection broke may be stored twice. Redis MUST NOT evict keys: leave its `maxmemory-policy` at
   * `noeviction`, the default.
   */
  readonly client: RedisScripting
  /** What all keys begin with, without braces. Default `star-comet:`. */
  readonly prefix?: string
  /** How long a call waits for Redis before it fails, in milliseconds. Default 5000. */
  readonly patienceMs?: number
}

/** Of as many logs it is remembered how far they got. */
const maxKnown = 10_000

/**
 * Keeps everything in Redis 7 or Valkey, also a Redis Cluster: tables as hashes, logs as sorted sets. What was answered
 * survives as your Redis is set up: with `appendfsync always` the crash of the machine, with `everysec` (its default) all
 * but the last second, without persistence nothing but the end of our process. Where Redis lost messages that this server
 * knew of, after a restart or a failover, the log gets a new epoch, and pages are told.
 * @throws CometError COMET_ERR_OPTION
 */
export function redisStorage({ client, prefix = 'star-comet:', patienceMs = 5000 }: RedisStorageOptions): Storage {
  checkRedisClient(client)
  checkPrefix(prefix)
  checkWait('redisStorage.patienceMs', patienceMs)
  const redis = new RedisScripts(client, patienceMs)
  const tables = new RedisTables(redis, prefix)
  const logs = new RedisLogs(redis, prefix)
  const ready = (): void => void logs.findEpoch().catch(() => undefined) // whoever needs it hears of the error

  return {
    async open() {
      await logs.findEpoch()
      client.on('ready', ready)
    },

    async close() {
      client.off('ready', ready)
      await redis.drained()
    },

    get: (table, devId, keys) => tables.get(table, devId, keys),
    set: (table, devId, key, value) => tables.set(table, devId, key, value),
    delete: (table, devId, keys) => tables.delete(table, devId, keys),

    append: (log, devId, key, entry, keep, dropped) => logs.append(log, devId, key, entry, keep, dropped),
    read: (log, devId, key, after = 0, limit) => logs.read(log, devId, key, after, limit),
    remove: (log, devId, key, from, through) => logs.remove(log, devId, key, from, through),
  }
}

/** The tables: a hash for each and tenant. */
class RedisTables {
  readonly #redis: RedisScripts
  readonly #prefix: string

  constructor(redis: RedisScripts, prefix: string) {
    this.#redis = redis
    this.#prefix = prefix
  }

  async get(table: TableName, devId: number, keys?: readonly string[]): Promise<Map<string, string>> {
    const hash = this.#keysOf(table, devId)
    if (keys === undefined) return pairs((await this.#redis.run(scripts.getAll, hash, [])) as string[])
    const wanted = [...new Set(keys)]
    const values = (await this.#redis.run(scripts.getSome, hash, wanted)) as (string | null)[]
    return new Map(
      wanted.flatMap((key, index): [string, string][] => {
        const value = values[index] ?? undefined
        return value === undefined ? [] : [[key, value]]
      }),
    )
  }

  async set(table: TableName, devId: number, key: string, value: string): Promise<void> {
    await this.#redis.run(scripts.set, this.#keysOf(table, devId), [key, value])
  }

  async delete(table: TableName, devId: number, keys: readonly string[]): Promise<number> {
    return (await this.#redis.run(scripts.remove, this.#keysOf(table, devId), keys)) as number
  }

  #keysOf(table: TableName, devId: number): string[] {
    return [`${this.#prefix}{${devId}:${table}}`]
  }
}

/** The logs, with what is known of them: so it is found out when Redis has lost something. */
class RedisLogs {
  readonly #redis: RedisScripts
  readonly #prefix: string
  /** Of logs in which nothing was ever appended. */
  #epoch = ''
  /** The last number that we know of; those not used for longest first. */
  readonly #known = new Map<string, number>()

  constructor(redis: RedisScripts, prefix: string) {
    this.#redis = redis
    this.#prefix = prefix
  }

  /** Redis may have been emptied since it was asked last. */
  async findEpoch(): Promise<void> {
    this.#epoch = (await this.#redis.run(scripts.getOrMake, [`${this.#prefix}epoch`], [randomUUID()])) as string
  }

  async append(
    log: LogName,
    devId: number,
    key: string,
    entry: Entry,
    keep: number,
    dropped?: Dropped,
  ): Promise<number> {
    const name = this.#name(log, devId, key)
    const args = [...this.#opening(name), textOf(entry), String(keep)]
    const answer = await this.#redis.run(scripts.append, keysOf(name), args)
    const [seq, surplus] = answer as [number, number]
    this.#note(name, seq)
    if (surplus > 0) dropped?.(surplus)
    return seq
  }

  async read(log: LogName, devId: number, key: string, after: number, limit = -1): Promise<StoredLog> {
    const name = this.#name(log, devId, key)
    const args = [...this.#opening(name), String(after), String(limit)]
    const answer = await this.#redis.run(scripts.read, keysOf(name), args)
    const [epoch, lastSeq, entries] = answer as [string, number, string[]]
    if (lastSeq > 0) this.#note(name, lastSeq)
    return { epoch, lastSeq, entries: entries.map(entryOf) }
  }

  async remove(log: LogName, devId: number, key: string, from: number, through: number): Promise<number> {
    const [, entries = ''] = keysOf(this.#name(log, devId, key))
    const range = [from, through].map((seq) => (seq === Infinity ? '+inf' : String(seq)))
    return (await this.#redis.run(scripts.cut, [entries], range)) as number
  }

  /** The braces let the keys of one log be in one slot. */
  #name(log: LogName, devId: number, key: string): string {
    return `${this.#prefix}{${devId}:${log}:${key}}`
  }

  #opening(name: string): string[] {
    return [String(this.#known.get(name) ?? 0), randomUUID(), this.#epoch]
  }

  #note(name: string, seq: number): void {
    const last = Math.max(seq, this.#known.get(name) ?? 0)
    this.#known.delete(name)
    this.#known.set(name, last)
    if (this.#known.size <= maxKnown) return
    const [oldest = ''] = this.#known.keys()
    this.#known.delete(oldest)
  }
}

function keysOf(name: string): string[] {
  return [`${name}:log`, `${name}:entries`]
}

function textOf({ id, time, event, message, userId, json }: Entry): string {
  return JSON.stringify([id, time, event, message, userId, json])
}

/** `text`: the number, a colon, and what `textOf` made. */
function entryOf(text: string): StoredEntry {
  const colon = text.indexOf(':')
  const [id, time, event, message, userId, json] = JSON.parse(text.slice(colon + 1)) as [
    string,
    number,
    string,
    string,
    number,
    boolean,
  ]
  return { seq: Number(text.slice(0, colon)), id, time, event, message, userId, json }
}

function pairs(flat: readonly string[]): Map<string, string> {
  const rows = new Map<string, string>()
  for (let at = 0; at + 1 < flat.length; at += 2) rows.set(flat[at] ?? '', flat[at + 1] ?? '')
  return rows
}

/** Braces in front of ours would take the keys of one log to different slots of a Redis Cluster. */
function checkPrefix(prefix: unknown): void {
  if (typeof prefix === 'string' && !/[{}]/.test(prefix)) return
  const rule = 'a text without { and }'
  throw cometError('COMET_ERR_OPTION', { option: 'redisStorage.prefix', value: String(prefix), rule })
}
