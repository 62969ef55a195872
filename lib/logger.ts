import createDebug from 'debug'
import type { Logger } from './core/host.ts'

/** Warnings show with DEBUG=star-comet*; errors show as a warning of the process, which the owner can handle or silence. */
export function defaultLogger(): Logger {
  const debug = createDebug('star-comet')
  return {
    warn: (message) => debug(message),
    error: (message) => process.emitWarning(message, 'StarCometError'),
  }
}
