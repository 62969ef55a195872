import { Random } from '../fuzz/random.ts'

const columns = ['id', 'hash'] as const
const numbers = ['0', '1', '2', '3', '10', '99', '2.5', '-1', '2147483648', 'NULL']
const texts = ["''", "'1'", "'10'", "'9'", "'alpha'", "'BETA'", "'a_b'", "'zzz'", "'1x'"]
const operators = ['=', '<>', '!=', '<', '<=', '>', '>=', '<=>']
const patterns = ["'%'", "'a%'", "'%a'", "'%a%'", "'_'", "'__'", "'%\\_%'", "'%_a'", "'B%'", "'1%'", "''", "'be_a'"]

/** Statements made of templates, the same ones for the same seed. */
export function generated(seed: number, count: number): string[] {
  const random = new Random(seed)
  const value = (): string => random.pick(random.once(2) ? numbers : texts)
  const condition = (depth: number): string => {
    const column = random.pick(columns)
    switch (random.below(depth > 0 ? 9 : 6)) {
      case 0:
        return `${column} ${random.pick(operators)} ${value()}`
      case 1:
        return `${column}${random.pick(['', ' NOT'])} IN (${value()}, ${value()})`
      case 2:
        return `${column}${random.pick(['', ' NOT'])} LIKE ${random.pick(patterns)}`
      case 3:
        return `${column}${random.pick(['', ' NOT'])} BETWEEN ${value()} AND ${value()}`
      case 4:
        return `${column} IS${random.pick(['', ' NOT'])} NULL`
      case 5:
        return `${column} % ${1 + random.below(5)} = ${random.below(3)}`
      case 6:
        return `NOT ${condition(depth - 1)}`
      case 7:
        return `(${condition(depth - 1)} OR ${condition(depth - 1)})`
      default:
        return `${condition(depth - 1)} AND ${condition(depth - 1)}`
    }
  }
  const order = (): string => random.pick(['id', 'id DESC', 'hash, id', 'hash DESC, id', '2, 1', 'hash = 10, id DESC'])
  const limit = (): string => random.pick(['100', '3', '2, 2', '4 OFFSET 1', '0', '1, 100'])
  return Array.from({ length: count }, () => {
    const where = condition(2)
    if (random.once(5)) return `SELECT COUNT(*), MIN(id), MAX(hash), SUM(id) FROM users_auth WHERE ${where}`
    if (random.once(6)) {
      return `SELECT LENGTH(hash) AS l, COUNT(*), MAX(id) FROM users_auth WHERE ${where} GROUP BY l ORDER BY l LIMIT 100`
    }
    return `SELECT id, hash FROM users_auth WHERE ${where} ORDER BY ${order()} LIMIT ${limit()}`
  })
}

/** Two values, or one, and what can be done with them. */
export function expressions(seed: number, count: number): string[] {
  const random = new Random(seed)
  const value = (): string => random.pick(random.once(2) ? numbers : texts)
  const operator = (): string =>
    random.pick([...operators, '+', '-', '*', '%', 'DIV', 'AND', 'OR', 'XOR', 'LIKE', '&', '|', '<<'])
  const functions = [
    'LENGTH',
    'UPPER',
    'ABS',
    'HEX',
    'REVERSE',
    'ISNULL',
    'NOT',
    'TRIM',
    'SIGN',
    'CHAR_LENGTH',
    '-',
    'CEIL',
  ]
  return Array.from({ length: count }, () => {
    const simple = (): string => `${value()} ${operator()} ${value()}`
    switch (random.below(5)) {
      case 0:
        return `SELECT ${random.pick(functions)}(${value()}) AS x`
      case 1:
        return `SELECT ${random.pick(['CONCAT', 'IFNULL', 'COALESCE', 'NULLIF', 'LEFT', 'REPEAT', 'MOD', 'INSTR', 'STRCMP'])}(${value()}, ${value()}) AS x`
      case 2:
        return `SELECT ${simple()} ${operator()} ${value()} AS x`
      case 3:
        return `SELECT ${value()} IN (${value()}, ${value()}) AS a, ${value()} BETWEEN ${value()} AND ${value()} AS b`
      default:
        return `SELECT ${simple()} AS x`
    }
  })
}
