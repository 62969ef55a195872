import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  checkResponse,
  choosePlugin,
  createSalt,
  nativeResponse,
  sha2Response,
} from '../../lib/mysql-server-protocol-lite/auth.ts'
import { hex } from './support.ts'

const salt = hex('0102030405060708090a0b0c0d0e0f1011121314')

test('a salt is 20 bytes, none of them zero, never the same', () => {
  const salts = Array.from({ length: 500 }, createSalt)
  for (const each of salts) {
    assert.equal(each.length, 20)
    assert.ok(!each.includes(0))
  }
  assert.equal(new Set(salts.map(String)).size, salts.length)
})

for (const [plugin, respond] of [
  ['mysql_native_password', nativeResponse],
  ['caching_sha2_password', sha2Response],
] as const) {
  test(`${plugin}: only the right password for this salt passes`, () => {
    const response = respond('ключ🔑', salt)
    assert.ok(checkResponse(plugin, response, 'ключ🔑', salt))
    assert.ok(!checkResponse(plugin, response, 'ключ', salt))
    assert.ok(!checkResponse(plugin, response, 'ключ🔑', createSalt()))
    assert.ok(!checkResponse(plugin, response.subarray(1), 'ключ🔑', salt))
  })

  test(`${plugin}: empty never passes`, () => {
    assert.ok(!checkResponse(plugin, Buffer.alloc(0), '', salt))
    assert.ok(!checkResponse(plugin, Buffer.alloc(0), 'x', salt))
    assert.ok(!checkResponse(plugin, respond('', salt), '', salt))
  })
}

test('a response to one plugin is none to the other', () => {
  assert.ok(!checkResponse('caching_sha2_password', nativeResponse('x', salt), 'x', salt))
  assert.ok(!checkResponse('mysql_native_password', sha2Response('x', salt), 'x', salt))
})

test('clients of caching_sha2_password keep it, all others get mysql_native_password', () => {
  assert.equal(choosePlugin('caching_sha2_password'), 'caching_sha2_password')
  for (const named of ['mysql_native_password', 'client_ed25519', '', undefined]) {
    assert.equal(choosePlugin(named), 'mysql_native_password')
  }
})
