import type { Table } from '../table.ts'
import { pipesMessages } from './pipes-messages.ts'
import { pipesSettings } from './pipes-settings.ts'
import { pipes } from './pipes.ts'
import { revokedTokens } from './revoked-tokens.ts'
import { usersAuth } from './users-auth.ts'
import { usersData } from './users-data.ts'
import { usersInPipes } from './users-in-pipes.ts'
import { usersMessages } from './users-messages.ts'
import { usersTime } from './users-time.ts'

/** The tables of the database CometQL_v1 by their names, which are in small letters. */
export const cometTables: ReadonlyMap<string, Table> = new Map(
  [
    pipes,
    pipesMessages,
    pipesSettings,
    revokedTokens,
    usersAuth,
    usersData,
    usersInPipes,
    usersMessages,
    usersTime,
  ].map((table) => [table.name, table]),
)
