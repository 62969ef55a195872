// Both are optional, and we use what they have in common: their own types are neither needed nor always there.
declare module 'better-sqlite3' {
  const Database: unknown
  export = Database
}

declare module 'libsql' {
  const Database: unknown
  export = Database
}
