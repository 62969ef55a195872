// Draws what back-ends INSERT into the pipe "shop": one sample a second, the last minutes at once, and nothing missed.
import { CometClient } from './star-comet/client/index.js' // with a bundler: 'star-comet/client'
import { draw } from './chart.js'
import { $, post, showConnection } from './page.js'
import { makeTile, showTile } from './tile.js'

/** The chart shows so much, or, when there is less, what there is, but no less than a minute. */
const maxSpanMs = 300_000
const metrics = {
  visitors: { name: 'Visitors', unit: '', isBetterHigh: true },
  orders: { name: 'Orders a minute', unit: '', isBetterHigh: true },
  latency: { name: 'Response time', unit: ' ms', isBetterHigh: false },
}
/** By the id of the message: what comes twice counts once. Each is { time (unix milliseconds), visitors, orders, latency }. */
const samples = new Map()
const tiles = new Map(Object.entries(metrics).map(([key, metric]) => [key, makeTile(metric, () => show(key))]))
let shown = 'visitors'
let pointer
let planned

$('tiles').append(...tiles.values())
$('chart').addEventListener('pointermove', ({ offsetX }) => plan((pointer = offsetX)))
$('chart').addEventListener('pointerleave', () => plan((pointer = undefined)))
addEventListener('resize', plan)

const comet = new CometClient()
comet.on('connected', () => {
  showConnection(true)
  if (samples.size === 0) load()
})
comet.on('connecting', ({ code }) => code !== 0 && showConnection(false))
comet.on('gap', () => ($('note').textContent = 'Some samples are missing: the server no longer has them'))
for await (const { id, data } of comet.messages('shop', { event: 'sample' })) add([{ id, sample: data }])

/** What came before this page. Subscribed first, asked then: nothing falls between. */
async function load() {
  add(await post('recent'))
}

function add(more) {
  for (const { id, sample } of more) samples.set(id, sample)
  plan()
}

function show(key) {
  shown = key
  plan()
}

/** However much has come: drawn once a frame. */
function plan() {
  planned ??= requestAnimationFrame(() => {
    planned = undefined
    const newest = Math.max(...[...samples.values()].map(({ time }) => time))
    for (const [id, { time }] of samples) if (time < newest - maxSpanMs) samples.delete(id)
    const sorted = [...samples.values()].sort((a, b) => a.time - b.time)
    if (sorted.length === 0) return
    const spanMs = Math.max(60_000, newest - sorted[0].time)
    const pointsOf = (key) => sorted.map((sample) => ({ time: sample.time, value: sample[key] }))
    for (const [key, tile] of tiles) showTile(tile, pointsOf(key), metrics[key], spanMs, key === shown)
    $('chart-title').textContent = `${metrics[shown].name}, the last minutes`
    draw($('chart'), pointsOf(shown), spanMs, { unit: metrics[shown].unit, pointer })
  })
}
