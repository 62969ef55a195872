// What is seen of the chat.
import { $, onSend, onSubmit, roomItem, showConnection, showMessage, showMessages, showRooms } from './page.js'

export function askName(name) {
  $('name').value = name
  $('name').focus()
}

export function listen({ logIn, send, open }) {
  onSubmit($('login'), $('login-problem'), () => logIn($('name').value))
  onSend(send)
  $('rooms').addEventListener('click', ({ target }) => {
    const id = target.closest('button')?.dataset.id
    if (id === undefined) return
    open(id === 'everyone' ? id : Number(id))
    $('text').focus()
  })
}

export function enter(me) {
  $('welcome').hidden = true
  $('chat').hidden = false
  $('me').textContent = me.name
  $('text').focus()
}

export function connection(isConnected) {
  showConnection(isConnected)
}

/** The list of conversations: how many messages are new, and who is here. */
export function rooms(all, open) {
  showRooms(
    $('rooms'),
    [...all].map(([id, room]) => roomItem(id, room, id === open)),
  )
  const { name, isHere } = all.get(open)
  const isPrivate = open !== 'everyone'
  $('title').textContent = name
  $('subtitle').textContent = isPrivate ? `Only you two read this · ${isHere ? 'here now' : 'away'}` : countPeople(all)
  $('text').placeholder = isPrivate ? `Message to ${name}` : 'Message to everyone'
  const unread = [...all.values()].reduce((sum, room) => sum + room.unread, 0)
  document.title = unread > 0 ? `(${unread}) Star chat` : 'Star chat'
}

export function messages(list) {
  showMessages($('log'), list)
}

export function message(message, before) {
  showMessage($('log'), message, before)
}

function countPeople(all) {
  const others = [...all.values()].filter(({ isHere }) => isHere).length
  return others === 0 ? 'Nobody else is here: open this page in another window' : `${others + 1} people are here`
}
