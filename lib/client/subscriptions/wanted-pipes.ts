import { subscriptionCommand, subscriptionLine } from '../../wire/commands.ts'
import { pipesOf, type Positions } from './positions.ts'
import type { ServerMessage } from '../server-message.ts'
import { isLocalPipe } from './subscription-name.ts'

/** What a server was told of the pipes that are wanted. */
export interface Told {
  readonly pipes: readonly string[]
  /** The new ones, and whether it was told where to go on in them. */
  readonly added: ReadonlyMap<string, boolean>
}

/** The pipes that are wanted, and what the server has been told of them by the connection of now. */
export class WantedPipes {
  readonly #positions: Positions
  #wanted: readonly string[] = []
  #sent: readonly string[] = []
  /** For each subscription that is not answered yet: see `Told.added`. */
  #unanswered: ReadonlyMap<string, boolean>[] = []

  constructor(positions: Positions) {
    this.#positions = positions
  }

  get names(): readonly string[] {
    return this.#wanted
  }

  /** Replaces the list. */
  set(pipes: readonly string[]): void {
    for (const pipe of this.#wanted) if (!pipes.includes(pipe)) this.#positions.forget(pipe)
    this.#wanted = pipes
  }

  /** A new connection, by which the server was `told` something already, or nothing. */
  connected({ pipes, added }: Told = { pipes: [], added: new Map() }): void {
    this.#sent = pipes
    this.#unanswered = pipes.length > 0 ? [added] : []
  }

  /** The server has forgotten all subscriptions. */
  forgotten(): void {
    this.#sent = []
  }

  /** The command that tells the server what it does not know yet; undefined where there is nothing. */
  change(): string | undefined {
    const wanted = this.#wanted
    const sent = new Set(this.#sent)
    if (wanted.length === sent.size && wanted.every((pipe) => sent.has(pipe))) return undefined
    this.#sent = wanted
    const { command, told } = this.#subscription(wanted, sent)
    this.#unanswered.push(told.added)
    return command
  }

  /** The command for another connection that is to take over from this one, and what the server knows by it then. */
  forAnother(): { readonly command: string; readonly told: Told } {
    // The others in a tracked pipe are told who comes and who goes: there it comes when this one has gone.
    const pipes = this.#wanted.filter((pipe) => !pipe.startsWith('track_'))
    return this.#subscription(pipes, new Set())
  }

  /** Of a pipe that the page left before the server knew: there is nothing to note any more. */
  isLeft({ pipe, history }: ServerMessage): boolean {
    return history !== true && !isLocalPipe(pipe) && !this.#wanted.includes(pipe)
  }

  /** The answer to a subscription, naming the pipes, too, of which the server keeps nothing, or nothing any more. */
  answered(message: ServerMessage): ServerMessage {
    const pipes = { ...pipesOf(message.data) }
    for (const [pipe, isResumed] of this.#unanswered.shift() ?? [])
      pipes[pipe] ??= isResumed ? { recovered: false } : {}
    // What was left meanwhile, and wanted again, has its answer to come.
    const isDue = (pipe: string): boolean => !this.#unanswered.some((later) => later.has(pipe))
    const here = Object.entries(pipes).filter(([pipe]) => this.#wanted.includes(pipe) && isDue(pipe))
    return { ...message, data: { pipes: Object.fromEntries(here) } }
  }

  #subscription(
    pipes: readonly string[],
    sent: ReadonlySet<string>,
  ): { readonly command: string; readonly told: Told } {
    const position = (pipe: string) => (sent.has(pipe) ? undefined : this.#positions.of(pipe))
    const added = pipes.filter((pipe) => !sent.has(pipe))
    return {
      command: subscriptionCommand(pipes.map((pipe) => subscriptionLine(pipe, position(pipe)))),
      told: { pipes, added: new Map(added.map((pipe) => [pipe, position(pipe) !== undefined])) },
    }
  }
}
