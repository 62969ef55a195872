import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Command } from '../../lib/mysql-server-protocol-lite/constants.ts'
import { command, errorOf, hex, query, RawClient, testServer, recordingHandler } from './support.ts'

test('COM_RESET_CONNECTION goes back to the character set and the options of the login', async (t) => {
  const { seen, handler } = recordingHandler()
  const client = await RawClient.of(testServer(t, { handler }), { collation: 51 })
  const several = command(Command.SET_OPTION, hex('0000'))
  client.send(
    query('SET NAMES latin1'),
    several,
    command(Command.RESET_CONNECTION),
    query('a;b'),
    command(3, hex('ef')),
  )
  await client.readMany(5)
  assert.deepEqual(seen, ['SET NAMES latin1', 'a;b', 'п'])
})

test('a character set in which escaping is not safe is refused: by SET NAMES, and at the login', async (t) => {
  const { seen, handler } = recordingHandler()
  const server = testServer(t, { handler })
  const client = await RawClient.of(server)
  client.send(query('SET NAMES gbk'), command(Command.QUERY, hex('e4bdbf5c5c27')))
  const [refusal] = await client.readMany(2)
  assert(refusal !== undefined)
  assert.match(errorOf(refusal), /^1231 .*gbk is not supported.*use utf8mb4/)
  assert.deepEqual(seen, ["使\\\\'"])
  const other = await RawClient.of(server, { collation: 28 }).catch((error: unknown) => error)
  assert.match(String(other), /not logged in: .*gbk is not supported/)
})

test('statements are read in the character set of the login, then of SET NAMES; what is UTF-8 is taken as that', async (t) => {
  const { seen, handler } = recordingHandler()
  const client = await RawClient.of(testServer(t, { handler }), { collation: 8 })
  const cp1251 = hex('efe0f0e0')
  const statements = [
    hex('e9'),
    Buffer.from('é'),
    Buffer.from("set names 'cp1251' collate x"),
    cp1251,
    Buffer.from('SET NAMES utf8mb4'),
    cp1251,
  ]
  client.send(...statements.map((bytes) => command(Command.QUERY, bytes)))
  await client.readMany(6)
  assert.deepEqual(seen, [
    'é',
    'é',
    "set names 'cp1251' collate x",
    'пара',
    'SET NAMES utf8mb4',
    '\ufffd\ufffd\ufffd\ufffd',
  ])
})
