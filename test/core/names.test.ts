import { describe, test } from 'node:test'
import assert from 'node:assert/strict'
import {
  checkEvent,
  checkPipeName,
  checkUserId,
  decimal,
  isBrowserPipeName,
  isMarker,
  pipeKind,
} from '../../lib/core/names.ts'

const long = (length: number): string => 'p'.repeat(length)

describe('a pipe name of a back-end', () => {
  for (const name of [
    'ab',
    long(64),
    'web_chat',
    'a_b-c=d+e/f',
    'p23',
    '12',
    'answer',
    'x_answer',
    'sys_a',
    'push_a',
  ]) {
    test(`"${name}" is taken`, () => assert.equal(checkPipeName(name), name))
  }
  for (const [name, code, sentence] of [
    ['', 'COMET_ERR_TOO_SHORT', /name.* 0 characters.*at least 2/],
    ['a', 'COMET_ERR_TOO_SHORT', /name.* 1 characters.*at least 2/],
    [long(65), 'COMET_ERR_TOO_LONG', /name.* 65 characters.* 64/],
    ['a b', 'COMET_ERR_INVALID', /"a b".*2 to 64 characters/],
    ['a.b', 'COMET_ERR_INVALID', /"a\.b"/],
    ['a"b', 'COMET_ERR_INVALID', /"a"b"/],
    ['a\nb', 'COMET_ERR_INVALID', /name/],
    ['@web_a', 'COMET_ERR_INVALID', /"@web_a"/],
    ['имя', 'COMET_ERR_INVALID', /"имя"/],
    ['msg', 'COMET_ERR_INVALID', /users_messages/],
    ['sys', 'COMET_ERR_INVALID', /belongs to the server/],
    ['_answer', 'COMET_ERR_INVALID', /"_answer".*begin with _answer belong to the server/],
    ['_answer_to_web_chat', 'COMET_ERR_INVALID', /begin with _answer/],
  ] as const) {
    test(`"${name.slice(0, 10)}" is refused with a sentence`, () =>
      assert.throws(() => checkPipeName(name), { code, message: sentence }))
  }
})

describe('an event', () => {
  for (const event of ['', 'add', 'a.b', long(64)]) {
    test(`"${event}" is taken`, () => assert.equal(checkEvent(event), event))
  }
  for (const [event, code] of [
    [long(65), 'COMET_ERR_TOO_LONG'],
    ['a b', 'COMET_ERR_INVALID'],
    ['a"', 'COMET_ERR_INVALID'],
    ['a\\', 'COMET_ERR_INVALID'],
    ['a\n', 'COMET_ERR_INVALID'],
  ] as const) {
    test(`${JSON.stringify(event.slice(0, 10))} is refused`, () => assert.throws(() => checkEvent(event), { code }))
  }
})

describe('a user id', () => {
  for (const [id, number] of [
    [1, 1],
    ['7', 7],
    [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  ] as const) {
    test(`${JSON.stringify(id)} is taken`, () => assert.equal(checkUserId(id), number))
  }
  for (const id of [0, -1, 1.5, NaN, '', '0', '-1', '+1', '1e3', ' 1', '1 ', '0x10', '99999999999999999']) {
    test(`${JSON.stringify(id)} is refused`, () =>
      assert.throws(() => checkUserId(id), { code: 'COMET_ERR_INVALID', message: /above 0/ }))
  }
})

test('browsers may name pipes with dots, and nothing that needs escaping', () => {
  for (const name of ['a.b', 'ab', long(64)]) assert.ok(isBrowserPipeName(name), name)
  for (const name of ['', 'a', long(65), 'a b', 'a"b', 'a\\b', 'a\rb', 'é'.repeat(3), 'a\u0000b']) {
    assert.ok(!isBrowserPipeName(name), JSON.stringify(name))
  }
})

test('a name may hold exactly 0-9 A-Z a-z _ . = + / -', () => {
  const taken = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).filter((c) =>
    isBrowserPipeName(`a${c}`),
  )
  assert.equal(taken.join(''), '+-./0123456789=ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz')
})

test('a marker has up to 64 characters of A-Z a-z 0-9 _ . -', () => {
  for (const marker of ['', 'm1', 'a.b-c_D', long(64)]) assert.ok(isMarker(marker), marker)
  for (const marker of [long(65), 'a b', '"', 'a\n', 'a/b', '{']) assert.ok(!isMarker(marker), marker)
})

test('decimal numbers only', () => {
  assert.equal(decimal('0'), 0)
  assert.equal(decimal('15'), 15)
  for (const text of ['', '-1', '1.5', '1e3', '0x1', ' 1', 'undefined']) assert.ok(Number.isNaN(decimal(text)), text)
})

test('the prefixes do not overlap', () => {
  assert.ok(pipeKind.isWeb('web_a') && !pipeKind.isWeb('webauth_a') && !pipeKind.isWeb('website'))
  assert.ok(pipeKind.isWebAuth('webauth_a') && !pipeKind.isWebAuth('web_a'))
  assert.ok(pipeKind.isPrivate('private_a') && !pipeKind.isPrivate('privately'))
  assert.ok(pipeKind.isTracked('track_a') && !pipeKind.isTracked('tracks'))
})
