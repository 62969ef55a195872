// A number, how it has changed, and its little chart. Pressed, it becomes the large one.
import { element } from './page.js'
import { draw } from './chart.js'

/** Makes the tile of a metric: { name, unit, isBetterHigh }. */
export function makeTile({ name }, press) {
  const chart = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
  chart.setAttribute('aria-hidden', 'true')
  const parts = [element('span', 'name', name), element('span', 'value'), element('span', 'change')]
  const tile = element('button', 'tile', [...parts, chart])
  tile.type = 'button'
  tile.addEventListener('click', press)
  return tile
}

/** Shows the newest of the points, and how it differs from a minute before. */
export function showTile(tile, points, { unit, isBetterHigh }, spanMs, isPressed) {
  const { time, value } = points.at(-1)
  const before = points.find((point) => point.time >= time - 60_000).value
  const percent = before === 0 ? 0 : Math.round(((value - before) / before) * 100)
  const change = tile.querySelector('.change')
  tile.setAttribute('aria-pressed', isPressed)
  tile.querySelector('.value').textContent = `${value}${unit}`
  change.textContent = percent === 0 ? '±0 %' : `${percent > 0 ? '▲' : '▼'} ${Math.abs(percent)} %`
  change.className = `change ${percent === 0 ? '' : percent > 0 === isBetterHigh ? 'good' : 'bad'}`
  draw(tile.querySelector('svg'), points, spanMs)
}
