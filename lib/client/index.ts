export { CometClient } from './comet-client.ts'
export type {
  CometClientEvents,
  CometClientOptions,
  CometMessage,
  MessageCallback,
  StateChange,
  SubscribeOptions,
} from './comet-client.ts'
export { CometClientError } from './comet-client-error.ts'
export type { ConnectionState } from './transports/connection.ts'
export type { LogLevel } from './logger.ts'
export type { MessageIterator } from './subscriptions/message-stream.ts'
export type { AnyWebSocket, GetToken } from './options.ts'
export type { Published } from './server-message.ts'
export type { TransportName } from './transports/transport-name.ts'
