import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Capability, offeredCapabilities } from '../../lib/mysql-server-protocol-lite/constants.ts'
import {
  isSslRequest,
  parseChangeUser,
  parseHandshakeResponse,
} from '../../lib/mysql-server-protocol-lite/handshake.ts'
import { hex } from './support.ts'

const head = `00000001 2d ${'00'.repeat(23)}`
const response = 'aabbccddaabbccddaabbccddaabbccddaabbccdd'
const native = Buffer.from('mysql_native_password\0').toString('hex')

test('the flags to offer: those that every client gets on with, and nothing that is not implemented', () => {
  assert.equal(offeredCapabilities & 0x000fa20f, 0x000fa20f)
  assert.equal(offeredCapabilities & ~0x000fa20f, 0x01300020)
})

test('a login of a client that sets flags which were not offered, and leaves out what would go with them', () => {
  // CONNECT_ATTRS, PLUGIN_AUTH_LENENC_CLIENT_DATA, SESSION_TRACK and QUERY_ATTRIBUTES are set.
  const payload = hex(`8da2ba08 ${head} 726f6f7400 14 ${response} 646200 ${native}`)
  const offered = offeredCapabilities & ~(Capability.CONNECT_ATTRS | Capability.PLUGIN_AUTH_LENENC_CLIENT_DATA)
  assert.deepEqual(parseHandshakeResponse(payload, offered), {
    capabilities: 0x000aa20d,
    collation: 45,
    user: 'root',
    response: hex(response),
    database: 'db',
    plugin: 'mysql_native_password',
    attributes: new Map(),
  })
})

test('a login without database and plugin, and one whose last zero byte is missing', () => {
  const bare = parseHandshakeResponse(hex(`05820000 ${head} 6100 14 ${response}`), offeredCapabilities)
  assert.deepEqual([bare.user, bare.database, bare.plugin], ['a', '', undefined])
  const cut = parseHandshakeResponse(
    hex(`05820800 ${head} 6100 14 ${response} ${native.slice(0, -2)}`),
    offeredCapabilities,
  )
  assert.equal(cut.plugin, 'mysql_native_password')
})

test('attributes that contradict their length are no login', () => {
  const payload = hex(`05821800 ${head} 6100 14 ${response} ${native} 04 03616263`)
  assert.equal(parseHandshakeResponse(hex(`05821800 ${head} 6100 14 ${response} ${native} 00`), -1).attributes.size, 0)
  assert.throws(() => parseHandshakeResponse(payload, -1), { number: 1043, sqlState: '08S01' })
})

test('an SSLRequest is one only if SSL was offered, and if nothing else is in it', () => {
  const request = hex(`05aa0800 ${head}`)
  assert.ok(isSslRequest(request, offeredCapabilities | Capability.SSL))
  assert.ok(!isSslRequest(request, offeredCapabilities))
  assert.ok(!isSslRequest(hex(`05a20800 ${head}`), offeredCapabilities | Capability.SSL))
  assert.ok(!isSslRequest(hex(`05aa0800 ${head} 00`), offeredCapabilities | Capability.SSL))
})

test('COM_CHANGE_USER, with and without what may be left out', () => {
  const all = parseChangeUser(hex(`11 6100 14 ${response} 646200 2100 ${native} 04 01780179`), offeredCapabilities)
  assert.deepEqual([all.user, all.database, all.collation, all.plugin], ['a', 'db', 33, 'mysql_native_password'])
  assert.deepEqual([...all.attributes], [['x', 'y']])
  const short = parseChangeUser(hex('11 6100 00 00'), offeredCapabilities)
  assert.deepEqual([short.user, short.response.length, short.collation, short.plugin], ['a', 0, undefined, undefined])
  assert.throws(() => parseChangeUser(hex('11 6100 14 aa'), offeredCapabilities), { number: 1835 })
})
