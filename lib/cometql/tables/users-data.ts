import { checkUserId } from '../../core/names.ts'
import { inserted, int, required, text, userIds, type Table } from '../table.ts'

export const usersData: Table = {
  name: 'users_data',
  key: 'id',
  primaryKey: 'id',
  columns: [int('id'), text('data')],
  listing: 'limited',
  comment: 'A text for each user that every page may read',

  async select(tenant, keys) {
    const texts = await tenant.userData.get(keys && userIds(keys))
    return Array.from(texts, ([id, data]) => ({ id, data }))
  },

  /** Replaces the former text. */
  async insert(tenant, row) {
    const id = checkUserId(required(row, 'id'))
    await tenant.userData.set(id, required(row, 'data'))
    return inserted(id)
  },

  delete(tenant, keys) {
    return tenant.userData.delete(userIds(keys))
  },
}
