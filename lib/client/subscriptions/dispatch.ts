import type { Requests } from '../commands/requests.ts'
import { cometEvent, type ServerMessage } from '../server-message.ts'
import type { Subscriptions } from './subscriptions.ts'

/** Calls a callback of the page. */
export type Call = <Args extends readonly unknown[]>(callback: (...args: Args) => void, ...args: Args) => void

/** A `Call` that reports what a callback throws, so that it does not stop the others. */
export function callWith(reportError: (error: unknown) => void): Call {
  return (callback, ...args) => {
    try {
      callback(...args)
    } catch (error) {
      reportError(error)
    }
  }
}

/** Gives a message to who asked for it, then to who wants its event, its pipe, or everything. */
export function dispatch(message: ServerMessage, requests: Requests, subscriptions: Subscriptions, call: Call): void {
  const event = cometEvent(message)
  const asker = message.marker === undefined ? undefined : requests.callback(message.marker)
  // The list is a copy: callbacks may subscribe and unsubscribe.
  const subscribers = subscriptions.callbacks(message.pipe, message.event)
  for (const callback of asker === undefined ? subscribers : [asker, ...subscribers]) call(callback, event)
}
