import { int, text, type Row, type Table } from '../table.ts'
import type { TenantView } from '../tenant-view.ts'

export const usersInPipes: Table = {
  name: 'users_in_pipes',
  key: 'name',
  columns: [
    text('name', 64),
    int('user_id'),
    text('user_uuid', 32),
    text('user_agent'),
    text('ip', 45),
    text('origin'),
    text('language'),
  ],
  listing: 'limited',
  comment: 'Who is subscribed to a pipe',

  /** One row for every subscribed session; of anonymous visitors with user_id 0. */
  select(tenant, names) {
    return (names ?? [...tenant.pipeNames()]).flatMap((name) => members(tenant, name))
  },
}

function members(tenant: TenantView, name: string): Row[] {
  return Array.from(tenant.audience(name).sessions, ({ userId, uuid, userAgent, ip, origin, language }) => ({
    name,
    user_id: userId,
    user_uuid: uuid,
    user_agent: userAgent,
    ip,
    origin,
    language,
  }))
}
