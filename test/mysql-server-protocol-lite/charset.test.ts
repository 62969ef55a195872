import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  charsetSetBy,
  checkCharset,
  checkCollation,
  decoderOfCharset,
  decoderOfCollation,
} from '../../lib/mysql-server-protocol-lite/charset.ts'
import { hex } from './support.ts'

test('collation ids', () => {
  assert.equal(decoderOfCollation(51)(hex('cfe0')), 'Па')
  assert.equal(decoderOfCollation(8)(hex('80')), '€')
  assert.equal(decoderOfCollation(97)(hex('c6fc')), '日')
  for (const utf8 of [33, 45, 46, 63, 224, 255, 0]) assert.equal(decoderOfCollation(utf8)(hex('c3a9')), 'é')
})

test('names, in any case; every one is known to this Node', () => {
  const names =
    'latin1 ascii latin2 latin5 latin7 cp1250 CP1251 cp1256 cp1257 cp866 koi8r koi8u greek hebrew tis620 macroman ujis eucjpms euckr'
  for (const name of names.split(' ')) assert.equal(decoderOfCharset(name)(Buffer.from('abc')), 'abc')
  assert.equal(decoderOfCharset('CP1251')(hex('cf')), 'П')
})

test('character sets in which a backslash may be a second byte are refused', () => {
  for (const name of ['gbk', 'GBK', 'big5', 'gb2312', 'gb18030', 'sjis', 'cp932']) {
    assert.throws(() => checkCharset(name), { number: 1231, message: /use utf8mb4/ })
  }
  for (const id of [1, 13, 24, 28, 84, 86, 87, 88, 95, 96, 248, 249, 250]) {
    assert.throws(() => checkCollation(id), { number: 1231 })
  }
  for (const name of ['utf8mb4', 'latin1', 'cp1251', 'ujis', 'unknown']) checkCharset(name)
  for (const id of [0, 8, 33, 45, 51, 224, undefined]) checkCollation(id)
})

test('in those that are read, no bytes swallow a backslash or a quote', () => {
  const names = 'utf8mb4 latin1 latin2 cp1251 koi8r greek tis620 macroman ujis eucjpms euckr'.split(' ')
  for (const name of names) {
    const decode = decoderOfCharset(name)
    for (let lead = 0x80; lead <= 0xff; lead++) {
      assert(decode(Buffer.from([lead, 0x5c, 0x27])).endsWith("\\'"), `${name} ${lead}`)
      assert(decode(Buffer.from([0x8f, lead, 0x5c, 0x27])).endsWith("\\'"), `${name} 8f ${lead}`)
    }
  }
})

for (const [sql, expected] of [
  ['SET NAMES utf8mb4', 'utf8mb4'],
  ["set names 'latin1' collate 'latin1_bin'", 'latin1'],
  ['  SET\n NAMES "cp1251", @@SESSION.sql_mode = \'\'', 'cp1251'],
  ['/*!40101 SET NAMES utf8mb4 */', 'utf8mb4'],
  ['SET CHARACTER SET koi8r', 'koi8r'],
  ['SET CHARSET gbk', 'gbk'],
  ["SET character_set_client='cp866'", 'cp866'],
  ['SET SESSION character_set_client = cp866', 'cp866'],
  ['SET @@session.character_set_client := cp866', 'cp866'],
  ["SET character_set_results = 'cp866'", undefined],
  ['SET autocommit=1', undefined],
  ["INSERT 'SET NAMES latin1'", undefined],
  ['SELECT 1', undefined],
  ['', undefined],
] as const) {
  test(`${sql} sets ${expected ?? 'nothing'}`, () => assert.equal(charsetSetBy(sql), expected))
}
