/** Who is in the track_ pipes, as a page sees it: the list that it asked for, and what happened since. */
export class Members {
  readonly #pipes = new Map<string, string[]>()

  /** Undefined where the list has not come. */
  of(pipe: string): readonly string[] | undefined {
    return this.#pipes.get(pipe)?.toSorted()
  }

  list(pipe: string, data: unknown): void {
    if (Array.isArray(data)) this.#pipes.set(pipe, data.map(memberOf))
  }

  change(pipe: string, event: string, data: unknown): void {
    const members = this.#pipes.get(pipe)
    if (members === undefined) return
    if (event === 'subscription') members.push(memberOf(data))
    else members.splice(members.indexOf(memberOf(data)), 1)
  }

  forget(pipe: string): void {
    this.#pipes.delete(pipe)
  }

  clear(): void {
    this.#pipes.clear()
  }
}

function memberOf(data: unknown): string {
  const { user_id, uuid } = data as { readonly user_id: number; readonly uuid: string }
  return `${user_id} ${uuid}`
}
