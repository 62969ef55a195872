// The chat: who is logged in, what is said, who is here. What is seen of it is in view.js.
import { post } from './page.js'
import * as view from './view.js'

const comet = window.CometServer()
const everyone = 'everyone'

/** What the server knows us by: { id, key, name }. Each tab is a visitor of its own. */
let me
/** The conversation on the screen: `everyone` or a user id. */
let open = everyone
/** All of them: everybody's, and one with each person. */
const rooms = new Map([[everyone, room('Everyone')]])
/** How often each message was shown, so that what the history repeats after a reconnect is not shown again. */
const shown = new Map()

view.listen({
  logIn: async (name) => enter(await post('login', { name })),
  send: async (text) => {
    if (!comet.isAuthorized()) throw new Error('Still connecting: please try again in a moment.')
    await post('messages', { id: me.id, key: me.key, text, ...(open === everyone ? {} : { to: open }) })
  },
  open: show,
})
document.addEventListener('visibilitychange', showRooms)

const kept = sessionStorage.getItem('me')
if (kept !== null) enter(JSON.parse(kept))
else view.askName(localStorage.getItem('name') ?? '')

function enter(user) {
  const isFirst = me === undefined
  me = user
  sessionStorage.setItem('me', JSON.stringify(me))
  localStorage.setItem('name', me.name)
  if (isFirst) begin()
  comet.restart({ dev_id: 0, user_id: me.id, user_key: me.key })
}

function begin() {
  comet.subscription('sys.serverInfo', connected)
  comet.subscription('chat', fromEverybody)
  comet.subscription('msg.message', (event) => fromPerson(event))
  comet.subscription('track_chat', refreshPeople)
  for (const [id, { name, messages }] of JSON.parse(sessionStorage.getItem('private') ?? '[]')) {
    rooms.set(id, { ...room(name), messages })
  }
  setInterval(watchConnection, 1000)
  view.enter(me)
  show(everyone)
}

/** The server let us in, the first time or again. A server that was started anew does not know us: we come in anew. */
function connected() {
  view.connection(true)
  if (!comet.isAuthorized()) return comeInAgain()
  for (const count of shown.values()) count.inHistory = 0
  comet.get_pipe_log('chat')
  refreshPeople()
}

/** Without a connection we know of nobody. */
function watchConnection() {
  view.connection(comet.isConnected())
  if (comet.isConnected()) return
  for (const room of rooms.values()) room.isHere = false
  showRooms()
}

async function comeInAgain() {
  try {
    enter(await post('login', { name: me.name }))
  } catch {
    setTimeout(comeInAgain, 1000)
  }
}

function fromEverybody({ data, server_info }) {
  const key = JSON.stringify([server_info.message_send_time, data])
  const count = shown.get(key) ?? { onScreen: 0, inHistory: 0 }
  shown.set(key, count)
  if (server_info.history && ++count.inHistory <= count.onScreen) return
  count.onScreen++
  add(everyone, { ...message(data), time: server_info.message_send_time }, !server_info.history)
}

function fromPerson({ data, server_info }) {
  const { from, name, to, toName } = { from: 0, name: 'server', ...Object(data) }
  const isMine = from === me.id
  const other = isMine ? to : from
  if (!rooms.has(other)) rooms.set(other, room(isMine ? toName : name))
  add(other, { ...message(data), time: server_info.message_send_time }, true)
  keepPrivate()
}

/** The server keeps private messages only until we have them; after a reload they come from here. */
function keepPrivate() {
  const kept = [...rooms].filter(([id]) => id !== everyone)
  const texts = kept.map(([id, { name, messages }]) => [id, { name, messages: messages.slice(-100) }])
  sessionStorage.setItem('private', JSON.stringify(texts))
}

/** Our server says who wrote what; text that came by SQL is from nobody, or from whom it says. */
function message(data) {
  if (typeof data?.text === 'string') return { from: data.from ?? 0, name: data.name ?? 'server', text: data.text }
  return { from: 0, name: 'server', text: typeof data === 'string' ? data : JSON.stringify(data) }
}

function add(id, message, isNew) {
  const { messages } = rooms.get(id)
  messages.push({ ...message, isMine: message.from === me.id })
  if (id === open) view.message(messages.at(-1), messages.at(-2))
  if (isNew && message.from !== me.id && (id !== open || document.hidden)) rooms.get(id).unread++
  showRooms()
}

function refreshPeople() {
  if (!comet.isAuthorized()) return
  comet.getTrackPipeUsers('track_chat', ({ data }) => {
    const here = new Set(data.map(({ user_id }) => user_id).filter((id) => id !== 0 && id !== me.id))
    for (const [id, room] of rooms) room.isHere = here.has(id)
    for (const id of here) if (!rooms.has(id)) meet(id)
    showRooms()
  })
}

function meet(id) {
  comet.getUserData(id, ({ data }) => {
    if (!rooms.has(id)) rooms.set(id, { ...room(data.user_data), isHere: true })
    showRooms()
  })
}

function show(id) {
  open = id
  view.messages(rooms.get(id).messages)
  showRooms()
}

function showRooms() {
  if (!document.hidden) rooms.get(open).unread = 0
  // Who left and with whom nothing was said is of no more interest.
  const seen = [...rooms].filter(([id, { isHere, messages }]) => id === open || isHere || messages.length > 0)
  view.rooms(new Map([[everyone, rooms.get(everyone)], ...seen]), open)
}

function room(name) {
  return { name, messages: [], unread: 0, isHere: false }
}
