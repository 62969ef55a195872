/**
 * Every error that star-comet raises: a stable code, the CometQL (MySQL) error number, the SQLSTATE that lets drivers
 * classify it, and the sentence, in which `{name}` is filled in where it is raised. ERRORS.md documents them; a test
 * holds both against each other.
 */
export const errorRegistry = {
  COMET_ERR_NOT_IMPLEMENTED: { number: 2, sqlState: '0A000', message: '{what} is not supported' },
  COMET_ERR_SYNTAX: {
    number: 3,
    sqlState: '42000',
    message: 'Syntax error: expected {expected} near "{near}" at position {position}',
  },
  COMET_ERR_READ_ONLY: { number: 10, sqlState: 'HY000', message: 'Table {table} is read only: it has no {verb}' },
  COMET_ERR_TOO_LONG: {
    number: 11,
    sqlState: '22001',
    message: '{column} is too long: {size} {unit}, the limit is {limit}',
  },
  COMET_ERR_RESULT_SIZE: {
    number: 11,
    sqlState: '22001',
    message:
      'The result has more than {limit} bytes: ask for fewer rows or columns, or raise the option cometql.limits.maxResultBytes',
  },
  COMET_ERR_INVALID: { number: 12, sqlState: '22023', message: '{column} "{value}" is not valid: {rule}' },
  COMET_ERR_REQUIRED: { number: 12, sqlState: '22023', message: '{column} is required: give it a value in the INSERT' },
  COMET_ERR_NO_CONDITION: {
    number: 13,
    sqlState: '42000',
    message: '{statement} needs a condition on the key of {table}, for example WHERE {key} = {example}',
  },
  COMET_ERR_COLUMNS: { number: 14, sqlState: '42S22', message: '{problem}; the columns of {table} are {columns}' },
  COMET_ERR_NO_TABLE: {
    number: 15,
    sqlState: '42S02',
    message: 'Table "{table}" does not exist; the tables are {tables}',
  },
  COMET_ERR_TOO_SHORT: {
    number: 17,
    sqlState: '22001',
    message: '{column} is too short: {size} characters, it needs at least {limit}',
  },
  COMET_ERR_TOO_MANY_CONDITIONS: {
    number: 18,
    sqlState: '42000',
    message: 'Too many conditions: {count}, the limit is {limit}',
  },
  COMET_ERR_TOO_MUCH_WORK: {
    number: 18,
    sqlState: '42000',
    message: '{what} takes more than {limit} steps, which would hold up all others: {hint}',
  },
  COMET_ERR_TOO_MANY_VALUES: {
    number: 19,
    sqlState: '42000',
    message: 'Too many values: {count}, the limit is {limit}',
  },
  COMET_ERR_TOO_MANY_COLUMNS: {
    number: 20,
    sqlState: '42000',
    message: 'Too many columns: {count}, the limit is {limit}',
  },
  COMET_ERR_TOO_MANY_NAMES: { number: 21, sqlState: '42000', message: 'Too many names: {count}, the limit is {limit}' },
  COMET_ERR_NO_SESSION: {
    number: 401,
    sqlState: '28000',
    message:
      'The path names no "{parameter}": connect to ws://HOST/ws/sesion=KEY&myid=USER_ID&devid=DEV_ID&v=4.0&uuid=UUID&api=js',
  },
  COMET_ERR_CREDENTIALS: {
    number: 401,
    sqlState: '28000',
    message: 'The key of user {user} is not valid, or not any more: get a new one, and log in with it',
  },
  COMET_ERR_DENIED: { number: 403, sqlState: '42000', message: 'Access denied: {what}' },
  COMET_ERR_NO_DEV_ID: { number: 406, sqlState: '28000', message: 'The path names no "devid"' },
  COMET_ERR_NO_VERSION: { number: 418, sqlState: '28000', message: 'The path names no "v", the version of the client' },
  COMET_ERR_ORIGIN: {
    number: 423,
    sqlState: '28000',
    message:
      'Pages of the origin "{origin}" may not connect; add it to the option "origins", or, behind a proxy, set "trustProxy"',
  },
  COMET_ERR_LIMIT: {
    number: 429,
    sqlState: 'HY000',
    message: '{what}: that is the limit ({limit}); wait, and try again',
  },
  COMET_ERR_INTERNAL: {
    number: 500,
    sqlState: 'HY000',
    message: 'Internal error; the log of the server has the details',
  },
  COMET_ERR_BROKER: { number: 503, sqlState: 'HY000', message: 'The other nodes cannot be reached: {problem}' },
  COMET_ERR_STORAGE: { number: 503, sqlState: 'HY000', message: 'The storage cannot be used: {problem}' },
  COMET_ERR_TIMEOUT: {
    number: 504,
    sqlState: 'HYT00',
    message: '{what} took longer than {limit} ms (loginTimeoutMs): try again later',
  },
  COMET_ERR_LOGIN: {
    number: 1045,
    sqlState: '28000',
    message: 'Access denied for user "{user}": the user is the dev_id (or root), the password its key',
  },
  COMET_ERR_NO_DATABASE: {
    number: 1049,
    sqlState: '42000',
    message: 'Unknown database "{database}"; it is called CometQL_v1',
  },
  COMET_ERR_INTERRUPTED: {
    number: 1317,
    sqlState: '70100',
    message: 'The statement was stopped: it was killed, or the server is closing',
  },
  COMET_ERR_OPTION: { number: 12, sqlState: '22023', message: 'Option "{option}" is {value}; it must be {rule}' },
  COMET_ERR_CLOSED: { number: 1, sqlState: 'HY000', message: 'The comet server is closed' },
} as const satisfies Record<string, { number: number; sqlState: string; message: string }>

/** A stable code of the registry, for example `COMET_ERR_NO_TABLE`. */
export type ErrorCode = keyof typeof errorRegistry

type Placeholders<Template extends string> = Template extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Placeholders<Rest>
  : never

/** What an error's sentence wants filled in. */
export type ErrorDetails<Code extends ErrorCode> = Readonly<
  Record<Placeholders<(typeof errorRegistry)[Code]['message']>, string | number>
>

/** The longest excerpt of a user's value that an error repeats, in characters. */
const maxExcerpt = 64

/** The details that are mostly the server's own words, and may be longer. */
const ownWords: ReadonlySet<string> = new Set(['columns', 'expected', 'hint', 'problem', 'rule', 'tables', 'what'])
const maxOwnWords = 1000

/** An error meant for the user of the library, of CometQL or of the browser client. */
export class CometError extends Error {
  override readonly name = 'CometError'
  /** Stable, for programs. */
  readonly code: ErrorCode
  /** The error number that CometQL clients and browsers see. */
  readonly number: number
  /** Five characters; lets MySQL drivers classify the error. */
  readonly sqlState: string

  constructor(code: ErrorCode, message: string) {
    super(message)
    const { number, sqlState } = errorRegistry[code]
    this.code = code
    this.number = number
    this.sqlState = sqlState
  }
}

/** Makes the error `code` with its sentence filled in. Long values are cut to 64 characters. */
export function cometError<Code extends ErrorCode>(code: Code, details: ErrorDetails<Code>): CometError {
  const filled = errorRegistry[code].message.replace(/\{(\w+)\}/g, (_, name: string) =>
    excerpt(String((details as Record<string, string | number>)[name]), ownWords.has(name) ? maxOwnWords : maxExcerpt),
  )
  return new CometError(code, filled)
}

function excerpt(value: string, limit: number): string {
  return value.length > limit ? `${value.slice(0, limit)}…` : value
}
