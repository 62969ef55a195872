// The process of those who do not behave, or only come and go.
import { setPriority } from 'node:os'
import { Random } from '../fuzz/random.ts'
import type { Abuse, Place } from './abuses/abuse.ts'
import { backEnds } from './abuses/back-ends.ts'
import { brokenFrames } from './abuses/broken-frames.ts'
import { churn, prepareUsers } from './abuses/churn.ts'
import { httpCuts } from './abuses/http-cuts.ts'
import { slowReaders } from './abuses/slow-readers.ts'
import { storms } from './abuses/storms.ts'
import { argument, serve } from './part.ts'

export type AbuseName = keyof typeof makers
export type CrowdTask = Omit<Place, 'random'> & { readonly seed: number }

const makers = { churn, storms, slowReaders, brokenFrames, httpCuts, backEnds }
const tickMs = 20
const task = argument() as CrowdTask
const place: Place = { ...task, random: new Random(task.seed) }

/** Those that are under way, with how many steps each is behind. */
const active = new Map<AbuseName, { readonly abuse: Abuse; due: number }>()
const abuses = new Map<AbuseName, Abuse>()
let ticking: NodeJS.Timeout | undefined
let last = 0
let steps = 0

setPriority(10) // it gives way to the others: what it takes of the processors must not look like a slow server

const duties = {
  async start(): Promise<void> {
    await prepareUsers(place)
    for (const name of Object.keys(makers) as AbuseName[]) abuses.set(name, await makers[name](place))
  },

  /** From now on these, and no others. */
  abuse({ names }: { readonly names: readonly AbuseName[] }): void {
    for (const [name, { abuse }] of active) {
      if (names.includes(name)) continue
      abuse.leave()
      active.delete(name)
    }
    for (const name of names) {
      const abuse = abuses.get(name)
      if (abuse !== undefined && !active.has(name)) active.set(name, { abuse, due: 1 })
    }
    clearInterval(ticking)
    last = performance.now()
    ticking = setInterval(tick, tickMs)
  },

  leave(): number {
    clearInterval(ticking)
    for (const { abuse } of active.values()) abuse.leave()
    active.clear()
    return steps
  },
}

export type CrowdDuties = typeof duties
serve(duties)

function tick(): void {
  const now = performance.now()
  const seconds = (now - last) / 1000
  last = now
  for (const one of active.values()) {
    for (one.due += seconds * one.abuse.perSecond; one.due >= 1; one.due--) {
      one.abuse.step()
      steps++
    }
  }
}
