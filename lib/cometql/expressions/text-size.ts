import type { Meter } from '../../core/limits/metrics.ts'
import { cometError } from '../../errors.ts'

/**
 * Refuses a text that has not been made yet: a few that double themselves would fill the memory. `length` is in characters, so the text has that many bytes at least.
 * @throws CometError COMET_ERR_TOO_LONG
 */
export function checkTextLength(column: string, length: number, limit: number): void {
  if (length > limit) throw cometError('COMET_ERR_TOO_LONG', { column, size: length, unit: 'characters', limit })
}

/**
 * Refuses a text of more than `limit` bytes of UTF-8.
 * @throws CometError COMET_ERR_TOO_LONG
 */
export function checkTextSize(column: string, text: string, limit: number): void {
  const size = sizeAbove(text, limit)
  if (size !== undefined) throw cometError('COMET_ERR_TOO_LONG', { column, size, unit: 'bytes', limit })
}

/** What a message may be: its text, in bytes of UTF-8. */
export interface MessageLimit {
  readonly maxMessageBytes: number
  readonly meter: Meter
}

/**
 * Refuses what no message may hold, and counts that.
 * @throws CometError COMET_ERR_TOO_LONG
 */
export function checkMessageSize(column: string, text: string, { maxMessageBytes: limit, meter }: MessageLimit): void {
  const size = sizeAbove(text, limit)
  if (size === undefined) return
  meter.hit('maxMessageBytes')
  throw cometError('COMET_ERR_TOO_LONG', { column, size, unit: 'bytes', limit })
}

function sizeAbove(text: string, limit: number): number | undefined {
  if (text.length * 3 <= limit) return undefined // no character of a string takes more than 3 bytes of UTF-8
  const size = Buffer.byteLength(text)
  return size > limit ? size : undefined
}
