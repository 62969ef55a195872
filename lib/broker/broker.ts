/**
 * What joins several servers ("nodes") into one: every message that a node publishes comes to every node, the publisher's
 * own included, in one order that is the same for all of them. A message is opaque text, up to some MiB.
 *
 * One Broker MAY be given to several servers of one process; each connects for itself.
 */
export interface Broker {
  /**
   * Joins. MUST resolve when messages that anybody publishes from now on come to `receiver`; MUST NOT call it before.
   * MUST reject with a sentence that says what is wrong and what to do.
   */
  connect(receiver: BrokerReceiver): Promise<BrokerConnection>
}

/** The node, as its connection to the others sees it. Its methods do not throw. */
export interface BrokerReceiver {
  /** MUST be called once for each message, in the one order, never twice for one `publish` that resolved. */
  message(text: string): void
  /**
   * MUST be called when messages may have been lost, because the connection to the engine was, and only once new ones
   * come again.
   */
  gap(): void
}

/** One node's place among the others. */
export interface BrokerConnection {
  /**
   * Sends to every node. What one connection publishes MUST keep the order of the calls, without waiting for one another.
   * MUST resolve when the engine has the message. While the engine is away it MUST wait for it, but within a bound, and
   * then reject with COMET_ERR_BROKER; the message MAY arrive nevertheless.
   */
  publish(text: string): Promise<void>
  /** MUST free everything that `connect` took; afterwards nothing comes, and `publish` rejects. */
  close(): Promise<void>
}
