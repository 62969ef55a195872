import { cometError } from '../errors.ts'

/** The greatest number that timers of Node and the limit of `ws` take. */
const maxInt32 = 2 ** 31 - 1

/** What an option takes: numbers from 1, or also Infinity, which turns off what it is about. */
export type NumberRule = 'finite' | 'or never'

/**
 * Looks at the options that `factory` was given; those that are undefined have their defaults.
 * @throws CometError COMET_ERR_OPTION
 */
export function checkNumbers<Options extends object>(
  factory: string,
  options: Options,
  rules: Readonly<Record<keyof Options & string, NumberRule>>,
): void {
  const given: unknown = options
  if (typeof given !== 'object' || given === null) wrong(factory, given, 'called with an object, or nothing')
  for (const [name, value] of Object.entries(given) as [string, unknown][]) {
    const rule = Object.hasOwn(rules, name) ? rules[name as keyof Options & string] : undefined
    const path = `${factory}.${name}`
    if (rule === undefined) wrong(path, 'not known', `one of ${Object.keys(rules).join(', ')}`)
    if (value === undefined || (rule === 'or never' && value === Infinity)) continue
    if (typeof value !== 'number' || !(value >= 1 && value <= maxInt32))
      wrong(path, value, `a number from 1 to ${maxInt32}`)
  }
}

function wrong(option: string, value: unknown, rule: string): never {
  throw cometError('COMET_ERR_OPTION', { option, value: String(value), rule })
}
