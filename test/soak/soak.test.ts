// A tiny run, as a part of all tests, and the arithmetic of the verdict; `npm run soak` makes the long one.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { chart } from './chart.ts'
import { noTally, Numbers, type Tally } from './numbers.ts'
import { soak, type Sample, type SoakReport, type SoakTask } from './soak.ts'
import { judge, trendOf, type Problem } from './verdict.ts'

const tiny: SoakTask = {
  seconds: 3,
  sessions: 30,
  messagesPerSecond: 100,
  rounds: 1,
  sampleMs: 250,
  collectEvery: 1,
  seed: 1,
  patienceMs: 20_000,
  pollTimeoutMs: 500,
}

const kindsOf = (problems: readonly Problem[]): string[] => problems.map(({ kind }) => kind)

test('a tiny run: nobody who behaves misses anything, nothing is left, the process ends by itself', async () => {
  const report = await soak(tiny)
  const verdict = judge(report)
  // Memory and times say nothing after seconds, on a machine that runs other tests, too.
  const problems = verdict.problems.filter(({ kind }) => !['heap', 'rss', 'latency'].includes(kind))
  assert.deepEqual(problems, [])
  const { staying, returning, users, cuts } = report.watchers
  for (const { expected } of [staying, returning, users]) assert.ok(expected > 10, JSON.stringify(report.watchers))
  assert.ok(report.steps > 50 && cuts > 0, `${report.steps} steps, ${cuts} cuts`)
  assert.match(chart(report, verdict), /^<svg [^]*<polyline [^]*<\/svg>\n$/)
})

test('a server that leaks and loses is found out', async () => {
  const { problems } = judge(await soak({ ...tiny, seconds: 2, faults: ['leak', 'loss'], patienceMs: 500 }))
  const kinds = kindsOf(problems)
  assert.ok(kinds.includes('heap') && kinds.includes('messages'), JSON.stringify(problems))
})

const megabyte = 2 ** 20
const calmSample: Sample = {
  at: 0,
  phase: 'calm',
  round: undefined,
  rss: 100 * megabyte,
  heap: 20 * megabyte,
  sessions: 1,
  pipes: 1,
  handles: 1,
  loopP99: 1,
  cpu: { busy: 0.1, waiting: 0 },
  watchersCpu: { busy: 0.1, waiting: 0 },
  published: 1,
  deliveries: 1,
  latencyP50: 1,
  latencyP99: 10,
}

const all: Tally = { ...noTally, expected: 1000 }

/** A minute of calm, nine of abuse in three rounds, changed by `change`. */
function reportOf(change: (sample: Sample) => Partial<Sample>): SoakReport {
  const samples = Array.from({ length: 600 }, (_, at): Sample => {
    const abuse = at < 60 ? {} : { phase: 'all', round: Math.floor((at - 60) / 180) }
    const sample = { ...calmSample, at, ...abuse }
    return { ...sample, ...change(sample) }
  })
  return {
    task: { ...tiny, seconds: 600, rounds: 3 },
    samples,
    watchers: { staying: all, returning: all, users: all, told: 0, strange: 0, cuts: 0 },
    remains: { sessions: 0, pipes: 0, handles: {}, tenants: 0 },
    errors: [],
    hasExited: true,
    steps: 0,
  }
}

const isAbused = ({ round }: Sample): boolean => round !== undefined
const sound = reportOf(() => ({}))

