/** The rows of `keys`; keys without a row are left out. */
export function pickRows(rows: ReadonlyMap<string, string>, keys: readonly string[]): Map<string, string> {
  const picked = new Map<string, string>()
  for (const key of keys) {
    const value = rows.get(key)
    if (value !== undefined) picked.set(key, value)
  }
  return picked
}
