import { Command } from '../../../lib/mysql-server-protocol-lite/constants.ts'
import type { Random } from '../../fuzz/random.ts'
import { command, packet, query, RawClient } from '../../mysql-server-protocol-lite/support.ts'
import type { Abuse, Place } from './abuse.ts'
import { userCount } from './churn.ts'
import { RawSockets, vanish } from './raw-socket.ts'

const lifeMs = 1500
const text = 'x'.repeat(1000)

/** Each of these is the last that is heard of a back-end which has logged in. */
const farewells: readonly ((random: Random) => Buffer)[] = [
  () => query('SELECT 1').subarray(0, 7), // in the middle of a packet
  () => packet(0, 'x'.repeat(50)).subarray(0, 2),
  () => query("SELECT a.message FROM pipes_messages a, pipes_messages b WHERE a.name = 'used1' AND b.name = 'used1'"),
  () => query("SELECT * FROM pipes_messages WHERE name = 'web_nobody' WAIT 20"),
  (random) => query(`SELECT * FROM users_time WHERE id = ${1000 + random.below(userCount)} WAIT 20`),
  () =>
    Buffer.concat([
      query('BEGIN'),
      query(`INSERT INTO pipes_messages (name, event, message) VALUES ('soak0', 'x', '${text}')`),
    ]),
  () =>
    Buffer.concat(
      Array.from({ length: 20 }, () => command(Command.STMT_PREPARE, 'SELECT * FROM users_time WHERE id = ?')),
    ),
  (random) =>
    query(`INSERT INTO users_messages (id, event, message) VALUES (${1000 + random.below(userCount)}, 'e', '${text}')`),
  (random) =>
    query(`INSERT INTO pipes_messages (name, event, message) VALUES ('used${random.below(50)}', 'e', '${text}')`),
  (random) => query(`INSERT INTO pipes_settings (name, length) VALUES ('used${random.below(50)}', 20)`),
  (random) => query(`DELETE FROM pipes_messages WHERE name = 'used${random.below(50)}'`),
  (random) => query(`INSERT INTO users_data (id, data) VALUES (${1000 + random.below(userCount)}, '${text}')`),
  (random) => query(`SET @a = REPEAT('x', ${random.below(100_000)})`),
  () => query('SELECT * FROM users_in_pipes LIMIT 100'),
  () => query('SHOW PROCESSLIST'),
  () => query('SELEKT nonsense'),
  (random) => command(random.below(32), random.bytes(50)),
  () => command(Command.QUIT),
]

/** Back-ends that vanish: in the middle of the login, of a packet, of a result, of a wait, of a transaction. */
export function backEnds({ cometqlPort, password, random }: Place): Abuse {
  const sockets = new RawSockets()
  const visit = async (): Promise<void> => {
    const socket = sockets.open(cometqlPort, '', random.below(lifeMs))
    const client = new RawClient(socket)
    await client.greet()
    if (random.once(10)) return // says nothing, and has still its time
    if (random.once(10)) {
      client.send(packet(1, random.bytes(60)))
      return
    }
    await client.login({ plain: password })
    client.send(random.pick(farewells)(random))
    if (random.once(3)) await client.read()
    if (random.once(3)) vanish(socket)
  }
  return {
    perSecond: 25,
    step: () => void visit().catch(() => undefined), // it was cut before it could say all
    leave: () => sockets.closeAll(),
  }
}
