/** What a server process is to publish. */
export interface Task {
  /** Messages in one turn of the event loop; with a `rate` as many as are due. */
  readonly burst: number
  /** Messages a second; 0: as many as the subscribers receive. */
  readonly rate: number
  /** How long, in milliseconds. */
  readonly ms: number
  /** To so many pipes (or users) in turn. */
  readonly pipes: number
  /** Not more than so many messages are on their way: enough to keep the server busy, little enough for memory. */
  readonly ahead: number
  readonly target: 'pipe' | 'user'
}

/** Server process -> conductor. */
export type ServerReport =
  | {
      readonly type: 'listening'
      readonly port: number
      /** Whose processor time and memory count. */
      readonly pid: number
      readonly cometqlPort?: number
    }
  | { readonly type: 'published'; readonly messages: number; readonly startedAt: number }
  | { readonly type: 'collected' }

/** Conductor -> server process. */
export type ServerOrder =
  | { readonly type: 'publish'; readonly task: Task }
  | { readonly type: 'received'; readonly messages: number }
  /** Of servers in Node, which are started with --expose-gc for that: to collect their garbage. */
  | { readonly type: 'collect' }

/** What a subscriber waits for, and says then. In a `say`, # stands for the subscriber's number. */
export interface Step {
  readonly expect: string
  readonly say?: readonly string[]
}

/** How one becomes a subscriber of a server. */
export interface Subscribing {
  /** The path of a WebSocket; undefined for plain TCP. In it # stands for the subscriber's number. */
  readonly path?: string
  readonly steps: readonly Step[]
  /** So many numbers there are: those that have the same share a pipe. Default: each has a number of its own. */
  readonly numbers?: number
}

/** Whether all subscribers get the same messages, each its own, or all the comings and goings of others. */
export type StreamKind = 'shared' | 'own' | 'presence'

/** Load process -> conductor. */
export type LoadReport =
  /** `busy`: see `LoadResult`. */
  | { readonly type: 'ready'; readonly ms: number; readonly busy: number }
  | { readonly type: 'counting' }
  | { readonly type: 'churned'; readonly events: number; readonly startedAt: number }
  | { readonly type: 'progress'; readonly messages: number }
  | ({ readonly type: 'done' } & LoadResult)

export interface LoadResult {
  readonly deliveries: number
  /** When the last of them came, see `microseconds`. */
  readonly lastAt: number
  /** What was lost, doubled, out of order or different. */
  readonly problems: readonly string[]
  /** The share of a processor that the load process took, 0 to 1; near 1 it was the bottleneck. */
  readonly busy: number
  /** From the moment a message was due to its arrival, in milliseconds. */
  readonly p50: number
  readonly p99: number
}

/** Conductor -> load process. */
export type LoadOrder =
  | {
      readonly type: 'connect'
      readonly port: number
      readonly connections: number
      readonly subscribing: Subscribing
      readonly streams: StreamKind
    }
  | { readonly type: 'count' }
  | ({ readonly type: 'churn' } & Churn)
  | { readonly type: 'expect'; readonly deliveries: number }

/** Others who come to a pipe and leave it again. */
export interface Churn {
  readonly port: number
  /** How they connect, without the pipe. */
  readonly subscribing: Subscribing
  readonly connections: number
  readonly pipe: string
  /** Joins and leaves a second, together. */
  readonly rate: number
  readonly ms: number
}

/** Before a message's number, which has `numberDigits` digits. */
export const numberMark = '"n":"'
export const numberDigits = 9
/** Before the moment at which it was due, which has `timeDigits` digits; it follows the number. */
export const timeMark = '","t":"'
export const timeDigits = 16

/** The message that all servers publish: 128 bytes, with a number that must grow by one and when it was due. */
export function benchMessage(n: number, due = microseconds()): string {
  const number = String(n).padStart(numberDigits, '0')
  const time = String(Math.floor(due)).padStart(timeDigits, '0')
  return `{${numberMark}${number}${timeMark}${time}","text":"${filling}"}`
}

const filling = 'x'.repeat(78)

/** The id of the user whom the subscriber of this number logs in as: 0 would be nobody. */
export function userOf(number: number | string): string {
  return `1${number}`
}

/** The time of a clock that all processes of this machine share, in microseconds. */
export function microseconds(): number {
  return Number(process.hrtime.bigint() / 1000n)
}
