import { benchMessage } from '../../messages.ts'
import { microsEach, quietServer, type Values } from './measuring.ts'

/** Messages for which nobody waits; `count` of them. */
export async function publishing(count: number): Promise<Values> {
  const { comet } = await quietServer()
  const message = benchMessage(1)
  return { time: await microsEach(count, () => comet.publish('bench', '', message)) }
}
