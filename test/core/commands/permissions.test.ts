import { describe, test } from 'node:test'
import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import type { AuthorizeRequest } from '../../../lib/core/host.ts'
import { testComet } from '../../support/comet.ts'

type Authorize = (request: AuthorizeRequest) => boolean | Promise<boolean>

describe('what "authorize" returns', () => {
  for (const [answer, isAllowed, sentence] of [
    [true, true, /^$/],
    [Promise.resolve(true), true, /^$/],
    [{ then: (goOn: (answer: boolean) => void) => goOn(true) }, true, /^$/],
    [false, false, /^$/],
    [undefined, false, /"authorize" returned something of type undefined: return true or false/],
    [null, false, /something of type object/],
    [1, false, /something of type number/],
    ['no', false, /something of type string/],
    [{ allowed: false }, false, /something of type object/],
    [Promise.resolve('yes'), false, /something of type string/],
  ] as const) {
    test(`${inspect(answer)} ${isAllowed ? 'allows' : 'refuses'}`, async (t) => {
      const authorize = (() => answer) as unknown as Authorize
      const comet = testComet(t, { authorize })
      const browser = comet.connect()
      await browser.subscribe('news')
      const errors = browser.messages.filter(({ event }) => event === 'error').map(({ error }) => error)
      assert.deepEqual(errors, isAllowed ? [] : [403])
      assert.equal((await comet.tenant()).pipe('news')?.size ?? 0, isAllowed ? 1 : 0)
      assert.match(comet.log.join(), sentence)
    })
  }
})
