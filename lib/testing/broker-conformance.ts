import { describe, test, type TestContext } from 'node:test'
import type { Broker } from '../broker/broker.ts'
import { outageTests, type Engine } from './broker-outage-tests.ts'
import { connectNode, type BrokerTest, type ConnectNode } from './broker-samples.ts'
import { deliveryTests } from './broker-delivery-tests.ts'
import type { ConformanceOptions } from './storage-conformance.ts'

export type { Engine } from './broker-outage-tests.ts'

/** Settings of `brokerConformance()`. */
export interface BrokerConformanceOptions extends ConformanceOptions {
  /** The engine below, where the suite may stop it; without it the tests of outages are skipped with this as the reason. */
  readonly engine: Engine | string
}

/** Makes a broker that shares its channel with no other one that was made before. */
export type BrokerFactory = () => Broker | Promise<Broker>

/**
 * Registers one test for every MUST of `Broker`: run it for an adapter of your own in a file of `node --test`.
 * @param name what the adapter is called in the report
 * @param factory called for every test, which connects several nodes to the broker and closes them
 * @throws Error where `skip` names a test that does not exist
 */
export function brokerConformance(
  name: string,
  factory: BrokerFactory,
  { skip = [], engine }: BrokerConformanceOptions,
): void {
  const outages = outageTests.map(([title, run]): BrokerTest => [
    title,
    async (connect, t) => {
      if (typeof engine === 'string') t.skip(engine)
      else await run(connect, engine, t)
    },
  ])
  const all = [...deliveryTests, ...outages]
  for (const skipped of skip) {
    if (!all.some(([title]) => title === skipped.test)) {
      const titles = all.map(([title]) => `"${title}"`).join(', ')
      throw new Error(`There is no test "${skipped.test}" to skip for ${name}; the tests are: ${titles}`)
    }
  }
  void describe(`broker: ${name}`, () => {
    for (const [title, run] of all) {
      const reason = skip.find((skipped) => skipped.test === title)?.reason
      void test(title, reason === undefined ? {} : { skip: reason }, async (t) => run(await connecting(t, factory), t))
    }
  })
}

/** Connects nodes to a new broker; the test closes them at its end. */
async function connecting(t: TestContext, factory: BrokerFactory): Promise<ConnectNode> {
  const broker = await factory()
  return async () => {
    const node = await connectNode(broker)
    t.after(() => node.close())
    return node
  }
}
