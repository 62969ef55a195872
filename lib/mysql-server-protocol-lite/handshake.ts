import { Capability, Collation, Status } from './constants.ts'
import type { AuthPlugin } from './auth.ts'
import { badHandshake, MysqlError } from './errors.ts'
import type { PacketWriter } from './packet-writer.ts'
import { PayloadReader } from './payload-reader.ts'

export interface Greeting {
  readonly serverVersion: string
  readonly connectionId: number
  readonly capabilities: number
  /** 20 bytes, none of them zero. */
  readonly salt: Buffer
}

/** Writes the server's first packet (MySQL internals: Protocol::HandshakeV10). */
export function writeGreeting(out: PacketWriter, { serverVersion, connectionId, capabilities, salt }: Greeting): void {
  out.begin()
  out.uint8(10)
  out.nullTerminated(serverVersion)
  out.uint32(connectionId)
  out.bytes(salt.subarray(0, 8))
  out.uint8(0)
  out.uint16(capabilities)
  out.uint8(Collation.UTF8MB4)
  out.uint16(Status.AUTOCOMMIT)
  out.uint16(capabilities >>> 16)
  out.uint8(salt.length + 1)
  out.zeros(10)
  out.bytes(salt.subarray(8))
  out.uint8(0)
  out.nullTerminated('mysql_native_password' satisfies AuthPlugin)
  out.end()
}

/** Asks the client to answer with another plugin (MySQL internals: Protocol::AuthSwitchRequest). */
export function writeAuthSwitch(out: PacketWriter, plugin: AuthPlugin, salt: Buffer): void {
  out.begin()
  out.uint8(0xfe)
  out.nullTerminated(plugin)
  out.bytes(salt)
  out.uint8(0)
  out.end()
}

/** "The password is right, the OK packet follows" of caching_sha2_password (Protocol::AuthMoreData, fast_auth_success). */
export function writeFastAuthSuccess(out: PacketWriter): void {
  out.begin()
  out.uint8(1)
  out.uint8(3)
  out.end()
}

/** What a login or COM_CHANGE_USER says. */
export interface Credentials {
  readonly user: string
  /** Empty if none was named. */
  readonly database: string
  /** What the client computed from its password and the salt; empty for an empty password. */
  readonly response: Buffer
  /** The plugin that the client used; undefined if it named none. */
  readonly plugin: string | undefined
  /** The id of the client's collation; undefined if COM_CHANGE_USER left it out. */
  readonly collation: number | undefined
  readonly attributes: ReadonlyMap<string, string>
}

export interface HandshakeResponse extends Credentials {
  /** The capabilities in force. */
  readonly capabilities: number
}

const sslRequestBytes = 32

/** Whether the client asks for TLS before it logs in (MySQL internals: Protocol::SSLRequest). */
export function isSslRequest(payload: Buffer, offered: number): boolean {
  return payload.length === sslRequestBytes && (payload.readUInt32LE(0) & offered & Capability.SSL) !== 0
}

/**
 * Reads the client's first packet (MySQL internals: Protocol::HandshakeResponse41). Clients set flags that were never
 * offered and then behave as if they had not, so the flags that both sides set decide what is in the packet.
 * @throws MysqlError 1043
 */
export function parseHandshakeResponse(payload: Buffer, offered: number): HandshakeResponse {
  // Clients older than 4.1 send 2 bytes of flags; PROTOCOL_41 is in these.
  if (payload.length < 2 || (payload.readUInt16LE(0) & Capability.PROTOCOL_41) === 0) {
    throw badHandshake('the client does not speak the protocol of MySQL 4.1 and later')
  }
  try {
    const fields = new PayloadReader(payload)
    const capabilities = fields.uint32() & offered
    fields.uint32() // max_packet_size: clients send anything from 0 to 3 GiB
    const collation = fields.uint8()
    fields.bytes(23)
    const user = fields.nullTerminated()
    const response = readResponse(fields, capabilities)
    const database = (capabilities & Capability.CONNECT_WITH_DB) !== 0 ? fields.nullTerminated() : ''
    return { capabilities, collation, user, response, database, ...readPluginAndAttributes(fields, capabilities) }
  } catch (error) {
    throw error instanceof MysqlError ? badHandshake(error.message) : error
  }
}

/**
 * Reads COM_CHANGE_USER (MySQL internals), the command byte included.
 * @throws MysqlError 1835
 */
export function parseChangeUser(payload: Buffer, capabilities: number): Credentials {
  const fields = new PayloadReader(payload, 1)
  const user = fields.nullTerminated()
  const response = readResponse(fields, capabilities & ~Capability.PLUGIN_AUTH_LENENC_CLIENT_DATA)
  const database = fields.nullTerminated()
  const collation = fields.remaining >= 2 ? fields.uint16() : undefined
  return { user, response, database, collation, ...readPluginAndAttributes(fields, capabilities) }
}

function readResponse(fields: PayloadReader, capabilities: number): Buffer {
  if ((capabilities & Capability.PLUGIN_AUTH_LENENC_CLIENT_DATA) !== 0) return fields.lengthEncodedBytes()
  if ((capabilities & Capability.SECURE_CONNECTION) !== 0) return fields.bytes(fields.uint8())
  return Buffer.from(fields.nullTerminated())
}

function readPluginAndAttributes(
  fields: PayloadReader,
  capabilities: number,
): Pick<Credentials, 'plugin' | 'attributes'> {
  const hasPlugin = (capabilities & Capability.PLUGIN_AUTH) !== 0 && fields.remaining > 0
  const plugin = hasPlugin ? fields.nullTerminated() : undefined
  const attributes = new Map<string, string>()
  if ((capabilities & Capability.CONNECT_ATTRS) !== 0 && fields.remaining > 0) {
    const pairs = new PayloadReader(fields.lengthEncodedBytes())
    while (pairs.remaining > 0) {
      attributes.set(pairs.lengthEncodedBytes().toString(), pairs.lengthEncodedBytes().toString())
    }
  }
  return { plugin, attributes }
}
