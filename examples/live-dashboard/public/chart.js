// Draws values over time as SVG. The colours are those of the style sheet.

const clock = new Intl.DateTimeFormat('en', { timeStyle: 'medium', hourCycle: 'h23' })
const minute = new Intl.DateTimeFormat('en', { timeStyle: 'short', hourCycle: 'h23' })

/**
 * Draws points, each { time (unix milliseconds), value }, the newest at the right end of `spanMs`. With `axes` it has
 * scales, with the `unit`; and where `pointer`, in pixels from the left, is, it tells the value.
 */
export function draw(svg, points, spanMs, axes) {
  const { width, height } = svg.getBoundingClientRect()
  const [bottom, right] = axes ? [height - 26, width - 52] : [height - 3, width - 3]
  const last = points.at(-1)
  const { low, high, step } = scaleOf(points)
  const x = (time) => right * (1 - (last.time - time) / spanMs)
  const y = (value) => bottom - (bottom - 10) * ((value - low) / (high - low))
  const line = points.map(({ time, value }) => `${x(time).toFixed(1)} ${y(value).toFixed(1)}`).join('L')

  svg.setAttribute('viewBox', `0 0 ${width} ${height}`)
  svg.replaceChildren(
    ...(axes ? [...values({ low, high, step, right, y }, axes.unit), ...minutes({ last, spanMs, x, height })] : []),
    shape('path', { class: 'area', d: `M${x(points[0].time)} ${bottom}L${line}V${bottom}Z` }),
    shape('path', { class: 'line', d: `M${line}` }),
    shape('circle', { class: 'dot', cx: x(last.time), cy: y(last.value), r: axes ? 4.5 : 3 }),
    ...(axes?.pointer === undefined ? [] : pointed({ points, x, y, right, bottom }, axes)),
  )
}

/** Where the values begin and end, in four steps or so of a round size. */
function scaleOf(points) {
  const all = points.map(({ value }) => value)
  const [least, most] = [Math.min(...all), Math.max(...all)]
  const rough = Math.max(most - least, 4) / 4
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough)
  return { low: Math.floor(least / step) * step, high: (Math.floor(most / step) + 1) * step, step }
}

function* values({ low, high, step, right, y }, unit) {
  for (let value = low; value <= high; value += step) {
    yield shape('line', { class: 'grid', x1: 0, x2: right, y1: y(value), y2: y(value) })
    yield shape('text', { x: right + 10, y: y(value) + 4 }, `${value}${unit}`)
  }
}

function* minutes({ last, spanMs, x, height }) {
  for (let time = last.time - (last.time % 60_000); x(time) > 30 && time > last.time - spanMs; time -= 60_000) {
    yield shape('text', { class: 'minute', x: x(time), y: height - 6 }, minute.format(time))
  }
}

function pointed({ points, x, y, right, bottom }, { unit, pointer }) {
  const { time, value } = points.reduce((best, point) =>
    Math.abs(x(point.time) - pointer) < Math.abs(x(best.time) - pointer) ? point : best,
  )
  const anchor = x(time) > right - 130 ? 'end' : 'start'
  return [
    shape('line', { class: 'pointer', x1: x(time), x2: x(time), y1: 0, y2: bottom }),
    shape('circle', { class: 'dot', cx: x(time), cy: y(value), r: 4.5 }),
    shape(
      'text',
      { class: 'told', x: x(time) + (anchor === 'end' ? -10 : 10), y: 14, 'text-anchor': anchor },
      `${value}${unit} at ${clock.format(time)}`,
    ),
  ]
}

function shape(name, attributes, text = '') {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name)
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value)
  made.textContent = text
  return made
}
