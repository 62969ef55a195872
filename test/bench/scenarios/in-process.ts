import { micros, type Scenario } from '../scenario.ts'
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