describe('the verdict', () => {
  test('of a run in which nothing changes: endured', () => {
    assert.deepEqual(judge(sound).problems, [])
  })

  test('memory that grows while it warms up, and then no more, is endured', () => {
    const { problems } = judge(reportOf(({ at }) => ({ heap: (20 + Math.min(at, 230) / 10) * megabyte })))
    assert.deepEqual(problems, [])
  })

  test('memory that goes on growing is not: by how much is said', () => {
    // From second 240 to 599 the line goes from 44 to 79.9 MB.
    const { problems, heap } = judge(reportOf(({ at }) => ({ heap: (20 + at / 10) * megabyte })))
    assert.deepEqual(kindsOf(problems), ['heap'])
    assert.match(problems[0]?.sentence ?? '', /81\.6 % .* from 44\.0 MB; at most 5\.0 %/)
    assert.ok(heap !== undefined && heap.error < 0.001)
  })

  test('memory that goes up and down is no trend', () => {
    const { problems } = judge(reportOf(({ at }) => ({ rss: (100 + 40 * Math.sin(at)) * megabyte })))
    assert.deepEqual(problems, [])
  })

  test('samples without a collection say nothing of the heap', () => {
    const { problems, heap } = judge(reportOf(({ at }) => ({ heap: at % 10 === 0 ? 20 * megabyte : undefined })))
    assert.deepEqual(problems, [])
    assert.equal(heap?.growth, 0)
  })

  test('twice the calm p99 is endured, more is not; single bad minutes are', () => {
    const at = (ms: number): string[] =>
      kindsOf(judge(reportOf((sample) => ({ latencyP99: isAbused(sample) ? ms : 10 }))).problems)
    assert.deepEqual(at(20), [])
    assert.deepEqual(at(21), ['latency'])
    const badMinute = reportOf((sample) => ({ latencyP99: sample.at >= 300 && sample.at < 360 ? 500 : 10 }))
    assert.deepEqual(judge(badMinute).problems, [])
  })

  test('seconds in which others had the processors say nothing; where most are such, p99 is not judged', () => {
    const starved = { cpu: { busy: 0.1, waiting: 0.2 } }
    const often = (times: number) => (sample: Sample) =>
      isAbused(sample) && sample.at % 10 < times ? { latencyP99: 500, ...starved } : {}
    const some = judge(reportOf(often(7)))
    assert.deepEqual(some.problems, [])
    assert.deepEqual([some.latency.abuse, some.latency.isJudged], [10, true])
    assert.equal(judge(reportOf(often(9))).latency.isJudged, false)
    assert.equal(judge(reportOf(() => starved)).latency.isJudged, false)
  })

  test('a run in which no message comes says nothing of p99: it is not endured', () => {
    assert.deepEqual(kindsOf(judge(reportOf(() => ({ latencyP99: undefined }))).problems), ['latency'])
  })

  test('each of these is a problem of its own', () => {
    const wrong = { expected: 100, lost: 1, doubled: 2, disordered: 3 }
    const { watchers, remains } = sound
    const cases: readonly (readonly [Partial<SoakReport>, string, RegExp])[] = [
      [
        { watchers: { ...watchers, staying: wrong } },
        'messages',
        /staying: of 100 messages 1 are lost, 2 came twice, 3 out/,
      ],
      [{ watchers: { ...watchers, users: noTally } }, 'messages', /users: no message was published/],
      [{ watchers: { ...watchers, told: 1 } }, 'messages', /told 1 times/],
      [{ watchers: { ...watchers, strange: 1 } }, 'messages', /1 messages came that nobody published/],
      [{ remains: { ...remains, handles: { TCPSocketWrap: 2 } } }, 'remains', /2 TCPSocketWrap/],
      [{ remains: { ...remains, sessions: 3, tenants: 1 } }, 'remains', /3 sessions, 1 tenants/],
      [{ errors: ['it broke'] }, 'errors', /it broke/],
      [{ hasExited: false }, 'exit', /did not end/],
    ]
    for (const [change, kind, sentence] of cases) {
      const { problems } = judge({ ...sound, ...change })
      assert.deepEqual(kindsOf(problems), [kind])
      assert.match(problems[0]?.sentence ?? '', sentence)
    }
  })
})

test('a trend: of a line its slope, of noise an error as large', () => {
  const line = trendOf([
    [0, 10],
    [1, 11],
    [2, 12],
  ])
  assert.deepEqual(line, { start: 10, growth: 0.2, error: 0 })
  const noise = trendOf([
    [0, 10],
    [1, 14],
    [2, 6],
    [3, 11],
  ])
  assert.ok(noise !== undefined && Math.abs(noise.growth) < noise.error)
  assert.equal(trendOf([]), undefined)
})

test('numbers: lost, doubled and out of order are told apart', () => {
  const numbers = new Numbers()
  for (const n of [1, 2, 2, 5, 4, 6]) numbers.add(n)
  assert.deepEqual(numbers.tally(8), { expected: 8, lost: 3, doubled: 1, disordered: 1 }) // 3, 7 and 8
  assert.equal(numbers.isComplete(8), false)
  for (const n of [3, 7, 8]) numbers.add(n)
  assert.equal(numbers.isComplete(8), true)
})
