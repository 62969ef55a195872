// Numbers that come twice a second, whichever process has them. Kill the one that this page is connected to: it goes to the
// other one, and gets what it missed.
import { $, element, showConnection } from './page.js'

const comet = window.CometServer()
let first
let last
let missed = 0

comet.subscription('ticks.tick', ({ data: { n, by } }) => {
  first ??= n
  if (last !== undefined) missed += n - last - 1
  last = n
  $('log').append(element('li', '', `${n}, taken by process ${by}`))
  $('log').scrollTop = $('log').scrollHeight
  $('subtitle').textContent = `${n - first + 1} messages, ${missed} missed`
})
comet.start({ dev_id: 0 })
setInterval(() => showConnection(comet.isConnected()), 200)
