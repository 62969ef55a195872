import type { TestContext } from 'node:test'
import { createCometServer, memory, type CometServerOptions, type Logger } from '../../lib/index.ts'

/** A comet server with browsers in memory; closed after the test. */
export function serve(t: TestContext, options: CometServerOptions = {}) {
  const browsers = memory()
  const comet = createCometServer({ transports: [browsers], ...options })
  t.after(() => comet.close())
  return { comet, browsers }
}

/** A logger that keeps what it is told. */
export function memoryLogger(): Logger & { readonly errors: string[] } {
  const errors: string[] = []
  return { errors, warn: () => undefined, error: (message) => errors.push(message) }
}
