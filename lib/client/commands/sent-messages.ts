import { memberOf, type ServerMessage } from '../server-message.ts'
import { reportPrefix } from '../subscriptions/subscription-name.ts'

interface Sent {
  readonly tab: string
  readonly pipe: string
  readonly event: string
  /** JSON text. */
  readonly message: string
}

/** The most messages of which the report is waited for. */
const maxWaiting = 1000

/** Which tab has published what: the server's reports do not say. */
export class SentMessages {
  #waiting: Sent[] = []

  /** Notes a command that a tab has sent. */
  note(tab: string, command: string): void {
    // Fields as in `webPipeCommand`: what JSON.stringify has made holds no line break.
    const [word, pipe = '', event = '', , message = ''] = command.split('\n')
    if (word !== 'web_pipe2') return
    if (this.#waiting.push({ tab, pipe, event, message }) > maxWaiting) this.#waiting.shift()
  }

  /**
   * The tab whose message is reported, and the message as the others get it: the server does not send it to the
   * connection from which it came. Undefined where `report` is none.
   */
  reported(report: ServerMessage): { readonly tab: string; readonly message: ServerMessage } | undefined {
    if (!report.pipe.startsWith(reportPrefix)) return undefined
    const pipe = report.pipe.slice(reportPrefix.length)
    const data = memberOf(report.data, 'message')
    const text = JSON.stringify(data)
    const isIt = (sent: Sent): boolean => plain(sent.pipe) === plain(pipe) && sent.message === text
    const sent = this.#waiting.find(isIt)
    if (sent === undefined) return undefined
    this.#waiting.splice(this.#waiting.indexOf(sent), 1)
    const userId = sent.pipe.startsWith('@') ? 0 : (report.user_id ?? 0)
    return { tab: sent.tab, message: { pipe: plain(pipe), event: sent.event, data, user_id: userId, id: report.id } }
  }

  /** The tab whose message the server refuses: it does all in order. Undefined where `message` is no refusal of one. */
  refused({ pipe, event, data }: ServerMessage): string | undefined {
    const isRefusal = pipe === 'sys' && event === 'error' && memberOf(data, 'number_messages') === -1
    return isRefusal ? this.#waiting.shift()?.tab : undefined
  }

  /** The connection has ended: no report comes any more. */
  clear(): void {
    this.#waiting = []
  }
}

/** Without the `@` of who publishes anonymously. */
function plain(pipe: string): string {
  return pipe.replace(/^@/, '')
}
