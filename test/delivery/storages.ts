import { memoryStorage } from '../../lib/index.ts'
import type { StorageCase } from './delivery.ts'

/** Memory that outlives the server, as a database beside it does. */
export function lastingMemory(): StorageCase {
  const storage = { ...memoryStorage(), close: () => Promise.resolve() }
  return { name: 'memory', open: () => storage }
}
