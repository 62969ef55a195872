import type { Environment } from '../environment.ts'

const storageKey = 'CometServerApi.uuid'
const uuidPattern = /^[\w.-]{1,32}$/

/** The uuid of this browser: kept in its storage, so that all tabs and later visits have the same. */
export function browserUuid(environment: Environment): string {
  try {
    const kept = environment.storage?.getItem(storageKey)
    if (typeof kept === 'string' && uuidPattern.test(kept)) return kept
    const uuid = environment.newUuid()
    environment.storage?.setItem(storageKey, uuid)
    return uuid
  } catch {
    return environment.newUuid() // Storage full or denied: a visitor for this page only.
  }
}
