// npm run bench [-- --subscribers 1000 --seconds 3 --rounds 3]
// Deliveries a second to the subscribers of one pipe, for star-comet and for a plain loop over `ws` in turn, and CometQL
// INSERTs a second.
// npm run bench -- storages [--seconds 3 --rounds 3]
// Messages a second into a pipe that keeps them, for each storage.
// npm run bench -- brokers [--rounds 3]
// How long a message takes from one process to a page at another one, by way of each broker.
// The machine is shared with whatever else runs: compare the ratios, not the figures.
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { brokerLatency } from './brokers.ts'
import { cometqlInserts } from './cometql.ts'
import { contenders, fanOut, type FanOutResult } from './fan-out.ts'
import { keptMessages } from './storages.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    subscribers: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '3' },
  },
})
const subscribers = Number(values.subscribers)
const ms = Number(values.seconds) * 1000
const rounds = Number(values.rounds)

const say = (text: string): void => void process.stdout.write(`${text}\n`)
const thousands = (n: number): string => (n < 10_000 ? `${(n / 1000).toFixed(1)}k` : `${Math.round(n / 1000)}k`)
const median = (list: readonly number[]): number => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? NaN
const spread = (list: readonly number[]): string => `${thousands(Math.min(...list))} to ${thousands(Math.max(...list))}`

say(
  `Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? 'unknown processor'}; server and load on one core each where taskset is there`,
)
if (positionals.includes('storages')) await benchStorages()
else if (positionals.includes('brokers')) await benchBrokers()
else await benchMessages()

async function benchBrokers(): Promise<void> {
  say(`From publish in one process to a page at another one, 128-byte messages, ${rounds} x 100 of each by turns\n`)
  for (const { name, p50, p99 } of await brokerLatency(rounds)) {
    say(`  ${name.padEnd(26)} p50 ${p50.toFixed(2).padStart(6)} ms   p99 ${p99.toFixed(2).padStart(6)} ms`)
  }
}

async function benchStorages(): Promise<void> {
  say(`One pipe that keeps 1000 messages of 128 bytes, ${values.seconds} s a run, ${rounds} rounds, alternating`)
  for (const [name, runs] of await keptMessages(ms, rounds)) {
    say(`\n${name}: messages a second (median, spread)`)
    for (const way of Object.keys(runs[0] ?? {})) {
      const rates = runs.map((run) => run[way] ?? NaN)
      say(`  ${way.padEnd(34)} ${thousands(median(rates)).padStart(6)}  (${spread(rates)})`)
    }
  }
}

async function benchMessages(): Promise<void> {
  say(
    `${subscribers} subscribers of one pipe, 128-byte messages, ${values.seconds} s a run, ${rounds} rounds, alternating; loopback\n`,
  )

  for (const burst of [1, 10]) {
    const results = new Map<string, FanOutResult[]>(contenders.map(({ name }) => [name, []]))
    for (let round = 0; round < rounds; round++) {
      for (const contender of contenders)
        results.get(contender.name)?.push(await fanOut(contender, subscribers, { burst, ms }))
    }
    say(
      burst === 1
        ? "One message a turn: deliveries a second (median, spread; per second of the server's CPU)"
        : `\nBursts of ${burst} messages a turn`,
    )
    const base = median((results.get('plain ws') ?? []).map((result) => result.deliveriesPerSecond))
    for (const [name, runs] of results) {
      const rates = runs.map((run) => run.deliveriesPerSecond)
      const perCpu = median(runs.map((run) => run.perCpuSecond))
      say(
        `  ${name.padEnd(12)} ${thousands(median(rates)).padStart(6)}  (${spread(rates)}; ${thousands(perCpu)})  ${(median(rates) / base).toFixed(2)} x plain ws`,
      )
      for (const problem of new Set(runs.flatMap((run) => run.problems))) say(`    LOST OR BROKEN: ${problem}`)
      if (runs.some((run) => run.loadBusy > 0.95))
        say('    the load process was the bottleneck: the server can do more')
    }
  }

  say('\nCometQL, one connection, no subscribers: INSERTs a second')
  const inserts = []
  for (let round = 0; round < rounds; round++) inserts.push(await cometqlInserts())
  say(`  one by one   ${thousands(median(inserts.map((run) => run.oneByOne))).padStart(6)}`)
  say(`  pipelined    ${thousands(median(inserts.map((run) => run.pipelined))).padStart(6)}`)
}
