/** An error that the client is meant to see. Other exceptions reach it as "Internal error" only. */
export class MysqlError extends Error {
  override readonly name = 'MysqlError'
  /** MySQL's error number, 1 to 65535: drivers and pools classify by it. */
  readonly number: number
  /** Five characters, for example `42000`. */
  readonly sqlState: string

  constructor(message: string, number = 1105, sqlState = 'HY000') {
    super(message)
    this.number = number
    this.sqlState = sqlState
  }
}

/** What an ERR packet says. Any thrown object of this shape is shown to the client, whatever its class. */
export interface ClientError {
  readonly number: number
  readonly sqlState: string
  readonly message: string
}

/** Tells an error meant for the client from a fault of the program. */
export function isClientError(error: unknown): error is ClientError {
  if (typeof error !== 'object' || error === null) return false
  const { number, sqlState, message } = error as Partial<Record<keyof ClientError, unknown>>
  return typeof number === 'number' && typeof sqlState === 'string' && typeof message === 'string'
}

/** Login bytes that are no login: the connection ends. */
export function badHandshake(why: string): MysqlError {
  return new MysqlError(`Bad handshake: ${why}`, 1043, '08S01')
}

/** A command whose bytes end early or contradict themselves; the packet's borders are known, so the connection goes on. */
export function malformedPacket(what: string): MysqlError {
  return new MysqlError(`Malformed packet: ${what}`, 1835, 'HY000')
}
