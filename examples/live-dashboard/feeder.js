// Stands for your back-end, in whatever language: tells by INSERT how a shop is doing. server.js runs it; by itself:
// COMETQL_PORT=3307 COMET_PASSWORD=secret EVERY_MS=1000 node examples/live-dashboard/feeder.js
import { setTimeout } from 'node:timers/promises'
import { createPool } from 'mysql2/promise'

const { COMETQL_PORT = '3307', COMET_PASSWORD = 'secret', EVERY_MS = '1000' } = process.env

const comet = createPool({
  host: '127.0.0.1',
  port: Number(COMETQL_PORT),
  user: 'root',
  password: COMET_PASSWORD,
  database: 'CometQL_v1',
})

const usual = { visitors: 240, orders: 18, latency: 85 }
let shop = usual

for (;;) {
  const message = { time: Date.now(), ...shop }
  await comet
    .execute("INSERT INTO pipes_messages (name, event, message) VALUES ('shop', 'sample', ?)", [
      JSON.stringify(message),
    ])
    .catch((error) => console.error(`Not told: ${error.message}`))
  await setTimeout(Number(EVERY_MS))
  shop = { visitors: next('visitors', 9), orders: next('orders', 2.5), latency: next('latency', 7) }
}

/** Somewhere near: numbers wander, come back to what is usual, and sometimes jump. */
function next(key, step) {
  const jump = Math.random() < 0.02 ? step * 5 * Math.random() : 0
  const value = shop[key] + (usual[key] - shop[key]) * 0.03 + (Math.random() - 0.5) * 2 * step + jump
  return Math.max(1, Math.round(value))
}
