export { createCometServer, type AttachOptions, type CometServer } from './server.ts'
export type { AttachMode } from './http-attach.ts'
export type { CometServerOptions, CometqlOptions, TenantOptions } from './options.ts'
export type { TenantHandle } from './tenant-handle.ts'
export type { QueryResult, QueryValue } from './cometql/handler.ts'
export type { CometqlLimits } from './cometql/limits.ts'
export type { Clock, Timer } from './core/clock.ts'
export type { AuthorizeRequest, CometEvents, Limits, Logger, MessageInfo, SessionInfo } from './core/host.ts'
export type { CometqlLimitName, LimitName, Metrics } from './core/limits/metrics.ts'
export type { PipeRule, PipeRules, SlowConsumer } from './core/pipe-rules.ts'
export type { Published } from './core/tenant.ts'
export type { Broker, BrokerConnection, BrokerReceiver } from './broker/broker.ts'
export { memoryBroker } from './broker/memory.ts'
export { CometError, errorRegistry, type ErrorCode } from './errors.ts'
export { memoryStorage } from './storage/memory.ts'
export type { Dropped, Entry, LogName, Storage, StoredEntry, StoredLog, TableName } from './storage/storage.ts'
export { longPoll, type LongPollOptions } from './transports/long-poll.ts'
export { memory, type MemoryBrowser, type MemoryTransport, type ReceivedMessage } from './transports/memory.ts'
export { sse, type SseOptions } from './transports/sse.ts'
export type {
  Accept,
  Connection,
  Hello,
  HttpRoutes,
  OnLimit,
  PageRights,
  PageRightsOf,
  Receiver,
  Transport,
  TransportLimitName,
  TransportLimits,
} from './transports/transport.ts'
export { webSocket, type WebSocketOptions } from './transports/websocket.ts'
