// A short run of the fuzzer, the same cases each time; `npm run fuzz` is the long one.
import assert from 'node:assert/strict'
import test from 'node:test'
import { Fuzzer } from './fuzzer.ts'
import { judge } from './judge.ts'
import { Malformed } from './reply-cursor.ts'

const seed = 1
const cases = 4000

test(`${cases} mutated sessions and statements (seed ${seed}): each has a right answer or ends, and nothing breaks`, async (t) => {
  const fuzzer = new Fuzzer(seed)
  t.after(() => fuzzer.close())
  await fuzzer.run(cases)
  const { wireCases, sqlCases, outcomes } = fuzzer.statistics
  assert.equal(wireCases + sqlCases, cases)
  // What led to something new is mutated further: without that, far fewer things happen.
  assert.ok(outcomes > 500, `only ${outcomes} different outcomes`)
})

test('the same seed makes the same cases', async (t) => {
  const runs = [new Fuzzer(7), new Fuzzer(7)]
  for (const run of runs) {
    t.after(() => run.close())
    await run.run(300)
  }
  assert.deepEqual(runs[0]?.statistics, runs[1]?.statistics)
})

/** A packet in hex: length, sequence number, payload. */
function packet(sequence: number, payload: string): string {
  const bytes = Buffer.from(payload.replaceAll(' ', ''), 'hex')
  return Buffer.of(bytes.length, 0, 0, sequence).toString('hex') + bytes.toString('hex')
}

function hex(...packets: string[]): Buffer {
  return Buffer.from(packets.join(''), 'hex')
}

const greeting = packet(0, '0a 00')
const login = packet(1, `00020000 ${'00'.repeat(28)} 00 00`)
const ok = '00 00 00 0200 0000'
const ping = packet(0, '0e')

test('the judge takes right answers', () => {
  const sent = hex(login, ping, ping)
  assert.deepEqual(judge(sent, hex(greeting, packet(2, ok), packet(1, ok), packet(1, ok)), false).isAnswered, true)
  assert.deepEqual(judge(sent, hex(greeting, packet(2, ok), packet(1, ok)), false).isAnswered, false)
  assert.deepEqual(judge(sent, hex(greeting, packet(2, ok)), true).isAnswered, true, 'the server has hung up')
})

test('the judge finds what is wrong with answers', () => {
  const sent = hex(login, ping)
  const wrong: Readonly<Record<string, readonly string[]>> = {
    'one too many': [packet(1, ok), packet(1, ok)],
    'a wrong number': [packet(2, ok)],
    'cut off': [packet(1, ok.slice(0, -6))],
    'too long': [packet(1, `${ok} 01 41 42`)],
    'rows for a ping': [packet(1, '01')],
    'an error without SQLSTATE': [packet(1, 'ff 0100 41')],
  }
  for (const [what, packets] of Object.entries(wrong)) {
    assert.throws(() => judge(sent, hex(greeting, packet(2, ok), ...packets), false), Malformed, what)
  }
})
