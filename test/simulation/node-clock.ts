import type { World } from './world.ts'

interface Timer {
  isCleared: boolean
  happening: object | undefined
}

/** The clock of a computer in the world: it may be set, the computer may sleep or end. */
export class NodeClock {
  /** What it is wrong by, in milliseconds. */
  offset = 0
  isAsleep = false
  isDead = false
  readonly #world: World
  #missed: (() => void)[] = []

  constructor(world: World) {
    this.#world = world
  }

  now(): number {
    return 1_700_000_000_000 + this.#world.now + this.offset
  }

  setTimeout(run: () => void, ms: number): object {
    const timer: Timer = { isCleared: false, happening: undefined }
    const ring = (): void => {
      if (!timer.isCleared) run() // it may have been cleared after a night in which it was due
    }
    timer.happening = this.#world.in(ms, () => this.do(ring))
    return timer
  }

  clearTimeout(timer: unknown): void {
    if (timer === undefined) return
    const cleared = timer as Timer
    cleared.isCleared = true
    if (cleared.happening !== undefined) this.#world.cancel(cleared.happening)
  }

  /** Does something on this computer: when it wakes up, if it sleeps. */
  do(run: () => void): void {
    if (this.isDead) return
    if (this.isAsleep) this.#missed.push(run)
    else run()
  }

  wake(): void {
    this.isAsleep = false
    for (const run of this.#missed.splice(0)) this.do(run)
  }
}
