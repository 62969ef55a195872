import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import assert from 'node:assert/strict'
import { CometError, cometError, errorRegistry, type ErrorCode } from '../lib/errors.ts'

/** The rows of the table; prettier pads its cells. */
const documented = readFileSync(new URL('../lib/ERRORS.md', import.meta.url), 'utf8')
  .split('\n')
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .flatMap(([, code, number, sqlState, when, remedy]) =>
    code?.startsWith('`COMET_') === true
      ? [{ code: code.slice(1, -1), number: Number(number), sqlState, when, remedy }]
      : [],
  )

describe('ERRORS.md and the registry', () => {
  for (const [code, { number, sqlState }] of Object.entries(errorRegistry)) {
    test(`${code} is documented as it is`, () => {
      const entry = documented.find((candidate) => candidate.code === code)
      assert.deepEqual({ number: entry?.number, sqlState: entry?.sqlState }, { number, sqlState })
    })
  }

  test('nothing is documented that there is not, or twice', () => {
    assert.deepEqual(documented.map(({ code }) => code).sort(), Object.keys(errorRegistry).sort())
  })

  test('each says when it comes and what to do', () => {
    for (const { code, when = '', remedy = '' } of documented) assert(when.length > 10 && remedy.length > 10, code)
  })

  test('the numbers are in order, so that they can be found', () => {
    const numbers = documented.map(({ number }) => number)
    assert.deepEqual(
      numbers,
      numbers.toSorted((a, b) => a - b),
    )
  })
})

describe('an error', () => {
  test('has its code, number and SQLSTATE, and a sentence with the details filled in', () => {
    const error = cometError('COMET_ERR_TOO_SHORT', { column: 'name', size: 1, limit: 2 })
    assert(error instanceof CometError)
    const { code, number, sqlState, message, name } = error
    assert.deepEqual(
      { code, number, sqlState, name },
      { code: 'COMET_ERR_TOO_SHORT', number: 17, sqlState: '22001', name: 'CometError' },
    )
    assert.equal(message, 'name is too short: 1 characters, it needs at least 2')
  })

  test('repeats no more than a part of a long value, and takes no placeholders from it', () => {
    const { message } = cometError('COMET_ERR_NO_TABLE', { table: `{tables}${'x, '.repeat(1000)}`, tables: 'a, b' })
    assert(message.startsWith('Table "{tables}x, x, '))
    assert(message.length < 150, message)
    assert(message.endsWith('the tables are a, b'))
  })

  test('has a SQLSTATE of five characters and a number that fits into the packet', () => {
    for (const [code, { number, sqlState }] of Object.entries(errorRegistry) as [
      ErrorCode,
      { number: number; sqlState: string },
    ][]) {
      assert.match(sqlState, /^[0-9A-Z]{5}$/, code)
      assert(number > 0 && number < 65536, code)
    }
  })
})
