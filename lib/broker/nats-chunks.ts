/** A message on its way, in parts: a payload of NATS has a limit (1 MiB by default), and a message of ours may be longer. */
interface Parts {
  readonly chunks: Uint8Array[]
  readonly count: number
}

/**
 * Cuts a text into payloads of at most `limit` bytes and a header: `<id> <index> <count>` and a line break. `id` names the
 * message among all that are on their way.
 */
export function chunksOf(text: string, id: string, limit: number): Uint8Array[] {
  const bytes = Buffer.from(text)
  const count = Math.max(1, Math.ceil(bytes.length / limit))
  return Array.from({ length: count }, (_, index) =>
    Buffer.concat([Buffer.from(`${id} ${index} ${count}\n`), bytes.subarray(index * limit, (index + 1) * limit)]),
  )
}

/** Puts messages together again; those of several nodes may be mixed. */
export class Joiner {
  readonly #parts = new Map<string, Parts>()

  /** The message whose last part this is; undefined before, and for one whose beginning was missed. */
  take(payload: Uint8Array): string | undefined {
    const end = payload.indexOf(lineBreak)
    const [id = '', index = '', count = ''] = Buffer.from(payload.subarray(0, end)).toString().split(' ')
    const chunk = payload.subarray(end + 1)
    if (count === '1') return Buffer.from(chunk).toString()
    if (index === '0') this.#parts.set(id, { chunks: [], count: Number(count) })
    const parts = this.#parts.get(id)
    if (parts === undefined) return undefined
    parts.chunks.push(Buffer.from(chunk))
    if (parts.chunks.length < parts.count) return undefined
    this.#parts.delete(id)
    return Buffer.concat(parts.chunks).toString()
  }
}

const lineBreak = 10
