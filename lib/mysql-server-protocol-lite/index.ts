export { MysqlError } from './errors.ts'
export type {
  ColumnDef,
  ColumnType,
  DeferredResult,
  Login,
  MysqlHandler,
  OkResult,
  Result,
  Row,
  RowsResult,
  SessionStatus,
  Value,
} from './handler.ts'
export { defaultLimits, type Clock, type Limits, type TlsOptions } from './options.ts'
export { createMysqlServer, type ConnectionInfo, type MysqlServer, type MysqlServerOptions } from './server.ts'
