import { describe, test } from 'node:test'
import assert from 'node:assert/strict'
import { dataOf, encodeMessage, formOf } from '../../lib/wire/messages.ts'

describe('the version of the client decides the form', () => {
  for (const [version, form] of [
    ['3.29', 3],
    ['2.0', 3],
    ['', 3],
    ['x', 3],
    ['undefined', 3],
    ['4.0', 4],
    ['4.09', 4],
    ['4', 4],
    ['5.0', 5],
    ['12.1', 5],
  ] as const) {
    test(`v=${version} is form ${form}`, () => assert.equal(formOf(version), form))
  }
})

describe('data, as JSON text', () => {
  const table: readonly (readonly [what: string, text: string, json: boolean, data: string])[] = [
    ['a text', 'hello', false, '"hello"'],
    ['an empty text', '', false, '""'],
    ['an apostrophe is not escaped', "it's", false, `"it's"`],
    ['quotes', '"hi"', false, '"\\"hi\\""'],
    ['a backslash', 'C:\\new', false, '"C:\\\\new"'],
    ['a line break in a text', 'a\nb\r\nc', false, '"a\\nb\\r\\nc"'],
    ['NUL and other control characters', '\0\x1f', false, '"\\u0000\\u001f"'],
    ['U+2028 and U+2029', '\u2028\u2029', false, '"\u2028\u2029"'],
    ['an emoji', '👍🏽', false, '"👍🏽"'],
    ['half an emoji', '\ud83d', false, '"\\ud83d"'],
    ['HTML stays as it is', '<b>&amp;</b>', false, '"<b>&amp;</b>"'],
    ['digits are a text', '123', false, '"123"'],
    ['the words of JSON are texts', 'true', false, '"true"'],
    ['an object stays as it is', '{"a":1,"b":[true,null]}', false, '{"a":1,"b":[true,null]}'],
    ['an array stays as it is', ' [1, 2]', false, ' [1, 2]'],
    ['numbers keep their digits', '{"n":12345678901234567890,"f":1.10}', false, '{"n":12345678901234567890,"f":1.10}'],
    ['escapes in an object stay', '{"a":"it\\u0027s\\n"}', false, '{"a":"it\\u0027s\\n"}'],
    ['line breaks between tokens', '{\r\n"a":\n1}', false, '{  "a": 1}'],
    ['a broken object is a text', '{broken', false, '"{broken"'],
    ['two values are a text', '{"a":1}{"b":2}', false, '"{\\"a\\":1}{\\"b\\":2}"'],
    ['an attempt to add a member is a text', '{},"pipe":"sys"', false, '"{},\\"pipe\\":\\"sys\\""'],
    ['a byte order mark makes it a text', '\ufeff{}', false, '"\ufeff{}"'],
    ['JSON: a number', '123', true, '123'],
    ['JSON: a text', '"hi"', true, '"hi"'],
    ['JSON: null', 'null', true, 'null'],
    ['JSON: not JSON after all', 'hi', true, '"hi"'],
    ['JSON: nothing', '', true, '""'],
    ['JSON: a line break between tokens', '1\n', true, '1 '],
    ['JSON: an attempt to add a member', '1,"pipe":"sys"', true, '"1,\\"pipe\\":\\"sys\\""'],
  ]
  for (const [what, text, json, data] of table) {
    test(what, () => {
      assert.equal(dataOf(text, json), data)
      assert.ok(!/[\r\n]/.test(dataOf(text, json)), 'one line')
    })
  }

  test('what is a text arrives as that text', () => {
    const everyCharacter = Array.from({ length: 0x10000 }, (_, code) => String.fromCharCode(code)).join('')
    assert.equal(JSON.parse(dataOf(everyCharacter, false)), everyCharacter)
  })
})

describe('a line', () => {
  const message = { pipe: 'news', event: 'add', data: '{"a":1}', userId: 7, time: 1_700_000_000 }

  test('in version 4', () => {
    assert.equal(
      encodeMessage(message, 4),
      '{"data":{"a":1},"pipe":"news","event":"add","user_id":7,"message_send_time":1700000000}',
    )
  })

  test('in version 3: event_name, and objects and arrays as a JSON string', () => {
    assert.equal(
      encodeMessage(message, 3),
      '{"data":"{\\"a\\":1}","pipe":"news","event":"add","user_id":7,"event_name":"add","message_send_time":1700000000}',
    )
    assert.equal((JSON.parse(encodeMessage({ ...message, data: '[1]' }, 3)) as { data: unknown }).data, '[1]')
  })

  test('in version 3 texts and numbers are what they are', () => {
    for (const data of ['"hi"', '5', 'null']) {
      const line = JSON.parse(encodeMessage({ ...message, data }, 3)) as { data: unknown }
      assert.deepEqual(line.data, JSON.parse(data))
    }
  })

  test('in version 3 a private message stays an object', () => {
    const line = JSON.parse(encodeMessage({ ...message, pipe: 'msg' }, 3)) as { data: unknown }
    assert.deepEqual(line.data, { a: 1 })
  })

  test('without a time there is no message_send_time', () => {
    const { time, ...timeless } = message
    assert.equal(time, 1_700_000_000)
    assert.ok(!encodeMessage(timeless, 4).includes('message_send_time'))
  })

  test('further members come last; those of version 5 only there', () => {
    const more = { ...message, members: ',"history":true', members5: ',"offset":3' }
    assert.ok(encodeMessage(more, 4).endsWith(',"history":true}'))
    assert.ok(encodeMessage(more, 5).endsWith(',"history":true,"offset":3}'))
  })
})
