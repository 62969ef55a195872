// Thousands of short lives of a server and its pages, in which everything breaks; see simulation.ts. `SIMULATIONS=20000`
// runs more of them, `SEED=17` the one with this seed.
import test from 'node:test'
import { Simulation } from './simulation.ts'

const { SEED, SIMULATIONS } = process.env
const seeds =
  SEED === undefined ? Array.from({ length: Number(SIMULATIONS ?? 2000) }, (_, seed) => seed) : [Number(SEED)]

/** On a machine that has much else to do, the usual run is a shorter one. */
const patienceMs = SIMULATIONS === undefined ? 40_000 : Infinity

test('nothing is lost in silence, comes twice or out of order, and presence is right', async (t) => {
  const start = Date.now()
  let runs = 0
  for (const seed of seeds) {
    if (Date.now() - start > patienceMs) break
    await new Simulation(seed).run()
    runs++
  }
  t.diagnostic(`${runs} simulations`)
})
