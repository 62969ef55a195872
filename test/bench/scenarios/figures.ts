import { Part, serverCpu } from '../processes.ts'
import type { Sample } from '../scenario.ts'

/** What a process says that measures inside itself. */
interface FiguresReport {
  readonly type: 'figures'
  readonly values: Readonly<Record<string, number>>
}

/** Runs one figure of servers/figures in a fresh process. */
export async function measureFigure(name: string, size: number): Promise<Sample> {
  const flags = ['--expose-gc', '--max-old-space-size=4096']
  const part = new Part<FiguresReport, never>('./servers/figures.ts', serverCpu, flags, [name, String(size)])
  try {
    const { values } = await part.next('figures')
    return { values, problems: [], busy: 0 }
  } finally {
    await part.stop()
  }
}
