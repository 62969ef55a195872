import { checkResponse, choosePlugin, createSalt, type AuthPlugin } from './auth.ts'
import { checkCollation } from './charset.ts'
import { Client, type ServerContext } from './client.ts'
import { Capability } from './constants.ts'
import { isClientError, MysqlError } from './errors.ts'
import {
  isSslRequest,
  parseChangeUser,
  parseHandshakeResponse,
  writeAuthSwitch,
  writeFastAuthSuccess,
  writeGreeting,
  type Credentials,
} from './handshake.ts'
import type { Login, MysqlHandler } from './handler.ts'
import { isPromise, type Steps, type Wire } from './wire.ts'

/** How the client proved itself: what it computed, and from which salt. */
interface Proof {
  readonly plugin: AuthPlugin
  readonly response: Buffer
  readonly salt: Buffer
}

/**
 * Greets a client and logs it in (MySQL internals: "Connection Phase").
 * @throws MysqlError, or what the handler throws; the connection ends with it
 */
export function* logIn<Session>(wire: Wire, server: ServerContext<Session>): Steps<Client<Session>> {
  const { serverVersion, offered } = server
  const salt = createSalt()
  writeGreeting(wire.out, { serverVersion, connectionId: wire.connectionId, capabilities: offered, salt })
  const who = parseHandshakeResponse(yield* receiveLogin(wire, offered), offered)
  if (server.tlsRequired && !wire.secure) throw tlsRequired()
  const hasOwnSalt = who.plugin !== undefined && who.plugin !== 'mysql_native_password'
  const proof = hasOwnSalt
    ? yield* askAgain(wire, who, salt)
    : { plugin: choosePlugin(who.plugin), response: who.response, salt }
  const session = yield* admit(wire, server, who, proof, who.capabilities)
  const client = new Client(wire, server, { capabilities: who.capabilities, salt, who, session })
  wire.loggedIn()
  client.ok()
  if ((who.capabilities & Capability.COMPRESS) !== 0) wire.startCompression()
  return client
}

/**
 * COM_CHANGE_USER: the old session ends, whatever comes of the new login.
 * @throws like `logIn`
 */
export function* changeUser<Session>(client: Client<Session>, payload: Buffer): Steps<void> {
  const { wire, server, salt } = client
  const who = parseChangeUser(payload, client.capabilities)
  // Asked again even if there is a response already: not every client computes one here that can be relied on.
  const canSwitch = (client.capabilities & Capability.PLUGIN_AUTH) !== 0
  const proof = canSwitch
    ? yield* askAgain(wire, who, salt)
    : { plugin: choosePlugin(undefined), response: who.response, salt }
  client.leaving = 'Change user'
  client.end()
  client.leaving = undefined
  client.become(who, yield* admit(wire, server, who, proof, client.capabilities))
  client.ok()
}

/** The client's login, after switching to TLS if it asks for that. */
function* receiveLogin(wire: Wire, offered: number): Steps<Buffer> {
  const first = yield* wire.receive(wire.out.sequence)
  if (!isSslRequest(first, offered)) return first
  yield* wire.startTls()
  return yield* wire.receive(wire.out.sequence)
}

/**
 * Lets the client prove itself once more, by the plugin that it is switched to. The salt stays that of the greeting:
 * libmariadb does not look at another one while it changes the user.
 */
function* askAgain(wire: Wire, who: Credentials, salt: Buffer): Steps<Proof> {
  const plugin = choosePlugin(who.plugin)
  writeAuthSwitch(wire.out, plugin, salt)
  return { plugin, salt, response: yield* wire.receive(wire.out.sequence) }
}

function* admit<Session>(
  wire: Wire,
  server: ServerContext<Session>,
  who: Credentials,
  proof: Proof,
  capabilities: number,
): Steps<Session> {
  checkCollation(who.collation)
  const { throttle, handler } = server
  const attempt = throttle.enter(wire.remoteAddress, who.user)
  try {
    if (attempt.turn !== undefined) yield attempt.turn
    const answer = handler.authenticate(loginOf(wire, who, proof, capabilities))
    const session = isPromise(answer) ? yield* awaitSession(handler, answer) : answer
    attempt.succeeded()
    if (proof.plugin === 'caching_sha2_password') writeFastAuthSuccess(wire.out)
    return session
  } catch (error) {
    if (isClientError(error)) attempt.failed()
    throw error
  } finally {
    attempt.end()
  }
}

/** A session that comes when its client has gone is closed: the handler may have counted it. */
function* awaitSession<Session>(handler: MysqlHandler<Session>, answer: PromiseLike<Session>): Steps<Session> {
  let arrived = false
  try {
    const session = (yield answer) as Session
    arrived = true
    return session
  } finally {
    if (!arrived) void answer.then((late) => handler.closed?.(late), ignore)
  }
}

/** Of a login that was refused, and whose error has been or needn't be told. */
function ignore(): undefined {
  return undefined
}

function loginOf(wire: Wire, who: Credentials, { plugin, response, salt }: Proof, capabilities: number): Login {
  return {
    user: who.user,
    database: who.database,
    remoteAddress: wire.remoteAddress,
    secure: wire.secure,
    attributes: who.attributes,
    connectionId: wire.connectionId,
    countsFoundRows: (capabilities & Capability.FOUND_ROWS) !== 0,
    checkPassword: (plain) => checkResponse(plugin, response, plain, salt),
  }
}

function tlsRequired(): MysqlError {
  return new MysqlError('This server takes encrypted connections only: turn on TLS (ssl) in the client', 3159, 'HY000')
}
