import { int, text, type Table } from '../table.ts'

export const pipes: Table = {
  name: 'pipes',
  key: 'name',
  primaryKey: 'name',
  columns: [text('name', 64), int('users')],
  listing: 'limited',
  comment: 'How many sessions are subscribed to a pipe',

  /** One row for every name asked for: 0 users in a pipe that nobody knows. */
  select(tenant, names) {
    return (names ?? [...tenant.pipeNames()]).map((name) => ({ name, users: tenant.audience(name).size }))
  },
}
