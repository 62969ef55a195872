import { inspect } from 'node:util'
import { cometError } from './errors.ts'

/** Looks at the value of an option; `name` is what the sentence calls it. @throws CometError COMET_ERR_OPTION */
export type Check = (name: string, value: unknown) => void

/** The checks of an object's members by their names. */
export type Checks = Readonly<Record<string, Check>>

/** Checks by a predicate; `rule` goes on after "it must be". */
export function must(rule: string, isRight: (value: unknown) => boolean): Check {
  return (name, value) => {
    if (!isRight(value)) wrong(name, shown(value), rule)
  }
}

/** The same for keys and passwords, which no sentence repeats, because sentences end in logs. */
export function mustBeSecret(rule: string, isRight: (value: unknown) => boolean): Check {
  return (name, value) => {
    if (!isRight(value)) wrong(name, value === '' ? 'empty' : `of type ${typeof value}`, rule)
  }
}

/** Checks each member of an object; those that are undefined count as missing, those without a check as a mistake. */
export function members(checks: Checks, rule = `an object with any of ${listed(checks)}`): Check {
  return (name, value) => {
    if (!isObject(value)) wrong(name, shown(value), rule)
    checkMembers(value, checks, `${name}.`)
  }
}

/** Checks the members of `value`; sentences call them by their names after `prefix`. @throws CometError COMET_ERR_OPTION */
export function checkMembers(value: object, checks: Checks, prefix = ''): void {
  for (const [member, given] of Object.entries(value)) {
    const check = Object.hasOwn(checks, member) ? checks[member] : undefined
    if (check === undefined) wrong(prefix + member, 'not known', `one of ${listed(checks)}`)
    if (given !== undefined) check(prefix + member, given)
  }
}

/** @throws CometError COMET_ERR_OPTION: `Option "name" is value; it must be rule` */
export function wrong(name: string, value: string, rule: string): never {
  throw cometError('COMET_ERR_OPTION', { option: name, value, rule })
}

/** A value as a sentence shows it: of objects only the names of the members, since any of them may hold a secret. */
export function shown(value: unknown): string {
  if (typeof value === 'function') return `the function ${value.name}`
  if (isObject(value) && !Array.isArray(value)) {
    const names = Object.keys(value).join(', ')
    return names === '' ? '{}' : `{ ${names} }`
  }
  return inspect(value, { depth: 0, breakLength: Infinity })
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

export function hasMethods(value: unknown, names: readonly string[]): boolean {
  return isObject(value) && names.every((name) => typeof value[name] === 'function')
}

export function isListOf(value: unknown, isRight: (one: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(isRight)
}

function listed(checks: Checks): string {
  return Object.keys(checks).join(', ')
}
