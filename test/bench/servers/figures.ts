// A process that measures inside itself: `figures.ts <name> <size>` reports the figures of this name.
import { figures } from './figures/index.ts'

const [name = '', size = '0'] = process.argv.slice(2)
const figure = figures[name]
if (figure === undefined) throw new Error(`There is no figure "${name}"; there are ${Object.keys(figures).join(', ')}`)
process.on('disconnect', () => process.exit())
process.send?.({ type: 'figures', values: await figure(Number(size)) })
