import { publishing } from './publishing.ts'
import type { Values } from './measuring.ts'
import { idlePipes, publishingBeside, queuedMessages, subscriptions } from './growth.ts'

/** All figures by name; each takes a size. */
export const figures: Readonly<Record<string, ((size: number) => Promise<Values>) | undefined>> = {
  publishing,
  publishingBeside,
  subscriptions,
  idlePipes,
  queuedMessages,
}
