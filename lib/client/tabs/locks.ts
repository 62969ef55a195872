/** As much of the Web Locks API as the client uses. Source: https://w3c.github.io/web-locks/ */
export interface Locks {
  request(name: string, options: { readonly signal: AbortSignal }, whileHeld: () => Promise<void>): Promise<unknown>
}

/**
 * Waits for the lock `name`, and calls `held` when it is ours: until the returned function is called, or the tab ends,
 * however that happens.
 */
export function holdLock(locks: Locks, name: string, held: () => void): () => void {
  const waiting = new AbortController()
  let release = (): void => waiting.abort()
  const whileHeld = (): Promise<void> =>
    new Promise((resolve) => {
      release = resolve
      held()
    })
  // Rejects where the wait was given up.
  void locks.request(name, { signal: waiting.signal }, whileHeld).catch(() => undefined)
  return () => release()
}
