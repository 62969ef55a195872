import type { Dropped, Entry, LogName, TableName } from './storage.ts'

/** A call of the storage as data. */
export type Call =
  | { readonly kind: 'get'; readonly table: TableName; readonly devId: number; readonly keys?: readonly string[] }
  | {
      readonly kind: 'set'
      readonly table: TableName
      readonly devId: number
      readonly key: string
      readonly value: string
    }
  | { readonly kind: 'delete'; readonly table: TableName; readonly devId: number; readonly keys: readonly string[] }
  | {
      readonly kind: 'append'
      readonly log: LogName
      readonly devId: number
      readonly key: string
      readonly entry: Entry
      readonly keep: number
      readonly dropped?: Dropped | undefined
    }
  | {
      readonly kind: 'read'
      readonly log: LogName
      readonly devId: number
      readonly key: string
      readonly after: number
      readonly limit?: number | undefined
    }
  | {
      readonly kind: 'remove'
      readonly log: LogName
      readonly devId: number
      readonly key: string
      readonly from: number
      readonly through: number
    }

export type Kind = Call['kind']

export type CallOf<One extends Kind> = Extract<Call, { readonly kind: One }>

/** Calls of one kind that are done with a few statements together. */
export interface Step {
  readonly kind: Kind
  readonly calls: Call[]
}

/** Of these, calls for the same key can be in one step, where they count in their order. */
const joinable: ReadonlySet<Kind> = new Set<Kind>(['get', 'set', 'append', 'read'])

/**
 * Sorts calls into few steps, so that calls for one key, or for a whole table, keep their order. Calls for different keys
 * may change places: nobody has seen the answer of the one before making the other.
 */
export function plan(calls: readonly Call[]): Step[] {
  const steps: Step[] = []
  const lastSteps = new Map<string, number>()
  for (const call of calls) {
    const { after, marks } = placesOf(call)
    const earliest = after.reduce(
      (step, place) => Math.max(step, firstAfter(steps, lastSteps.get(place), call.kind)),
      0,
    )
    let at = steps.findIndex(({ kind }, index) => index >= earliest && kind === call.kind)
    if (at === -1) at = steps.push({ kind: call.kind, calls: [] }) - 1
    steps[at]?.calls.push(call)
    for (const place of marks) lastSteps.set(place, Math.max(at, lastSteps.get(place) ?? 0))
  }
  return steps
}

/** After whose last step a call has to come, and whose last step it is. */
interface Places {
  readonly after: readonly string[]
  readonly marks: readonly string[]
}

function placesOf(call: Call): Places {
  if ('log' in call) {
    const place = `${call.devId} ${call.log} ${call.key}`
    return { after: [place], marks: [place] }
  }
  const [all, any] = [`all ${call.devId} ${call.table}`, `any ${call.devId} ${call.table}`]
  const keys = call.kind === 'set' ? [call.key] : call.keys
  if (keys === undefined) return { after: [any], marks: [all, any] }
  const places = keys.map((key) => `${call.devId} ${call.table} ${key}`)
  return { after: [...places, all], marks: [...places, any] }
}

function firstAfter(steps: readonly Step[], last: number | undefined, kind: Kind): number {
  if (last === undefined) return 0
  return steps[last]?.kind === kind && joinable.has(kind) ? last : last + 1
}
