/** What streams count for a subscriber. */
export interface Counted {
  /** Bytes and messages that came since counting began. */
  bytes: number
  messages: number
}

/** Checks and counts what subscribers receive. */
export interface Streams {
  /** Begins to count; who subscribes later is not counted. */
  begin(subscribers: readonly Counted[]): void
  /** `bytes` came for `subscriber` at `now`, in microseconds; they are valid only during the call. */
  receive(subscriber: Counted, bytes: Buffer, now: number): void
  /** How many messages all have that are to get them; the publisher keeps so many ahead of it. */
  readonly received: number
  readonly deliveries: number
  readonly problems: readonly string[]
}
