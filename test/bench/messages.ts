/** What the processes of a benchmark say to each other. */
export interface Task {
  /** Messages published in one turn of the event loop. */
  readonly burst: number
  /** How long to publish, in milliseconds. */
  readonly ms: number
}

/** Server process -> conductor. */
export type ServerReport =
  | { readonly type: 'listening'; readonly port: number; readonly cometqlPort?: number }
  | { readonly type: 'published'; readonly messages: number; readonly cpuMs: number; readonly wallMs: number }

/** Conductor -> server process. */
export type ServerOrder =
  { readonly type: 'publish'; readonly task: Task } | { readonly type: 'received'; readonly messages: number }

/** Load process -> conductor. */
export type LoadReport =
  | { readonly type: 'ready' }
  | { readonly type: 'counting' }
  | { readonly type: 'progress'; readonly messages: number }
  | {
      readonly type: 'done'
      readonly messages: number
      readonly deliveries: number
      readonly problems: readonly string[]
      readonly busy: number
    }

/** Conductor -> load process. */
export type LoadOrder =
  | {
      readonly type: 'connect'
      readonly port: number
      readonly path: string
      readonly connections: number
      readonly commands: readonly string[]
      readonly marker: string
      /** What the answer to the last command holds; '' where there is none. */
      readonly confirmation: string
    }
  | { readonly type: 'count' }
  | { readonly type: 'expect'; readonly messages: number }

/** The message that all servers publish: about 128 bytes, with a number that must grow by one. */
export function benchMessage(n: number): string {
  return `{"n":${n},"text":"${'x'.repeat(90)}"}`
}
