import { micros, thousands, type Scenario } from '../scenario.ts'
import { storages } from '../servers/storages.ts'
import { measureFigure } from './figures.ts'

export const inProcess: Scenario = {
  name: 'in-process',
  title: 'Publishing in the process of the server, no subscribers',
  columns: [{ name: 'time', title: 'CPU each', show: micros }],
  subjects: [
    {
      name: 'publish',
      title: '`comet.publish()`',
      measure: ({ divisor }) => measureFigure('publishing', 500_000 / divisor),
    },
  ],
}

export const kept: Scenario = {
  name: 'storages',
  title: 'Publishing into a pipe that keeps 100 messages, by storage',
  columns: [
    { name: 'one', title: 'a second, one after another', show: thousands },
    { name: 'many', title: 'a second, 100 at once', show: thousands },
  ],
  subjects: storages.map(({ name, missing }, index) => ({
    name,
    title: name,
    missing,
    measure: () => measureFigure('keptPublishing', index),
  })),
}
