import { numberDigits, numberMark, timeDigits, timeMark } from '../messages.ts'

/** How a message is found among the bytes that a subscriber gets. */
export interface Marks {
  /** Where the next one is in `bytes` from `from` on; -1 where it is not there as a whole before `end`. */
  find(bytes: Buffer, from: number, end: number): number
  /** How many bytes belong to what is found. */
  readonly length: number
  /** The number of the message at `at`; undefined where messages have none. */
  numberAt(bytes: Buffer, at: number): number | undefined
  /** When the message at `at` was published, in microseconds; undefined where it does not say. */
  timeAt(bytes: Buffer, at: number): number | undefined
}

const timeStart = numberMark.length + numberDigits + timeMark.length

/** A message of the benchmark: its number and the moment. */
export const messageMarks: Marks = {
  length: timeStart + timeDigits,
  find: (bytes, from, end) => find(bytes, numberMark, from, end - timeStart - timeDigits),
  numberAt: (bytes, at) => digits(bytes, at + numberMark.length, numberDigits),
  timeAt: (bytes, at) => digits(bytes, at + timeStart, timeDigits),
}

/** Ends the names of both events of a tracked pipe: subscription and unsubscription. */
const presenceMark = 'subscription"'

/** That somebody came or left. */
export const presenceMarks: Marks = {
  length: presenceMark.length,
  find: (bytes, from, end) => find(bytes, presenceMark, from, end - presenceMark.length),
  numberAt: () => undefined,
  timeAt: () => undefined,
}

function find(bytes: Buffer, mark: string, from: number, last: number): number {
  const at = bytes.indexOf(mark, from, 'latin1')
  return at > last ? -1 : at
}

function digits(bytes: Buffer, from: number, count: number): number {
  let value = 0
  for (let i = from; i < from + count; i++) value = value * 10 + (bytes[i] ?? 0) - 48
  return value
}
