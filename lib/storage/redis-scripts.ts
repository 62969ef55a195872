// What Redis runs in one go. Every script names all its keys, and those of one script are in one slot of a Redis Cluster.

/** The rows of a table (a hash): field, value, field, value… */
export const getAll = `return redis.call('HGETALL', KEYS[1])`

/** The values of some fields; false where there is none. */
export const getSome = `
local values = {}
for i, field in ipairs(ARGV) do values[i] = redis.call('HGET', KEYS[1], field) end
return values`

export const set = `redis.call('HSET', KEYS[1], ARGV[1], ARGV[2]) return 1`

/** How many of the fields were there. */
export const remove = `
local count = 0
for _, field in ipairs(ARGV) do count = count + redis.call('HDEL', KEYS[1], field) end
return count`

/** The value of a key, made from the argument where it is missing. */
export const getOrMake = `
redis.call('SET', KEYS[1], ARGV[1], 'NX')
return redis.call('GET', KEYS[1])`

/**
 * A log is a hash with its last number and its epoch, and a sorted set with its entries. ARGV: the last number that the
 * caller knows of, an epoch for the case that the log does not know of it, the epoch of a log that is made.
 */
const openLog = `
local meta = redis.call('HMGET', KEYS[1], 'seq', 'epoch')
local seq = tonumber(meta[1] or '0')
local epoch = meta[2] or ARGV[3]
local known = tonumber(ARGV[1])
if seq < known then
  seq = known
  epoch = ARGV[2]
  redis.call('HSET', KEYS[1], 'seq', string.format('%.0f', seq), 'epoch', epoch)
end`

/** ARGV[4]: the entry, ARGV[5]: how many the log keeps. Returns the entry's number, and how many entries it cut off. */
export const append = `${openLog}
seq = seq + 1
local number = string.format('%.0f', seq)
redis.call('HSET', KEYS[1], 'seq', number, 'epoch', epoch)
redis.call('ZADD', KEYS[2], number, number .. ':' .. ARGV[4])
return { seq, redis.call('ZREMRANGEBYRANK', KEYS[2], 0, -1 - tonumber(ARGV[5])) }`

/**
 * ARGV[4]: the number behind which to read, ARGV[5]: how many entries at most, -1 for all. Returns the epoch, the last
 * number, and the entries with their numbers.
 */
export const read = `${openLog}
return { epoch, seq, redis.call('ZRANGEBYSCORE', KEYS[2], '(' .. ARGV[4], '+inf', 'LIMIT', 0, ARGV[5]) }`

/** Returns how many entries from ARGV[1] through ARGV[2] there were. */
export const cut = `return redis.call('ZREMRANGEBYSCORE', KEYS[1], ARGV[1], ARGV[2])`
