// An optional peer dependency that need not be installed where we are compiled.
declare module 'better-sqlite3' {
  const Database: unknown
  // eslint-disable-next-line no-restricted-exports -- it is theirs
  export default Database
}
