import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Case } from './fuzzer.ts'

/** A case as JSON: bytes are hex, so that any of them can be shown, mailed, and run again. */
interface Written {
  readonly message: string
  readonly seed: number
  readonly kind: Case['kind']
  /** The chunks as they arrived, or the statement. */
  readonly hex: readonly string[]
  readonly isSlow?: boolean
}

const folder = join(import.meta.dirname, 'failures')

/** Writes a case that failed; returns the file's name. */
export function writeFailure(message: string, seed: number, number: number, failed: Case): string {
  const written: Written = { message, seed, ...encode(failed) }
  const name = join(folder, `seed-${seed}-case-${number}.json`)
  mkdirSync(folder, { recursive: true })
  writeFileSync(name, `${JSON.stringify(written, null, 2)}\n`)
  return name
}

/** Reads a case that was written. */
export function readFailure(name: string): Case {
  const { kind, hex, isSlow = false } = JSON.parse(readFileSync(name, 'utf8')) as Written
  const chunks = hex.map((chunk) => Buffer.from(chunk, 'hex'))
  if (kind === 'wire') return { kind, chunks, isSlow }
  return { kind, sql: Buffer.concat(chunks).toString() }
}

function encode(given: Case): Pick<Written, 'kind' | 'hex' | 'isSlow'> {
  if (given.kind === 'sql') return { kind: 'sql', hex: [Buffer.from(given.sql).toString('hex')] }
  return { kind: 'wire', hex: given.chunks.map((chunk) => chunk.toString('hex')), isSlow: given.isSlow }
}
