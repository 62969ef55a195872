// Private messages between people with accounts. Our server answers who we are; comet brings what happens from then on.
import { $, onSend, post, roomItem, showConnection, showMessage, showMessages, showRooms } from './page.js'

const comet = window.CometServer()
/** By user id: { name, lastOnline (unix seconds; 0 is now, -1 never), messages, unread }. */
const people = new Map()
const seen = new Set()
let me
let open
let isLeaving = false

$('logout').addEventListener('click', () => post('logout').finally(leave))
$('rooms').addEventListener('click', ({ target }) => {
  const id = target.closest('button')?.dataset.id
  if (id !== undefined) show(Number(id))
})
onSend((text) => post('send', { to: open, text }))
// A page that the browser has kept comes back by its Back button.
addEventListener('pageshow', () => (isLeaving = false))

comet.onAuthFalill(leave)
comet.subscription('msg.message', ({ data }) => {
  if (!people.has(data.from) && data.from !== me.id) load()
  else add(data, true)
})
// Every page that is open is in this pipe: whoever is new in it may be new to us.
comet.subscription('track_people', ({ data }) => people.has(data.user_id) || data.user_id === me.id || load())
comet.subscription('sys.serverInfo', () => me !== undefined && load())
await load()
if (!isLeaving) comet.start({ dev_id: 0, user_id: me.id, user_key: me.key })
setInterval(() => showConnection(comet.isConnected()), 1000)

/** Takes over what the server knows: at the start, after a reconnect, and when somebody new appears. */
async function load() {
  const state = await post('start').catch(() => undefined)
  if (state === undefined) return leave()
  me = state
  $('me').textContent = me.name
  for (const { id, name, lastOnline } of me.people) {
    if (!people.has(id)) meet(id, name)
    people.get(id).lastOnline = lastOnline
  }
  for (const message of me.messages) add(message, false)
  if (open === undefined && me.people.length > 0) show(me.people[0].id)
  render()
}

/** Logging out is answered by our server and told by comet: whichever comes first, and a second one would begin anew. */
function leave() {
  if (!isLeaving) location.assign('/login.html')
  isLeaving = true
}

function meet(id, name) {
  people.set(id, { name, messages: [], unread: 0 })
  comet.subscription(`user_status_${id}`, ({ server_info }) => {
    people.get(id).lastOnline = server_info.event === 'online' ? 0 : Math.floor(Date.now() / 1000)
    render()
  })
}

/** What waited for us in comet may also be among what our server remembers: each message has an id. */
function add(message, isNew) {
  if (seen.has(message.id)) return
  seen.add(message.id)
  const isMine = message.from === me.id
  const other = isMine ? message.to : message.from
  const { messages } = people.get(other)
  messages.push({ ...message, isMine })
  if (other === open) showMessage($('log'), messages.at(-1), messages.at(-2))
  else if (isNew) people.get(other).unread++
  render()
}

function show(id) {
  open = id
  people.get(id).unread = 0
  $('composer').hidden = false
  showMessages($('log'), people.get(id).messages)
  render()
  $('text').focus()
}

function render() {
  const items = [...people].map(([id, one]) => roomItem(id, { ...one, isHere: one.lastOnline === 0 }, id === open))
  showRooms($('rooms'), items)
  if (open === undefined) return
  const { name, lastOnline } = people.get(open)
  $('title').textContent = name
  $('subtitle').textContent = describe(lastOnline)
  $('text').placeholder = `Message to ${name}`
}

function describe(lastOnline) {
  if (lastOnline === 0) return 'Online'
  if (lastOnline === -1) return 'Was never online'
  const time = new Date(lastOnline * 1000).toLocaleTimeString('en', { timeStyle: 'short', hourCycle: 'h23' })
  return `Away since ${time}: messages wait until ${people.get(open).name} is back`
}
