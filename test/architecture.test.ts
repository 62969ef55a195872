import { describe, test } from 'node:test'
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const lib = fileURLToPath(new URL('../lib', import.meta.url))

/** One import or re-export of a file. */
interface Import {
  readonly from: string
  /** A path below lib, or the name of a package. */
  readonly to: string
  /** Nothing of it is left when the program runs. */
  readonly isType: boolean
}

interface Source {
  readonly path: string
  readonly imports: readonly Import[]
  readonly hasDefaultExport: boolean
}

const sources = readdirSync(lib, { recursive: true, encoding: 'utf8' })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts'))
  .sort()
  .map(read)

const imports = sources.flatMap((source) => source.imports)

/** The folders of lib, and `top` for what lies above them: server.ts and its helpers, which may import everything. */
function partOf(path: string): string {
  if (path === 'errors.ts') return 'errors'
  return path.includes('/') ? path.slice(0, path.indexOf('/')) : 'top'
}

/** Who may import whom: the parts, and those of which only the types. Own files are always allowed. */
const table: Readonly<Record<string, { readonly values: readonly string[]; readonly types: readonly string[] }>> = {
  'mysql-server-protocol-lite': { values: [], types: [] },
  wire: { values: [], types: [] },
  errors: { values: [], types: [] },
  transports: { values: ['wire', 'errors'], types: [] },
  storage: { values: ['wire', 'errors'], types: [] },
  broker: { values: ['wire', 'errors'], types: [] },
  core: { values: ['wire', 'errors'], types: ['storage', 'broker', 'transports'] },
  cometql: { values: ['core', 'errors'], types: ['mysql-server-protocol-lite'] },
  client: { values: ['wire'], types: [] },
  testing: { values: ['wire', 'errors'], types: ['storage', 'broker', 'transports', 'core'] },
  top: {
    values: ['wire', 'errors', 'core', 'cometql', 'storage', 'broker', 'transports', 'mysql-server-protocol-lite'],
    types: [],
  },
  bin: { values: ['top', 'storage', 'broker', 'transports', 'errors'], types: [] },
}

const parts = [...new Set(sources.map(({ path }) => partOf(path)))]

/** The packages that lib may use, by part. Everybody may use what Node has. */
const packages: Readonly<Record<string, readonly string[]>> = {
  core: ['jose'],
  storage: ['better-sqlite3', 'libsql'],
  transports: ['ws'],
  top: ['debug'],
}

describe('who may import whom', () => {
  for (const part of parts) {
    test(`${part} imports only what the table allows`, () => {
      const rule = table[part]
      assert.ok(rule, `lib/${part} is not in the table of this test: add it, and to ARCHITECTURE.md`)
      const wrong = imports
        .filter(({ from }) => partOf(from) === part)
        .filter((one) => isOfLib(one) && !isAllowed(one, rule.values, rule.types))
      assert.deepEqual(wrong, [])
    })
  }

  test('a part is not in the table for nothing', () => {
    const planned = ['bin', 'testing']
    const missing = Object.keys(table).filter((part) => !parts.includes(part) && !planned.includes(part))
    assert.deepEqual(missing, [])
  })

  test('packages are imported where they belong', () => {
    const wrong = imports
      .filter((one) => !isOfLib(one) && !one.to.startsWith('node:'))
      .filter(({ from, to }) => !(packages[partOf(from)] ?? []).includes(to))
    assert.deepEqual(wrong, [])
  })

  test('the MySQL protocol imports only node: modules and its own files', () => {
    const wrong = imports
      .filter(({ from }) => partOf(from) === 'mysql-server-protocol-lite')
      .filter(({ to }) => !to.startsWith('node:') && partOf(to) !== 'mysql-server-protocol-lite')
    assert.deepEqual(wrong, [])
  })

  test('what browsers run knows neither Node nor packages', () => {
    const wrong = imports.filter(({ from, to }) => ['wire', 'client'].includes(partOf(from)) && !to.endsWith('.ts'))
    assert.deepEqual(wrong, [])
  })

  test('nobody but index.ts imports server.ts, and nobody index.ts', () => {
    const wrong = imports.filter(
      ({ from, to }) => (to === 'server.ts' && from !== 'index.ts') || (to === 'index.ts' && partOf(from) !== 'bin'),
    )
    assert.deepEqual(wrong, [])
  })

  test('index.ts only re-exports', () => {
    const text = readFileSync(join(lib, 'index.ts'), 'utf8')
    const others = parse('index.ts', text).statements.filter((statement) => !ts.isExportDeclaration(statement))
    assert.equal(others.length, 0)
  })
})

