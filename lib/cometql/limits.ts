import type { Limits } from '../mysql-server-protocol-lite/index.ts'

/** What back-ends may use: what the MySQL protocol bounds, and the size of results. Each has an error that names it. */
export interface CometqlLimits extends Limits {
  /**
   * The values of one result, those of its subqueries and of open cursors included, in bytes; more is COMET_ERR_RESULT_SIZE. It is also for
   * programs in this process. Default 128 MiB: a pipe of 99 messages of 1 MiB each can be read.
   */
  readonly maxResultBytes: number
}
