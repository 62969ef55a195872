import { virtualTable, type VirtualTable } from './virtual-table.ts'

interface CharacterSet {
  readonly name: string
  readonly description: string
  readonly maxLength: number
  /** Collations and their MySQL ids; the first is the default. */
  readonly collations: readonly (readonly [name: string, id: number])[]
}

/** Everything is UTF-8; the other names are known because drivers ask for them. */
const characterSets: readonly CharacterSet[] = [
  {
    name: 'utf8mb4',
    description: 'UTF-8 Unicode',
    maxLength: 4,
    collations: [
      ['utf8mb4_general_ci', 45],
      ['utf8mb4_bin', 46],
      ['utf8mb4_unicode_ci', 224],
      ['utf8mb4_unicode_520_ci', 246],
    ],
  },
  {
    name: 'utf8',
    description: 'UTF-8 Unicode, 3 bytes',
    maxLength: 3,
    collations: [
      ['utf8_general_ci', 33],
      ['utf8_bin', 83],
      ['utf8_unicode_ci', 192],
    ],
  },
  { name: 'latin1', description: 'cp1252 West European', maxLength: 1, collations: [['latin1_swedish_ci', 8]] },
  {
    name: 'ascii',
    description: 'US ASCII',
    maxLength: 1,
    collations: [
      ['ascii_general_ci', 11],
      ['ascii_bin', 65],
    ],
  },
  { name: 'binary', description: 'Binary pseudo charset', maxLength: 1, collations: [['binary', 63]] },
]

const collations = characterSets.flatMap(({ name: characterSet, collations }) =>
  collations.map(([name, id], index) => ({ name, id, characterSet, isDefault: index === 0 })),
)

export const characterSetTables: readonly VirtualTable[] = [
  virtualTable('CHARACTER_SETS', 'CHARACTER_SET_NAME DEFAULT_COLLATE_NAME DESCRIPTION MAXLEN#', () =>
    characterSets.map(({ name, description, maxLength, collations: [first] }) => ({
      CHARACTER_SET_NAME: name,
      DEFAULT_COLLATE_NAME: first?.[0] ?? null,
      DESCRIPTION: description,
      MAXLEN: maxLength,
    })),
  ),
  virtualTable('COLLATIONS', 'COLLATION_NAME CHARACTER_SET_NAME ID# IS_DEFAULT IS_COMPILED SORTLEN#', () =>
    collations.map(({ name, id, characterSet, isDefault }) => ({
      COLLATION_NAME: name,
      CHARACTER_SET_NAME: characterSet,
      ID: id,
      IS_DEFAULT: isDefault ? 'Yes' : '',
      IS_COMPILED: 'Yes',
      SORTLEN: 1,
    })),
  ),
  virtualTable('COLLATION_CHARACTER_SET_APPLICABILITY', 'COLLATION_NAME CHARACTER_SET_NAME', () =>
    collations.map(({ name, characterSet }) => ({ COLLATION_NAME: name, CHARACTER_SET_NAME: characterSet })),
  ),
]
