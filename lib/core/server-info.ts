import type { Clock } from './clock.ts'
import { Line } from './frame.ts'

/**
 * The message that tells a browser who it is. Those without a key get the same in the same second, so its bytes are built
 * once for all who come after a restart.
 */
export class ServerInfo {
  readonly #server: string
  readonly #clock: Clock
  /** For those without a key. */
  #visitor: readonly Line[] = []
  #user: readonly Line[] = []
  /** The second in which they were made, since the epoch. */
  #time = NaN

  constructor(serverName: string, clock: Clock) {
    this.#server = JSON.stringify(serverName)
    this.#clock = clock
  }

  /** `key`: '' for those who have none. */
  lines(isAuthorized: boolean, key: string): readonly Line[] {
    const time = Math.floor(this.#clock.now() / 1000)
    if (key !== '') return this.#make(time, isAuthorized, key)
    if (time !== this.#time) {
      this.#time = time
      this.#visitor = this.#make(time, false, '')
      this.#user = this.#make(time, true, '')
    }
    return isAuthorized ? this.#user : this.#visitor
  }

  #make(time: number, isAuthorized: boolean, key: string): readonly Line[] {
    const members = `,"server":${this.#server},"authorized":${isAuthorized}`
    return [new Line({ pipe: 'sys', event: 'serverInfo', data: JSON.stringify(key), userId: 0, time, members })]
  }
}
