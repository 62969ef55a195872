import { andThen } from '../maybe-promise.ts'
import { int, optional, readOnly, required, text, type Row, type Table } from '../table.ts'
import type { TenantView } from '../tenant-view.ts'

export const pipesMessages: Table = {
  name: 'pipes_messages',
  key: 'name',
  primaryKey: 'id',
  columns: [
    readOnly(text('id', 36)),
    readOnly(int('time')),
    text('name', 64),
    readOnly(int('index')),
    text('event', 64),
    text('message'),
    readOnly(int('user_id')),
  ],
  listing: 'limited',
  comment: 'Publishes into a pipe; shows its history',

  /** The history of each pipe, oldest message first. */
  async select(tenant, names) {
    const histories = (names ?? [...tenant.history.settings.keys()]).map((name) => history(tenant, name))
    return (await Promise.all(histories)).flat()
  },

  /** Publishing. Done once the message is kept (where the pipe keeps history), not once browsers have it. */
  insert(tenant, row) {
    const given = optional(row, 'id')
    const id = given === '' || given === '0' ? undefined : given
    const message = { pipe: required(row, 'name'), event: required(row, 'event'), text: required(row, 'message'), id }
    const published = tenant.publish(message)
    return andThen(published, ({ offset = 0, isDuplicate = false }) => ({
      insertId: offset,
      affectedRows: isDuplicate ? 0 : 1,
    }))
  },

  async delete(tenant, names) {
    const counts = await Promise.all(names.map((name) => tenant.history.clear(name)))
    return counts.reduce((sum, count) => sum + count, 0)
  },

  deleteRow(tenant, row) {
    return tenant.history.deleteMessage(required(row, 'id'), optional(row, 'name'))
  },
}

async function history(tenant: TenantView, name: string): Promise<Row[]> {
  const kept = await tenant.history.read(name)
  return kept.map(({ id, time, event, message, userId }, index) => ({
    id,
    time,
    name,
    index,
    event,
    message,
    user_id: userId,
  }))
}
