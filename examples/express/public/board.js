// The board: what is pinned comes from Express once, and from comet from then on.
import { $, element, onSend, post, showConnection } from './page.js'

const comet = window.CometServer()
const shown = new Set()
const clock = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short', hourCycle: 'h23' })

onSend((text) => post('notices', { text }))

comet.subscription('notices.new', ({ data }) => add(data))
// Subscribed first, asked then: nothing falls between, and what comes twice is shown once.
comet.subscription('sys.serverInfo', async () => {
  showConnection(true)
  const response = await fetch('notices')
  for (const notice of await response.json()) add(notice)
})
comet.start({ dev_id: 0 })
setInterval(() => showConnection(comet.isConnected()), 1000)

function add({ id, time, text }) {
  const key = `${id} ${time}`
  if (shown.has(key)) return
  shown.add(key)
  const item = element('li', 'notice', [element('p', '', text), element('time', '', clock.format(time * 1000))])
  $('notices').prepend(item)
}
