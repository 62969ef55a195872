import { checkUserId } from '../../core/names.ts'
import { andThen } from '../maybe-promise.ts'
import { inserted, int, readOnly, required, text, userIds, type Row, type Table } from '../table.ts'
import type { TenantView } from '../tenant-view.ts'

export const usersMessages: Table = {
  name: 'users_messages',
  key: 'id',
  columns: [int('id'), readOnly(int('index')), text('event', 64), text('message')],
  // Which users have a queue is not known.
  listing: 'never',
  comment: 'Sends a private message to a user; shows those that still wait',

  /** The messages that wait, oldest first. */
  async select(tenant, keys) {
    const queues = userIds(keys ?? []).map((id) => queue(tenant, id))
    return (await Promise.all(queues)).flat()
  },

  /** To every session of the user, or into the queue of a user who is away. */
  insert(tenant, row) {
    const id = checkUserId(required(row, 'id'))
    const message = { event: required(row, 'event'), text: required(row, 'message') }
    return andThen(tenant.sendToUser(id, message), () => inserted(id))
  },

  async delete(tenant, keys) {
    const counts = await Promise.all(userIds(keys).map((id) => tenant.mailbox.clear(id)))
    return counts.reduce((sum, count) => sum + count, 0)
  },
}

async function queue(tenant: TenantView, id: number): Promise<Row[]> {
  return (await tenant.mailbox.waiting(id)).map(({ event, message }, index) => ({ id, index, event, message }))
}
