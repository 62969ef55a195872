import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testComet } from '../../support/comet.ts'

const refused = [
  ['pipe_log', 'private_news', 'm1'],
  ['pipe_count', 'news', 'm1'],
  ['track_pipe_users', 'news', 'm1'],
  ['user_data', 'm1', 'nobody'],
] as const

for (const [word, ...fields] of refused) {
  test(`the error of a refused ${word} carries the marker, so that whoever asked hears of it`, async (t) => {
    const browser = testComet(t).connect()
    browser.command(word, ...fields)
    const { marker, data } = await browser.next({ pipe: 'sys', event: 'error' })
    assert.equal(marker, 'm1')
    assert.match(JSON.stringify(data), /COMET_ERR_(DENIED|INVALID)/)
  })
}
