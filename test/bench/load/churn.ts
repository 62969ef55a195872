import { setTimeout } from 'node:timers/promises'
import { microseconds, type Churn } from '../messages.ts'
import { Subscriber } from './subscriber.ts'

/** Lets others join a pipe and leave it again, in turn; resolves to how often that happened. */
export async function churn(order: Churn): Promise<{ readonly events: number; readonly startedAt: number }> {
  const { rate, ms, pipe } = order
  const others = await Promise.all(Array.from({ length: order.connections }, (_, number) => connect(order, number)))
  const startedAt = microseconds()
  let events = 0
  for (let elapsed = 0; elapsed < ms; elapsed = (microseconds() - startedAt) / 1000) {
    for (; events < (elapsed * rate) / 1000; events++) {
      const isJoin = Math.floor(events / others.length) % 2 === 0
      others[events % others.length]?.say(isJoin ? `subscription\n${pipe}` : 'subscription') // which replaces the one before
    }
    await setTimeout(1)
  }
  return { events, startedAt }
}

function connect({ port, subscribing }: Churn, number: number): Promise<Subscriber> {
  return new Promise((resolve, reject) => {
    const one = new Subscriber(
      port,
      number,
      subscribing,
      () => undefined,
      (error) => (error === undefined ? resolve(one) : reject(error)),
    )
  })
}
