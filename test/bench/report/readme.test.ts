// What the benchmark says of figures that are worth nothing.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { median, type Result, type ScenarioResult } from '../results.ts'
import { scenarios } from '../scenarios/index.ts'
import { verdicts } from '../targets.ts'
import { conditions, conditionsText } from './conditions.ts'
import { verdictList, writeReadme } from './readme.ts'

const result = (subject: string, perCpuSecond: number, other: Partial<Result> = {}): Result => ({
  subject,
  title: subject,
  rounds: 1,
  values: { perCpuSecond },
  spreads: {},
  problems: [],
  busy: 0,
  ...other,
})

/** A run of one scenario, in which star-comet is 20 times as fast as `ws`. */
function runOf(own: Partial<Result> = {}): readonly ScenarioResult[] {
  const scenario = scenarios.find(({ name }) => name === 'fan-out-1000-bursts')
  assert.ok(scenario !== undefined)
  return [{ scenario, results: [result('star-comet', 2_000_000, own), result('ws', 100_000)], missing: [] }]
}

test('a target that is reached by losing messages is not met', () => {
  const listOf = (own: Partial<Result>): string => verdictList(verdicts(runOf(own)))
  assert.match(listOf({}), /^All targets are met \(1000 subscribers, bursts of 10: 10 × `ws`\)/)
  assert.match(listOf({ problems: ['2 were lost'] }), /not met:[^]*10 × `ws`: messages were lost or broken/)
})

test('the README says where messages were lost, and where the load was the bottleneck', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'star-comet-bench-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'README.md')
  const written = (all: readonly ScenarioResult[]): string => {
    writeFileSync(file, '<!-- bench:begin -->\n<!-- bench:end -->\n')
    writeReadme(file, 'intro', all, verdicts(all))
    return readFileSync(file, 'utf8')
  }
  assert.doesNotMatch(written(runOf()), /LOST|\*|bottleneck/)
  const text = written(runOf({ problems: ['2 were lost'], busy: 0.95 }))
  assert.match(text, /- LOST OR BROKEN, fan-out-1000-bursts, star-comet: 2 were lost\n/)
  assert.match(text, /\| star-comet +\| [^|]*\| +2\.00 M \* \|/)
  assert.match(text, /^\\\* The load process was the bottleneck: the server can do more\.$/m)
})

test('where some scenarios have fewer rounds, that is said', () => {
  const on = conditions()
  assert.match(conditionsText(on, [3, 3], 2), /medians of 3 rounds of 2 s/)
  assert.match(conditionsText(on, [3, 1, 2], 2), /medians of 1 to 3 rounds of 2 s/)
})

test('a median: the one in the middle, or between the two', () => {
  assert.deepEqual([median([1, 2, 9]), median([1, 2]), median([7])], [2, 1.5, 7])
})
