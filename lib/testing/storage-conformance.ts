import { describe, test, type TestContext } from 'node:test'
import type { Storage } from '../storage/storage.ts'
import { isolationTests } from './storage-isolation-tests.ts'
import { logTests } from './storage-log-tests.ts'
import type { Shared } from './storage-samples.ts'
import { sharedTests } from './storage-shared-tests.ts'
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
  /**
   * For adapters whose data outlive the process, or that several processes use at once: called for every test of that,
   * it makes an empty place for data (a file, a database, a prefix) and returns what makes storages on it, not opened
   * yet. Without it these tests are not run.
   */
  readonly place?: () => StorageFactory | Promise<StorageFactory>
}

/** Makes a storage with nothing in it, not opened yet. */
export type StorageFactory = () => Storage | Promise<Storage>

/**
 * Registers one test for every MUST of `Storage`: run it for an adapter of your own in a file of `node --test`.
 * @param name what the adapter is called in the report
 * @param factory called for every test; the storage is opened and closed by the test
 * @throws Error where `skip` names a test that does not exist
 */
export function storageConformance(
  name: string,
  factory: StorageFactory,
  { skip = [], place }: ConformanceOptions = {},
): void {
  const alone = [...tableTests, ...logTests, ...isolationTests]
  checkSkipped(name, skip, [...alone, ...sharedTests])
  const optionsOf = (title: string): { skip?: string } => {
    const reason = skip.find((skipped) => skipped.test === title)?.reason
    return reason === undefined ? {} : { skip: reason }
  }
  void describe(`storage: ${name}`, () => {
    for (const [title, run] of alone) {
      void test(title, optionsOf(title), async (t) => run(await opened(t, factory)))
    }
    if (place === undefined) return
    for (const [title, run] of sharedTests) {
      void test(title, optionsOf(title), async (t) => {
        const make = await place()
        await run(sharing(t, make))
      })
    }
  })
}

async function opened(t: TestContext, factory: StorageFactory): Promise<Storage> {
  return await sharing(t, factory).open()
}

/** Each storage is closed once: by the test, or else at its end. */
function sharing(t: TestContext, factory: StorageFactory): Shared {
  const open = new Set<Storage>()
  const close = async (storage: Storage): Promise<void> => {
    if (open.delete(storage)) await storage.close()
  }
  return {
    close,
    async open() {
      const storage = await factory()
      await storage.open()
      open.add(storage)
      t.after(() => close(storage))
      return storage
    },
  }
}

function checkSkipped(name: string, skip: readonly SkippedTest[], all: readonly (readonly [string, unknown])[]): void {
  const titles = all.map(([title]) => title)
  for (const { test: title } of skip) {
    if (titles.includes(title)) continue
    const listed = titles.map((one) => `"${one}"`).join(', ')
    throw new Error(`There is no test "${title}" to skip for ${name}; the tests are: ${listed}`)
  }
}
