import { webPipeCommand, type WebPipe } from '../../wire/commands.ts'
import { CometClientError } from '../comet-client-error.ts'
import { SentMessages } from './sent-messages.ts'
import { memberOf, type Published, type ServerMessage } from '../server-message.ts'
import type { Session } from '../session.ts'

interface Publication {
  readonly command: string
  readonly resolve: (published: Published) => void
  readonly reject: (error: CometClientError) => void
}

/** Messages of this page, each with a promise that tells what the server said of it. */
export class Publications {
  readonly #session: Session
  readonly #sent = new SentMessages()
  readonly #byId = new Map<string, Publication>()
  /** Those that wait for a connection. */
  readonly #unsent = new Set<string>()
  #lastId = 0
  #isOver = false

  constructor(session: Session) {
    this.#session = session
    session.onStateChange((state) => {
      if (state === 'connected') for (const id of [...this.#unsent]) this.#send(id)
    })
    session.onMessage((message) => this.#received(message))
  }

  /** Rejects with a CometClientError. */
  publish(fields: WebPipe): Promise<Published> {
    const id = String(++this.#lastId)
    return new Promise((resolve, reject) => {
      this.#byId.set(id, { command: webPipeCommand(fields), resolve, reject })
      this.#unsent.add(id)
      if (this.#isOver) this.lost({ code: 1000, reason: 'the client is closed' }, true)
      else if (this.#session.state === 'connected') this.#send(id)
    })
  }

  /** A connection ended; `isOver`: for good. What was sent by it may have been published or not. */
  lost({ code, reason }: { readonly code: number; readonly reason: string }, isOver: boolean): void {
    this.#isOver = isOver
    this.#sent.clear()
    const why = `the connection ended (${code}${reason === '' ? '' : ` ${reason}`})`
    for (const [id, { reject }] of this.#byId) {
      const wasSent = !this.#unsent.has(id)
      if (!wasSent && !isOver) continue
      this.#forget(id)
      const what = wasSent ? 'It is not known whether the message was published' : 'The message was not published'
      reject(new CometClientError('COMET_ERR_CONNECTION', `${what}: ${why}`))
    }
  }

  #send(id: string): void {
    const command = this.#byId.get(id)?.command
    if (command === undefined) return
    this.#unsent.delete(id)
    this.#sent.note(id, command)
    this.#session.send(command)
  }

  #received(message: ServerMessage): void {
    const refused = this.#sent.refused(message)
    const id = refused ?? this.#sent.reported(message)?.tab
    const publication = id === undefined ? undefined : this.#byId.get(id)
    if (id === undefined || publication === undefined) return
    this.#forget(id)
    if (refused === undefined) publication.resolve({ receivers: Number(memberOf(message.data, 'number_messages')) })
    else publication.reject(refusal(message.data))
  }

  #forget(id: string): void {
    this.#byId.delete(id)
    this.#unsent.delete(id)
  }
}

function refusal(data: unknown): CometClientError {
  const [code, text] = [memberOf(data, 'info'), memberOf(data, 'error')]
  return new CometClientError(
    typeof code === 'string' ? code : 'COMET_ERR_REFUSED',
    typeof text === 'string' ? text : 'The server refuses the message',
  )
}
