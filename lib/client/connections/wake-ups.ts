import type { Environment } from '../environment.ts'

/**
 * Calls `wake` when trying again is likely to work: the network is back, the page comes out of the back/forward cache,
 * or a hidden tab is looked at. Returns what undoes it.
 */
export function onWakeUp({ window, document }: Environment, wake: () => void): () => void {
  const visible = (): void => {
    if (document?.visibilityState === 'visible') wake()
  }
  window?.addEventListener('online', wake)
  window?.addEventListener('pageshow', wake)
  document?.addEventListener('visibilitychange', visible)
  return () => {
    window?.removeEventListener('online', wake)
    window?.removeEventListener('pageshow', wake)
    document?.removeEventListener('visibilitychange', visible)
  }
}
