import { describe, test, type TestContext } from 'node:test'
import type { Storage } from '../storage/storage.ts'
import { isolationTests } from './storage-isolation-tests.ts'
import { logTests } from './storage-log-tests.ts'
import type { ConformanceTest } from './storage-samples.ts'
import { tableTests } from './storage-table-tests.ts'

/** A test that an adapter cannot pass, and why. */
export interface SkippedTest {
  /** The name of the test, exactly. */
  readonly test: string
  readonly reason: string
}

/** Settings of `storageConformance()`. */
export interface ConformanceOptions {
  readonly skip?: readonly SkippedTest[]
}

/** Makes a storage with nothing in it, not opened yet. */
export type StorageFactory = () => Storage | Promise<Storage>

type Open = (t: TestContext) => Promise<Storage>

/**
 * Registers one test for every MUST of `Storage`: run it for an adapter of your own in a file of `node --test`.
 * @param name what the adapter is called in the report
 * @param factory called for every test; the storage is opened and closed by the test
 * @throws Error where `skip` names a test that does not exist
 */
export function storageConformance(
  name: string,
  factory: StorageFactory,
  { skip = [] }: ConformanceOptions = {},
): void {
  const all = [...tableTests, ...logTests, ...isolationTests]
  for (const skipped of skip) {
    if (!all.some(([title]) => title === skipped.test)) {
      throw new Error(`There is no test "${skipped.test}" to skip for ${name}; the tests are: ${titles(all)}`)
    }
  }
  const open: Open = async (t) => {
    const storage = await factory()
    await storage.open()
    t.after(() => storage.close())
    return storage
  }
  void describe(`storage: ${name}`, () => {
    for (const [title, run] of all) {
      const reason = skip.find((skipped) => skipped.test === title)?.reason
      void test(title, reason === undefined ? {} : { skip: reason }, async (t) => run(await open(t)))
    }
  })
}

function titles(all: readonly ConformanceTest[]): string {
  return all.map(([title]) => `"${title}"`).join(', ')
}
