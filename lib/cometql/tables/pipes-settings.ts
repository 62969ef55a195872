import { checkPipeName } from '../../core/names.ts'
import { cometError } from '../../errors.ts'
import { inserted, int, required, text, type Table } from '../table.ts'

export const pipesSettings: Table = {
  name: 'pipes_settings',
  key: 'name',
  primaryKey: 'name',
  columns: [text('name', 64), int('length')],
  listing: 'limited',
  comment: 'How many messages a pipe keeps',

  select(tenant, names) {
    const { settings } = tenant.history
    return (names ?? [...settings.keys()]).flatMap((name) => {
      const length = settings.get(name)
      return length === undefined ? [] : [{ name, length }]
    })
  },

  /** Replaces the former setting. */
  async insert(tenant, row) {
    const name = checkPipeName(required(row, 'name'))
    await tenant.history.setKeep(name, checkLength(required(row, 'length')))
    return inserted(0)
  },

  /** Drops what the pipe kept, too. */
  async delete(tenant, names) {
    const counts = await Promise.all(names.map((name) => tenant.history.dropKeep(name)))
    return counts.reduce((sum, count) => sum + count, 0)
  },
}

/** More than the limit counts as the limit, as in the original; what is no whole number does not. */
function checkLength(value: string): number {
  const length = value.trim() === '' ? NaN : Number(value)
  if (Number.isSafeInteger(length) && length >= 0) return length
  throw cometError('COMET_ERR_INVALID', { column: 'length', value, rule: 'it must be a whole number from 0 to 1000' })
}
