// A bell for private messages. Comet brings them, or keeps them until the user is back; this browser remembers them.
import { $, onSubmit, post, showConnection } from './page.js'
import { showNotices, toast } from './view.js'

const comet = window.CometServer()
/** Since when this window is open for the user, in unix seconds: what is older has waited. */
let since
let waited

for (const { id, name } of await post('people')) for (const list of ['me', 'to']) $(list).append(new Option(name, id))
$('me').value = sessionStorage.getItem('me') ?? 1
$('to').value = 2

comet.subscription('msg.notice', ({ data, server_info: { id, message_send_time: time } }) => {
  const [title, text] = [String(data.title), String(data.text)]
  if (time < since) toast('While you were away', `${++waited} came in`, 'waited')
  else toast(title, text)
  const notices = remembered()
  if (notices.some((notice) => notice.id === id)) return // another window of this browser was faster
  remember([{ id, title, text, time, isRead: false }, ...notices].slice(0, 50))
})

onSubmit($('composer'), $('problem'), async () => {
  await post('notify', { to: Number($('to').value), title: $('title').value, text: $('text').value })
})
$('read').addEventListener('click', () => remember(remembered().map((notice) => ({ ...notice, isRead: true }))))
$('me').addEventListener('change', connect)
addEventListener('storage', render) // another window of this browser has written
setInterval(() => showConnection(comet.isConnected()), 1000)
setInterval(render, 20_000)
connect()

/** Connects as whoever is chosen. */
function connect() {
  const id = Number($('me').value)
  sessionStorage.setItem('me', id)
  since = Math.floor(Date.now() / 1000)
  waited = 0
  comet.restart({ dev_id: 0, user_id: id, getToken: async () => (await post('login', { id })).key })
  render()
}

function remembered() {
  return JSON.parse(localStorage.getItem(`notices of ${$('me').value}`) ?? '[]')
}

function remember(notices) {
  localStorage.setItem(`notices of ${$('me').value}`, JSON.stringify(notices))
  render()
}

function render() {
  showNotices(remembered())
}
