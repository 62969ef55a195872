import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ScenarioResult } from '../results.ts'
import { growth } from '../scenarios/growth.ts'
import { growthPage } from './growth-page.ts'

/** As if one of so many cost 2 however many there are. */
const results = growth.map((scenario): ScenarioResult => {
  const values = Object.fromEntries(scenario.columns.map(({ name }) => [name, 2]))
  const spreads = Object.fromEntries(scenario.columns.map(({ name }) => [name, [2, 2] as const]))
  const all = scenario.subjects.map(({ name, title }) => {
    return { subject: name, title, rounds: 1, values, spreads, problems: [], busy: 0 }
  })
  return { scenario, results: all, missing: [] }
})

test('The page of growth has the conditions, how to read a slope, and each table with its slope', () => {
  const [head = '', ...sections] = growthPage('Measured on a Tuesday.', results).split('\n## ')
  assert.match(head, /^# Cost as it grows\n/)
  assert.match(head, /\nMeasured on a Tuesday\.\n/)
  assert.match(head, /\nHow to read a slope:/)
  assert.equal(sections.length, growth.length)
  for (const [index, section] of sections.entries()) {
    const { title, subjects } = growth[index] ?? assert.fail()
    assert.ok(section.startsWith(`${title}\n`))
    for (const subject of subjects) assert.ok(section.includes(`\n| ${subject.title} `), subject.title)
    assert.match(section, /\nSlope 0\.00: [\d,]+ times as many, and each costs 1\.00 times as much\.\n*$/)
  }
})

test('The page of growth tells of deliveries, sessions, pipes, waiting messages, and of INSERTs beside a million pipes', () => {
  const page = growthPage('', results)
  for (const size of ['10', '100', '1,000', '10,000', '100,000', '1,000,000'])
    assert.ok(page.includes(`\n| ${size} `), size)
  assert.match(page, /## An INSERT/)
})
