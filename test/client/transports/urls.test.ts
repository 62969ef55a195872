import assert from 'node:assert/strict'
import { test } from 'node:test'
import { serverUrls } from '../../../lib/client/transports/urls.ts'
import { fakeServer } from '../support/fake-server.ts'

const https = { protocol: 'https:', host: 'page.example' }
const http = { protocol: 'http:', host: 'page.example:8080' }

test('a node is a host, with port or prefix; several are several servers', () => {
  const { environment } = fakeServer({ location: https })
  assert.deepEqual(serverUrls({ node: 'comet.example' }, environment), ['wss://comet.example'])
  assert.deepEqual(serverUrls({ node: 'comet.example:8087/' }, environment), ['wss://comet.example:8087'])
  assert.deepEqual(serverUrls({ node: 'comet.example/comet-server' }, environment), [
    'wss://comet.example/comet-server',
  ])
  assert.deepEqual(serverUrls({ nodes: ['https://a.example', '//b.example'] }, environment), [
    'wss://a.example',
    'wss://b.example',
  ])
})

test('without a node it is the host and path of the script', () => {
  const scriptUrl = 'https://cdn.example:444/comet/CometServerApi.js?v=1'
  assert.deepEqual(serverUrls({ node: '' }, fakeServer({ location: https, scriptUrl }).environment), [
    'wss://cdn.example:444/comet',
  ])
  const page = fakeServer({ location: http, scriptUrl: 'http://page.example:8080/CometServerApi.js' })
  assert.deepEqual(serverUrls({}, page.environment), ['ws://page.example:8080'])
})

test('a script without an address uses the host of the page', () => {
  assert.deepEqual(serverUrls({}, fakeServer({ location: http, scriptUrl: undefined }).environment), [
    'ws://page.example:8080',
  ])
  assert.deepEqual(serverUrls({}, fakeServer({ location: http, scriptUrl: 'blob:x' }).environment), [
    'ws://page.example:8080',
  ])
})

test('TLS is used where the page or the script uses it, unless the option says otherwise', () => {
  const mixed = fakeServer({ location: http, scriptUrl: 'https://comet.example/CometServerApi.js' }).environment
  assert.deepEqual(serverUrls({}, mixed), ['wss://comet.example'])
  assert.deepEqual(serverUrls({ node: 'a.example' }, mixed), ['ws://a.example'])
  assert.deepEqual(serverUrls({ node: 'a.example', wss: true }, mixed), ['wss://a.example'])
  assert.deepEqual(serverUrls({ wss: false }, fakeServer({ location: https }).environment), ['ws://page.example'])
})

test('a page without a host has to name a node', () => {
  const file = fakeServer({ location: { protocol: 'file:', host: '' }, scriptUrl: 'file:///CometServerApi.js' })
  assert.deepEqual(serverUrls({}, file.environment), [])
})
