import { describe, test } from 'node:test'
import { whyNoMariadb } from '../support/mariadb-server.ts'
import { isComplete } from './short.ts'
import { mariadb, sqliteFile } from './storages.ts'

describe('clients of protocol 5, cut at random moments, get each message once and in order, through restarts, too', () => {
  test('with SQLite', async () => isComplete(await sqliteFile()))
  test('with MariaDB', { skip: whyNoMariadb() ?? false }, async () => isComplete(await mariadb()))
})
