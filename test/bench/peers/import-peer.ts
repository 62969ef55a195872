/** Imports a package of this folder, whose types are missing where it is not installed. */
export function importPeer(name: string): Promise<unknown> {
  return import(name)
}
