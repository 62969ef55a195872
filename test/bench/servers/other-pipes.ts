// A server process of the benchmark: `other-pipes.ts <count>`: star-comet where so many pipes have a subscriber.
import { namesOf, subscribe } from './figures/growth.ts'
import { quietServer } from './figures/measuring.ts'
import { report } from './publisher.ts'

const [count = 0] = process.argv.slice(2).map(Number)
const { comet, browsers } = await quietServer({ password: 'bench', cometql: { port: 0 } })
await subscribe(browsers.connect(), namesOf(count))
process.on('disconnect', () => process.exit())
report({ type: 'listening', port: 0, pid: process.pid, cometqlPort: comet.address()?.port ?? 0 })
