import { checkLength } from '../../core/names.ts'
import { cometError } from '../../errors.ts'
import { inserted, required, text, type Table } from '../table.ts'

const maxTokenLength = 4096

export const revokedTokens: Table = {
  name: 'revoked_tokens',
  key: 'token',
  primaryKey: 'token',
  columns: [text('token', maxTokenLength)],
  listing: 'always',
  comment: 'JWTs that are no longer accepted',

  async select(tenant, tokens) {
    return (await tenant.credentials.revoked(tokens)).map((token) => ({ token }))
  },

  /** Logs the sessions of this JWT out. */
  async insert(tenant, row) {
    const token = required(row, 'token')
    if (token === '') throw cometError('COMET_ERR_REQUIRED', { column: 'token' })
    checkLength('token', token, maxTokenLength)
    await tenant.credentials.revoke(token)
    return inserted(0)
  },

  delete(tenant, tokens) {
    return tenant.credentials.unrevoke(tokens)
  },
}
