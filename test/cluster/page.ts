/** A page of protocol 5 that listens to `news`, is in `track_news`, and goes to another node when it loses its own. */
export interface Page {
  /** What came in `news`, in the order in which it came. */
  readonly received: readonly { readonly offset: number; readonly text: string }[]
  /** What was not as promised: a message out of order or twice, or a recovery that failed. */
  readonly problems: readonly string[]
  /** Whether it is connected to one of the nodes at these ports. */
  isAtOneOf(ports: readonly number[]): boolean
  close(): void
}
