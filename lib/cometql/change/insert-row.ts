import type { MaybePromise } from '../maybe-promise.ts'
import { longText, type Inserted, type Row, type Table } from '../table.ts'
import type { TenantView } from '../tenant-view.ts'
import { checkMessageSize, type MessageLimit } from '../expressions/text-size.ts'

/** A table that is not read only. */
export type Insertable = Table & { readonly insert: NonNullable<Table['insert']> }

/** Where a column says nothing else, a text is as long as a message may be: `maxMessageBytes`. */
export function insertRow(row: Row, table: Insertable, view: TenantView, limit: MessageLimit): MaybePromise<Inserted> {
  for (const { name, sqlType } of table.columns) {
    const value = sqlType === longText ? row[name] : undefined
    if (typeof value === 'string') checkMessageSize(name, value, limit)
  }
  return table.insert(view, row)
}
