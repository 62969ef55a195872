import { int, userIds, type Table } from '../table.ts'

export const usersTime: Table = {
  name: 'users_time',
  key: 'id',
  primaryKey: 'id',
  columns: [int('id'), int('time')],
  listing: 'limited',
  comment: 'When a user was online last: 0 is now, -1 never',

  /** One row for every id asked for. Without ids: who is online, and who can log in. */
  async select(tenant, keys) {
    const ids = keys === undefined ? await knownUsers(tenant) : userIds(keys)
    return Array.from(await tenant.presence.lastOnline(ids), ([id, time]) => ({ id, time }))
  },
}

async function knownUsers(tenant: Parameters<Table['select']>[0]): Promise<number[]> {
  const known = new Set((await tenant.credentials.hashes()).keys())
  for (const id of tenant.presence.onlineUserIds()) known.add(id)
  return [...known]
}
