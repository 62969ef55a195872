import type { TestContext } from 'node:test'
import type { Broker } from '../broker/broker.ts'

/** What does not come within this time, in milliseconds, does not come. */
const patienceMs = 10_000

/** A node that writes down what comes. */
export interface SampleNode {
  readonly received: readonly string[]
  /** How often it was told that something may be missing. */
  readonly gaps: number
  publish(text: string): Promise<void>
  close(): Promise<void>
  /** Resolves when `look` is true; it is asked whenever something comes. Rejects after 10 s with `what`. */
  until(look: () => boolean, what: string): Promise<void>
}

/** Connects one more node. */
export type ConnectNode = () => Promise<SampleNode>

/** A MUST of `Broker` as a test: it throws an AssertionError where the broker does not keep to it. */
export type BrokerTest = readonly [title: string, run: (connect: ConnectNode, t: TestContext) => Promise<void>]

/** Connects a node that writes down what comes. */
export async function connectNode(broker: Broker): Promise<SampleNode> {
  const received: string[] = []
  const watchers = new Set<() => void>()
  let gaps = 0
  const tell = (): void => {
    for (const watcher of [...watchers]) watcher()
  }
  const connection = await broker.connect({
    message(text) {
      received.push(text)
      tell()
    },
    gap() {
      gaps++
      tell()
    },
  })
  return {
    received,
    get gaps() {
      return gaps
    },
    publish: (text) => connection.publish(text),
    close: () => connection.close(),
    until: (look, what) => watch(watchers, look, () => `${what}; received ${received.length}: ${shown(received)}`),
  }
}

function watch(watchers: Set<() => void>, look: () => boolean, problem: () => string): Promise<void> {
  return new Promise((resolve, reject) => {
    const watcher = (): void => {
      if (!look()) return
      end()
      resolve()
    }
    const timer = setTimeout(() => {
      end()
      reject(new Error(`Not within ${patienceMs / 1000} s: ${problem()}`))
    }, patienceMs)
    const end = (): void => {
      clearTimeout(timer)
      watchers.delete(watcher)
    }
    watchers.add(watcher)
    watcher()
  })
}

function shown(texts: readonly string[]): string {
  return texts
    .slice(-5)
    .map((text) => text.slice(0, 40))
    .join(', ')
}
