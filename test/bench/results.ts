import type { Sample, Scenario, Sizes, Subject } from './scenario.ts'

/** What all rounds of one subject measured. */
export interface Result {
  readonly subject: string
  readonly title: string
  readonly rounds: number
  /** The medians. */
  readonly values: Readonly<Record<string, number>>
  /** The smallest and the largest. */
  readonly spreads: Readonly<Record<string, readonly [number, number]>>
  readonly problems: readonly string[]
  /** The busiest that the load process was, 0 to 1. */
  readonly busy: number
}

/** What a scenario measured. */
export interface ScenarioResult {
  readonly scenario: Scenario
  readonly results: readonly Result[]
  /** What was left out, and how to install it. */
  readonly missing: readonly string[]
}

/** Measures all subjects in turn, `rounds` times; `only` names those to measure, where it is not empty. */
export async function measure(
  scenario: Scenario,
  sizes: Sizes,
  rounds: number,
  only: readonly string[],
): Promise<ScenarioResult> {
  const asked = scenario.subjects.filter(({ name }) => only.length === 0 || only.includes(name))
  const subjects = asked.filter(({ missing }) => missing === undefined)
  const samples = new Map<Subject, Sample[]>(subjects.map((subject) => [subject, []]))
  for (let round = 0; round < rounds; round++) {
    for (const [subject, list] of samples) list.push(await subject.measure(sizes))
  }
  return {
    scenario,
    results: [...samples].map(([subject, list]) => resultOf(subject, list)),
    missing: asked.flatMap(({ name, missing }) => (missing === undefined ? [] : [`${name}: ${missing}`])),
  }
}

function resultOf({ name, title }: Subject, samples: readonly Sample[]): Result {
  const names = [...new Set(samples.flatMap(({ values }) => Object.keys(values)))]
  const listOf = (value: string): number[] => samples.map(({ values }) => values[value] ?? NaN).sort((a, b) => a - b)
  return {
    subject: name,
    title,
    rounds: samples.length,
    values: Object.fromEntries(names.map((value) => [value, median(listOf(value))])),
    spreads: Object.fromEntries(names.map((value) => [value, [listOf(value)[0] ?? NaN, listOf(value).at(-1) ?? NaN]])),
    problems: [...new Set(samples.flatMap(({ problems }) => problems))],
    busy: Math.max(...samples.map(({ busy }) => busy)),
  }
}

/** Of a list that is sorted. */
export function median(sorted: readonly number[]): number {
  const [low = NaN, high = NaN] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[Math.floor(sorted.length / 2)]]
  return (low + high) / 2
}
