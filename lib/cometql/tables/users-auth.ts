import { checkLength, checkUserId } from '../../core/names.ts'
import { cometError } from '../../errors.ts'
import { inserted, int, required, text, userIds, type Table } from '../table.ts'

const maxHashLength = 32

export const usersAuth: Table = {
  name: 'users_auth',
  key: 'id',
  primaryKey: 'id',
  columns: [int('id'), text('hash', maxHashLength)],
  listing: 'limited',
  comment: 'The hash with which a user logs in',

  /** Only users that have a hash. */
  async select(tenant, keys) {
    const hashes = await tenant.credentials.hashes(keys && userIds(keys))
    return Array.from(hashes, ([id, hash]) => ({ id, hash }))
  },

  /** Replaces the former hash. */
  async insert(tenant, row) {
    const id = checkUserId(required(row, 'id'))
    await tenant.credentials.setHash(id, checkHash(required(row, 'hash')))
    return inserted(id)
  },

  /** Logs the sessions of these users out. */
  delete(tenant, keys) {
    return tenant.credentials.deleteHashes(userIds(keys))
  },
}

function checkHash(hash: string): string {
  checkLength('hash', hash, maxHashLength)
  if (!/^[0-9A-Za-z=+/_-]*$/.test(hash)) {
    throw cometError('COMET_ERR_INVALID', {
      column: 'hash',
      value: hash,
      rule: 'a hash has 0 to 32 characters of 0-9 A-Z a-z = + / _ -',
    })
  }
  return hash
}
