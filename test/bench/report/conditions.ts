import { readFileSync } from 'node:fs'
import { cpus, loadavg, totalmem, type } from 'node:os'
import { canPin } from '../processes.ts'

/** What the figures depend on. */
export interface Conditions {
  readonly processor: string
  readonly cores: number
  readonly memory: string
  readonly system: string
  readonly node: string
  /** Processes that wanted to run in the last minute, before the benchmark began. */
  readonly load: number
  readonly pinned: boolean
  readonly date: string
}

export function conditions(): Conditions {
  return {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    system: systemName(),
    node: process.version,
    load: loadavg()[0] ?? NaN,
    pinned: canPin,
    date: new Date().toISOString().slice(0, 10),
  }
}

/** The conditions and the sizes in a sentence or two; `rounds` are those of each scenario. */
export function conditionsText(on: Conditions, rounds: readonly number[], seconds: number, divisor = 1): string {
  const [fewest, most] = [Math.min(...rounds), Math.max(...rounds)]
  const places = on.pinned
    ? 'the server on one core, the load on the other'
    : 'server and load where the system put them'
  const load = on.load > on.cores / 2 ? ` The machine was busy with other things (load ${on.load.toFixed(1)}).` : ''
  const small = divisor === 1 ? '' : ` All numbers of subscribers, pipes and messages were divided by ${divisor}.`
  return (
    `${on.date}, Node ${on.node}, ${on.cores} × ${on.processor}, ${on.memory}, ${on.system}; ${places}. Loopback, messages ` +
    `of 128 bytes; medians of ${fewest < most ? `${fewest} to ` : ''}${most} ${most === 1 ? 'round' : 'rounds'} of ` +
    `${seconds} s, the servers in turn.${small}${load}`
  )
}

function systemName(): string {
  try {
    return /^PRETTY_NAME="(.*)"$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? type()
  } catch {
    return type()
  }
}
