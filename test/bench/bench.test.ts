// Each scenario, very small: that it runs, and that nothing it counts is lost. What it measures means nothing here.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { run } from '../support/programs.ts'
import { contenders } from './contenders.ts'
import type { Scenario } from './scenario.ts'
import { scenarios } from './scenarios/index.ts'

const sizes = { ms: 100, divisor: 100 }

/** A scenario and those of its subjects that tell whether it works. */
const runs: readonly (readonly [scenario: string, ...subjects: string[]])[] = [
  ['fan-out-1000-bursts', ...contenders.map(({ name }) => name)],
  ['rate-100', 'star-comet', 'ws', 'nchan'],
  ['pipes-1000', 'star-comet', 'ws', 'socket.io', 'uws', 'nats', 'nchan'],
  ['node-same', 'star-comet', 'ws'],
  ['node-others', 'star-comet', 'nchan', 'floor'],
  ['private', 'star-comet', 'ws'],
  ['presence', 'star-comet'],
  ['idle-1000', 'star-comet', 'frugal', 'nchan'],
  ['cometql', 'one', 'ten', 'pipelined', 'prepared', 'rows', 'select'],
  ['in-process', 'publish'],
  ['storages', 'memory', 'sqlite', 'redis'],
  ['brokers', 'none', 'cluster'],
  ['growth-deliveries', '1000'],
  ['growth-subscriptions', '10'],
  ['growth-pipes', '1000'],
  ['growth-queue', '1000'],
  ['growth-beside', '1000'],
  ['growth-inserts', '1000'],
]

for (const [name, ...subjects] of runs) {
  const scenario = scenarios.find((one) => one.name === name)
  assert.ok(scenario !== undefined, name)
  describe(scenario.title, () => {
    for (const subject of subjects) test(subject, (t) => check(scenario, subject, (reason) => t.skip(reason)))
  })
}

for (const options of [['--page'], ['growth-queue', '--page'], ['growth', '--page', '--readme']]) {
  test(`${options.join(' ')} is refused before anything is measured: the page has all of growth`, async () => {
    const script = fileURLToPath(new URL('run.ts', import.meta.url))
    await assert.rejects(
      run(process.execPath, ['--import', 'tsx', script, ...options]),
      /npm run bench -- growth --page/,
    )
  })
}

async function check(scenario: Scenario, name: string, skip: (reason: string) => void): Promise<void> {
  const subject = scenario.subjects.find((one) => one.name === name)
  assert.ok(subject !== undefined)
  if (subject.missing !== undefined) {
    const missing = `"${name}" is missing: install it to run this test (${subject.missing})`
    if (process.env.CI === 'true') throw new Error(missing)
    skip(missing)
    return
  }
  const { values, problems } = await subject.measure(sizes)
  assert.deepEqual(problems, [])
  const [main] = scenario.columns
  assert.ok(!Number.isNaN(values[main?.name ?? '']), `there is a figure for ${main?.title ?? ''}`)
}
