import type { Scalar } from '../parse/ast.ts'
import type { CometqlSession } from '../session.ts'
import { toNumber } from '../expressions/values.ts'
import { whole } from './conversion.ts'
import type { Functions } from './function.ts'

/** What drivers ask about their session and the server. */
export const sessionFunctions: Functions = {
  VERSION: { min: 0, type: 'text', apply: (_, { environment }) => environment.version },
  DATABASE: { min: 0, type: 'text', apply: (_, { database }) => (database === '' ? null : database) },
  SCHEMA: { min: 0, type: 'text', apply: (_, { database }) => (database === '' ? null : database) },
  USER: { min: 0, type: 'text', apply: (_, session) => userAtHost(session) },
  SESSION_USER: { min: 0, type: 'text', apply: (_, session) => userAtHost(session) },
  SYSTEM_USER: { min: 0, type: 'text', apply: (_, session) => userAtHost(session) },
  CURRENT_USER: { min: 0, type: 'text', apply: (_, { identity }) => `${identity.user}@%` },
  CURRENT_ROLE: { min: 0, type: 'text', apply: () => null },
  CONNECTION_ID: { min: 0, type: 'bigint', apply: (_, { identity }) => identity.connectionId },
  LAST_INSERT_ID: { min: 0, max: 1, type: 'bigint', apply: lastInsertId },
  ROW_COUNT: { min: 0, type: 'bigint', apply: (_, { rowCount }) => rowCount },
  FOUND_ROWS: { min: 0, type: 'bigint', apply: (_, { foundRows }) => foundRows },
  CHARSET: { min: 1, type: 'text', apply: () => 'utf8mb4' },
  COLLATION: { min: 1, type: 'text', apply: () => 'utf8mb4_general_ci' },
}

/** With an argument that is what the next call gives (MySQL Reference: LAST_INSERT_ID(expr)). */
function lastInsertId([id]: readonly Scalar[], session: CometqlSession): Scalar {
  if (id !== undefined && id !== null) {
    const wanted = Number(whole(toNumber(id), typeof id === 'string', false))
    session.lastInsertId = Math.min(Math.max(wanted, 0), Number.MAX_SAFE_INTEGER)
  }
  return session.lastInsertId
}

function userAtHost({ identity }: CometqlSession): string {
  return `${identity.user}@${identity.remoteAddress === '' ? 'localhost' : identity.remoteAddress}`
}
