import type { QueryResult, QueryValue } from './cometql/handler.ts'
import { cometError } from './errors.ts'
import type { Published, Tenant } from './core/tenant.ts'

/** A tenant as programs in this process use it: the same as a back-end's CometQL, without the way over the network. */
export interface TenantHandle {
  readonly devId: number
  /**
   * Publishes into a pipe. Resolves when the message is on its way, and stored where the pipe keeps history.
   * @param pipe 2 to 64 characters of `0-9A-Za-z_=+/-`
   * @param event 0 to 64 characters; may be empty
   * @param data a string arrives as that string; anything else as the JSON value that it is
   * @throws CometError for a name or size that is not right
   */
  publish(pipe: string, event: string, data: unknown): Promise<Published>
  /**
   * Sends a private message: to all connections of the user, or into the queue of a user who is away.
   * @throws CometError for a user id, event or size that is not right
   */
  sendToUser(userId: number, event: string, data: unknown): Promise<void>
  /**
   * Runs a CometQL statement; `?` in it stand for `values`. Resolves to the rows, or to what an INSERT or DELETE did.
   * @throws CometError with the number that a back-end would get
   */
  query(sql: string, values?: readonly QueryValue[]): Promise<QueryResult>
}

/** Makes a handle that finds its tenant anew for each call, since a tenant in which nobody is may be freed. */
export function tenantHandle(
  devId: number,
  get: (devId: number) => Promise<Tenant>,
  run: (tenant: Tenant, sql: string, values: readonly QueryValue[]) => Promise<QueryResult>,
): TenantHandle {
  return {
    devId,

    async publish(pipe, event, data) {
      const tenant = await get(devId)
      return await tenant.publish({ pipe, event, ...textOf(data) })
    },

    async sendToUser(userId, event, data) {
      const tenant = await get(devId)
      await tenant.sendToUser(userId, { event, ...textOf(data) })
    },

    async query(sql, values = []) {
      return await run(await get(devId), sql, values)
    },
  }
}

function textOf(data: unknown): { text: string; json: boolean } {
  if (typeof data === 'string') return { text: data, json: false }
  const text = JSON.stringify(data) as string | undefined // undefined for what JSON cannot say
  if (text !== undefined) return { text, json: true }
  throw cometError('COMET_ERR_INVALID', {
    column: 'data',
    value: typeof data,
    rule: 'a string, or a value that JSON can say',
  })
}
