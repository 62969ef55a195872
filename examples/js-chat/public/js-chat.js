// A chat between browsers: pipes called web_… take messages from pages, tell the sender how many got them, keep a
// history and can be counted.
import { $, element, onSend, showConnection, showMessage } from './page.js'

const comet = window.CometServer()
const pipe = 'web_chat'
/** Who we say we are. */
const me = Number(sessionStorage.getItem('me') ?? crypto.getRandomValues(new Uint32Array(1))[0])
sessionStorage.setItem('me', String(me))
/** The elements of the messages that are on the screen, by the messages' ids. */
const items = new Map()
let last

$('name').value = localStorage.getItem('name') ?? ''
$($('name').value === '' ? 'name' : 'text').focus()

onSend((text) => {
  localStorage.setItem('name', $('name').value)
  const id = crypto.getRandomValues(new Uint32Array(2)).join('-')
  const message = { id, from: me, name: $('name').value.trim(), text: text.trim() }
  add(message, Date.now() / 1000)
  report(id, 'sending…')
  comet.web_pipe_send(pipe, 'message', message)
})

comet.subscription(`${pipe}.message`, ({ data, server_info }) => {
  add(data, server_info.message_send_time)
  if (!server_info.history) count()
})
// The report about what we sent: `#` and the pipe. The message itself does not come back to its sender.
comet.subscription(`#${pipe}`, ({ data }) => report(data.message.id, delivered(data.number_messages)))
comet.subscription('sys.serverInfo', () => {
  comet.get_pipe_log(pipe)
  count()
})
comet.start({ dev_id: 0 })
setInterval(() => showConnection(comet.isConnected()), 1000)
setInterval(count, 5000)

/** Anybody can publish anything here: what is no message is left out, and what came before is not shown again. */
function add({ id, from, name, text }, time) {
  if (items.has(id) || [id, name, text].some((value) => typeof value !== 'string')) return
  const message = { from: Number(from) || 1, name, text, time, isMine: from === me }
  items.set(id, showMessage($('log'), message, last))
  last = message
}

function report(id, words) {
  const item = items.get(id)
  if (item === undefined) return
  item.querySelector('.report')?.remove()
  item.append(element('span', 'report', words))
  $('log').scrollTop = $('log').scrollHeight
}

function delivered(number) {
  if (number === 0) return 'kept, nobody else is here'
  return number === 1 ? 'delivered to 1 other' : `delivered to ${number} others`
}

function count() {
  showConnection(comet.isConnected())
  if (!comet.isConnected()) return
  comet.count_users_in_pipe(pipe, ({ data }) => {
    $('subtitle').textContent = data.user_in_pipe === 1 ? 'Only you are here' : `${data.user_in_pipe} people are here`
  })
}
