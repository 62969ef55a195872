import type { Client } from './client.ts'
import { Command } from './constants.ts'
import { malformedPacket, MysqlError } from './errors.ts'
import { PayloadReader } from './payload-reader.ts'
import { closeStatement, execute, fetchRows, prepare, resetStatement, sendLongData } from './prepared.ts'
import { okQuery, textQuery } from './queries.ts'
import { writeEof, writeListedField } from './results.ts'
import { like } from './like.ts'
import { settled, type Steps } from './wire.ts'

/**
 * Answers one command packet (MySQL internals: "Command Phase"), except COM_QUIT and COM_CHANGE_USER.
 * @throws what is to be sent as an error; the connection goes on
 */
export function runCommand<Session>(client: Client<Session>, packet: Buffer): Steps<void> | undefined {
  switch (packet[0]) {
    case Command.QUERY:
      return textQuery(client, client.decode(packet.subarray(1)))
    case Command.STMT_EXECUTE:
      return execute(client, packet)
    case Command.STMT_PREPARE:
      return prepare(client, client.decode(packet.subarray(1)))
    case Command.STMT_FETCH:
      return fetchRows(client, packet)
    case Command.INIT_DB:
      return initDatabase(client, client.decode(packet.subarray(1)))
    case Command.FIELD_LIST:
      return fieldList(client, packet)
    case Command.PROCESS_INFO:
      return textQuery(client, 'SHOW PROCESSLIST')
    case Command.PROCESS_KILL:
      return okQuery(client, `KILL ${new PayloadReader(packet, 1).uint32()}`)
    case Command.RESET_CONNECTION:
      return resetConnection(client)
    default:
      runSimpleCommand(client, packet)
      return undefined
  }
}

/** The commands that never wait. */
function runSimpleCommand<Session>(client: Client<Session>, packet: Buffer): void {
  switch (packet[0]) {
    case Command.PING:
      client.ok()
      break
    case Command.STMT_CLOSE:
      closeStatement(client, packet)
      break
    case Command.STMT_SEND_LONG_DATA:
      sendLongData(client, packet)
      break
    case Command.STMT_RESET:
      resetStatement(client, packet)
      break
    case Command.STATISTICS:
      statistics(client)
      break
    case Command.SET_OPTION:
      setOption(client, packet)
      break
    case Command.DEBUG:
      writeEof(client.out, client.status())
      break
    default:
      throw new MysqlError(`Unknown command ${packet[0] ?? '(an empty packet)'}`, 1047, '08S01')
  }
}

function* initDatabase<Session>(client: Client<Session>, name: string): Steps<void> {
  yield* okQuery(client, `USE ${quoteName(name)}`)
  client.database = name
}

/** COM_FIELD_LIST: the columns of a table, those whose names match the wildcard if there is one. */
function* fieldList<Session>(client: Client<Session>, packet: Buffer): Steps<void> {
  const { handler } = client.server
  const fields = new PayloadReader(packet, 1)
  const table = fields.nullTerminated()
  const pattern = client.decode(fields.rest())
  const columns = yield* settled(handler.describe?.(`SELECT * FROM ${quoteName(table)}`, client.session))
  if (columns === undefined) throw new MysqlError(`The columns of "${table}" are not known`, 1146, '42S02')
  for (const column of columns) {
    if (pattern === '' || like(column.name, pattern)) writeListedField(client.out, column)
  }
  client.endRows(0)
}

function quoteName(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``
}

function* resetConnection<Session>(client: Client<Session>): Steps<void> {
  yield* settled(client.server.handler.reset?.(client.session))
  client.reset()
  client.ok()
}

/** COM_STATISTICS: a bare string. */
function statistics<Session>({ out, server }: Client<Session>): void {
  out.begin()
  out.text(server.statistics())
  out.end()
}

/** COM_SET_OPTION: 0 turns several statements per query on, 1 off. The answer is an EOF for every client. */
function setOption<Session>(client: Client<Session>, packet: Buffer): void {
  const option = new PayloadReader(packet, 1).uint16()
  if (option > 1) throw malformedPacket(`${option} is not an option of COM_SET_OPTION`)
  client.multiStatements = option === 0
  writeEof(client.out, client.status())
}
