/** What one round of one subject measured. */
export interface Sample {
  readonly values: Readonly<Record<string, number>>
  /** What was lost, doubled or out of order: the figures are worth nothing then. */
  readonly problems: readonly string[]
  /** The share of a processor that the load process took, 0 to 1. */
  readonly busy: number
}

/** One of those that a scenario compares. */
export interface Subject {
  readonly name: string
  readonly title: string
  /** How to install what it needs; undefined when nothing is missing. */
  readonly missing?: string | undefined
  measure(sizes: Sizes): Promise<Sample>
}

/** One figure of a scenario. */
export interface Column {
  readonly name: string
  readonly title: string
  readonly show: (value: number) => string
}

/** One table of the benchmark. */
export interface Scenario {
  readonly name: string
  readonly title: string
  /** The first is the one whose spread is shown, and whose ratio to `base`. */
  readonly columns: readonly Column[]
  readonly subjects: readonly Subject[]
  /** The subject with which the others are compared. */
  readonly base?: string
  /** Its subjects are sizes: the table tells how the first column grows with them. */
  readonly isGrowth?: boolean
}

/** How large a run is. */
export interface Sizes {
  /** How long one measurement takes, in milliseconds. */
  readonly ms: number
  /** By how much the numbers of subscribers, pipes and messages are divided: the tests of the benchmark run it small. */
  readonly divisor: number
}

export const thousands = (value: number): string => {
  if (value >= 999_500) return `${(value / 1e6).toFixed(2)} M`
  if (value >= 9950) return `${(value / 1000).toFixed(0)} k`
  return value >= 100 ? value.toFixed(0) : value.toFixed(1)
}
export const milliseconds = (value: number): string => `${value < 100 ? value.toFixed(1) : value.toFixed(0)} ms`
export const percent = (value: number): string => `${value.toFixed(0)} %`
export const micros = (value: number): string => `${value.toFixed(value < 1 ? 3 : value < 100 ? 1 : 0)} µs`
export const bytes = (value: number): string =>
  value < 10_240 ? `${Math.round(value) + 0} B` : `${(value / 1024).toFixed(1)} KB`
export const megabytes = (value: number): string => `${(value / 1e6).toFixed(0)} MB`
