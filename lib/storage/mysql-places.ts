import { createHash } from 'node:crypto'

/** Names a row or a log in 32 bytes, however long its key is; an index takes no more than 3072. */
export function placeOf(name: string, devId: number, key: string): Buffer {
  return createHash('sha256').update(`${devId} ${name} ${key}`).digest()
}
