// An optional peer dependency that need not be installed where we are compiled.
declare module 'better-sqlite3' {
  const Database: unknown
  export default Database
}
