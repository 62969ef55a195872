import type { QueryResult, QueryValue } from './cometql/handler.ts'
import type { Published, Tenant } from './core/tenant.ts'
import { cometError } from './errors.ts'
import { shown } from './option-checks.ts'

/** A tenant as programs in this process use it: the same as a back-end's CometQL, without the way over the network. */
export interface TenantHandle {
  readonly devId: number
  /**
   * Publishes into a pipe. Resolves when the message is on its way, and stored where the pipe keeps history.
   * @param pipe 2 to 64 characters of `0-9A-Za-z_=+/-`
   * @param event 0 to 64 characters; may be empty
   * @param data a string that is a JSON object or array arrives parsed, as from INSERT; any other string arrives as that
   * string; anything else as the JSON value that it is
   * @throws CometError for a name, size or data that is not right
   */
  publish(pipe: string, event: string, data: unknown): Promise<Published>
  /**
   * Sends a private message: to all connections of the user, or into the queue of a user who is away.
   * @param data as for `publish`
   * @throws CometError for a user id, event, size or data that is not right
   */
  sendToUser(userId: number, event: string, data: unknown): Promise<void>
  /**
   * Runs a CometQL statement; `?` in it stand for `values`. Resolves to the rows, or to what an INSERT or DELETE did.
   * @throws CometError with the number that a back-end would get
   */
  query(sql: string, values?: readonly QueryValue[]): Promise<QueryResult>
}

/**
 * Makes a handle that finds its tenant anew for each call, since a tenant in which nobody is may be freed.
 * @throws CometError COMET_ERR_INVALID for a `devId` that is no whole number from 0
 */
export function tenantHandle(
  devId: number,
  get: (devId: number) => Promise<Tenant>,
  run: (tenant: Tenant, sql: string, values: readonly QueryValue[]) => Promise<QueryResult>,
): TenantHandle {
  if (!Number.isSafeInteger(devId) || devId < 0) invalid('dev_id', devId, 'a tenant is a whole number from 0')
  return {
    devId,

    async publish(pipe, event, data) {
      checkString('name', pipe)
      checkString('event', event)
      const tenant = await get(devId)
      return await tenant.publish({ pipe, event, ...textOf(data) })
    },

    async sendToUser(userId, event, data) {
      if (typeof userId !== 'number') invalid('id', userId, 'a user id is a whole number above 0')
      checkString('event', event)
      const tenant = await get(devId)
      await tenant.sendToUser(userId, { event, ...textOf(data) })
    },

    async query(sql, values = []) {
      checkString('sql', sql)
      if (!Array.isArray(values)) invalid('values', values, 'a list with a value for each ? of the statement')
      return await run(await get(devId), sql, values)
    },
  }
}

function textOf(data: unknown): { text: string; json: boolean } {
  if (typeof data === 'string') return { text: data, json: false }
  const text = jsonOf(data)
  if (text === undefined) return invalid('data', data, 'a string, or a value that JSON can say')
  return { text, json: true }
}

/** undefined for what JSON has no word for: undefined, functions, symbols. */
function jsonOf(data: unknown): string | undefined {
  try {
    return JSON.stringify(data)
  } catch (error) {
    const [problem = ''] = String(error).split('\n') // below it, V8 draws the circle
    return invalid('data', data, `a string, or a value that JSON can say (${problem})`)
  }
}

function checkString(column: string, value: unknown): void {
  if (typeof value !== 'string') invalid(column, value, 'it must be a string')
}

function invalid(column: string, value: unknown, rule: string): never {
  throw cometError('COMET_ERR_INVALID', { column, value: shown(value), rule })
}
