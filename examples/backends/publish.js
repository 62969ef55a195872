// Publishes a message into the pipe "chat" and tells who is there. Run: node examples/backends/publish.js
// COMET_PASSWORD is that of the server; the driver comes with npm install mysql2.
// In the server's own process there is no need for this: await comet.publish('chat', 'message', 'hello').
import { createConnection } from 'mysql2/promise'

const { COMETQL_HOST = '127.0.0.1', COMETQL_PORT = '3307', COMET_PASSWORD = '' } = process.env

const comet = await createConnection({
  host: COMETQL_HOST,
  port: Number(COMETQL_PORT),
  user: 'root',
  password: COMET_PASSWORD,
  database: 'CometQL_v1',
})

const message = "hello from Node, it's easy"
await comet.execute('INSERT INTO pipes_messages (name, event, message) VALUES (?, ?, ?)', ['chat', 'message', message])

const [sessions] = await comet.execute('SELECT user_id, user_agent FROM users_in_pipes WHERE name = ?', ['chat'])
console.log(`${sessions.length} online`)
for (const { user_id, user_agent } of sessions) {
  console.log(`${user_id > 0 ? `user ${user_id}` : 'a visitor'}, ${user_agent}`)
}
await comet.end()