describe('imports', () => {
  test('name files that exist, with their ending', () => {
    const paths = new Set(sources.map(({ path }) => path))
    assert.deepEqual(
      imports.filter((one) => isOfLib(one) && !paths.has(one.to)),
      [],
    )
  })

  test('of values make no cycle', () => assert.deepEqual(cycles(), []))

  test('there is no default export', () => {
    assert.deepEqual(
      sources.filter(({ hasDefaultExport }) => hasDefaultExport).map(({ path }) => path),
      [],
    )
  })
})

describe('the rules of the house', () => {
  test('nobody listens on process or writes to globalThis', () => {
    const wrong = sources.flatMap(({ path }) => {
      const text = readFileSync(join(lib, path), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')
      return partOf(path) !== 'bin' && /\b(process\.on|globalThis\.\w+ =)/.test(text) ? [path] : []
    })
    assert.deepEqual(wrong, [])
  })

  test('files are kebab-case', () => {
    assert.deepEqual(
      sources.map(({ path }) => path).filter((path) => !/^[a-z0-9/-]+\.ts$/.test(path)),
      [],
    )
  })

  test('interfaces that adapters implement have at most 8 methods', () => {
    for (const path of ['broker/broker.ts', 'storage/storage.ts', 'transports/transport.ts']) {
      for (const node of parse(path, readFileSync(join(lib, path), 'utf8')).statements) {
        if (!ts.isInterfaceDeclaration(node)) continue
        const methods = node.members.filter((member) => ts.isMethodSignature(member))
        assert.ok(methods.length <= 8, `${node.name.text} in ${path} has ${methods.length}`)
      }
    }
  })
})

/** `transports`, `storage` and `broker` may know the type of what they carry: `core/frame.ts`. */
function isAllowed({ from, to, isType }: Import, values: readonly string[], types: readonly string[]): boolean {
  const [part, other] = [partOf(from), partOf(to)]
  if (part === other || values.includes(other)) return true
  if (!isType) return false
  return types.includes(other) || (['transports', 'storage', 'broker'].includes(part) && to === 'core/frame.ts')
}

function isOfLib({ to }: Import): boolean {
  return to.endsWith('.ts')
}

function cycles(): string[] {
  const found: string[] = []
  const done = new Set<string>()
  const visit = (path: string, way: readonly string[]): void => {
    if (way.includes(path)) found.push([...way.slice(way.indexOf(path)), path].join(' -> '))
    if (way.includes(path) || done.has(path)) return
    for (const { from, to, isType } of imports) if (from === path && !isType) visit(to, [...way, path])
    done.add(path)
  }
  for (const { path } of sources) visit(path, [])
  return found
}

function parse(path: string, text: string): ts.SourceFile {
  return ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
}

function read(path: string): Source {
  const file = parse(path, readFileSync(join(lib, path), 'utf8'))
  const found: Import[] = []
  const add = (specifier: string, isType: boolean): void => {
    const to = specifier.startsWith('.') ? posix.join(dirname(path), specifier) : specifier
    found.push({ from: path, to, isType })
  }
  let hasDefaultExport = false
  const visit = (node: ts.Node): void => {
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier !== undefined) {
      add((node.moduleSpecifier as ts.StringLiteral).text, isTypeOnly(node))
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      add((node.argument.literal as ts.StringLiteral).text, true)
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [argument] = node.arguments
      assert.ok(argument !== undefined && ts.isStringLiteral(argument), `an import() in ${path} that cannot be checked`)
      add(argument.text, false)
    } else if (ts.isExportAssignment(node)) hasDefaultExport = true
    else if (node.kind === ts.SyntaxKind.DefaultKeyword && node.parent.kind !== ts.SyntaxKind.DefaultClause) {
      hasDefaultExport = true
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  return { path, imports: found, hasDefaultExport }
}

/** `import type` and `export type`. Of `import { type A }` an import remains: it runs the other file. */
function isTypeOnly(node: ts.ImportDeclaration | ts.ExportDeclaration): boolean {
  if (ts.isExportDeclaration(node)) return node.isTypeOnly
  return node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword
}
