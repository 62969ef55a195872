import { benchMessage } from '../../messages.ts'
import { storages } from '../storages.ts'
import { microsEach, quietServer, type Values } from './measuring.ts'

const inFlight = 100

/** Messages for which nobody waits; `count` of them. */
export async function publishing(count: number): Promise<Values> {
  const { comet } = await quietServer()
  const message = benchMessage(1)
  return { time: await microsEach(count, () => comet.publish('bench', '', message)) }
}

/** Messages into a pipe that keeps 100, in the storage of this number: one after another, and 100 at once. */
export async function keptPublishing(index: number): Promise<Values> {
  const entry = storages[index]
  if (entry === undefined) throw new Error(`There is no storage number ${index}`)
  const opened = await entry.open()
  const { comet } = await quietServer({ storage: opened.storage })
  await comet.query("INSERT INTO pipes_settings (name, length) VALUES ('kept', 100)")
  const message = benchMessage(1)
  const publish = (): Promise<unknown> => comet.publish('kept', '', message)
  const perSecond = async (atOnce: number): Promise<number> => {
    const start = performance.now()
    let count = 0
    for (; performance.now() - start < 1000; count += atOnce) await Promise.all(Array.from({ length: atOnce }, publish))
    return (count / (performance.now() - start)) * 1000
  }
  await perSecond(inFlight)
  const values = { one: await perSecond(1), many: await perSecond(inFlight) }
  await comet.close()
  await opened.close()
  return values
}
