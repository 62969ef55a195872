// What the pages of the examples share. All that people write goes into a page as text, never as HTML.

export const $ = (id) => document.getElementById(id)

const clock = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
/** Messages of one person within so many seconds stand together. */
const groupSeconds = 300

/** Makes an element. `content`: a text, or a list of texts and elements. */
export function element(tag, className, content = []) {
  const made = document.createElement(tag)
  made.className = className
  made.append(...(typeof content === 'string' ? [content] : content))
  return made
}

/** A message in a list, after the message `before`: { from, name, text, time in unix seconds, isMine }. */
export function messageItem({ from, name, text, time, isMine }, before) {
  const isNext = before?.from === from && before.name === name && time - before.time < groupSeconds
  const at = element('time', '', clock.format(time * 1000))
  at.dateTime = new Date(time * 1000).toISOString()
  return element('li', `message${isMine ? ' mine' : ''}${isNext ? ' next' : ''}${from === 0 ? ' server' : ''}`, [
    avatar(from, name),
    element('span', 'who', [element('b', '', name), at]),
    element('p', 'text', text),
  ])
}

/** Shows messages, the last one in sight. */
export function showMessages(log, messages) {
  log.replaceChildren(...messages.map((message, index) => messageItem(message, messages[index - 1])))
  log.scrollTop = log.scrollHeight
}

/** Appends a message. Who has scrolled up to read is left there. Returns its element. */
export function showMessage(log, message, before) {
  const isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 80
  const item = messageItem(message, before)
  log.append(item)
  if (isAtEnd || message.isMine) log.scrollTop = log.scrollHeight
  return item
}

/** A coloured circle with the first letter of the name; 0 is the server. */
export function avatar(id, name) {
  const circle = element('span', 'avatar', id === 0 ? '›_' : ([...name][0] ?? '?').toUpperCase())
  circle.setAttribute('aria-hidden', 'true')
  circle.style.setProperty('--hue', String((Number(id) * 137) % 360))
  return circle
}

/** A button that opens a conversation: { name, unread, isHere }. */
export function roomItem(id, { name, unread, isHere }, isOpen) {
  const button = element('button', 'room', [
    id === 'everyone' ? element('span', 'avatar all', '#') : avatar(id, name),
    element('span', 'room-name', name),
  ])
  button.type = 'button'
  button.dataset.id = id
  if (isOpen) button.setAttribute('aria-current', 'true')
  if (isHere) button.append(element('span', 'here', [element('span', 'unseen', 'here now')]))
  if (unread > 0) button.append(element('span', 'unread', [String(unread), element('span', 'unseen', ' new')]))
  return element('li', '', [button])
}

/** Replaces the conversations in `list`; the one that has the focus keeps it. */
export function showRooms(list, items) {
  const focused = list.contains(document.activeElement) ? document.activeElement.dataset.id : undefined
  list.replaceChildren(...items)
  if (focused !== undefined) list.querySelector(`[data-id="${focused}"]`)?.focus()
}

export function showConnection(isConnected) {
  const words = isConnected ? 'Connected' : 'Connecting again…'
  if ($('connection').textContent === words) return
  $('connection').textContent = words
  $('connection').classList.toggle('lost', !isConnected)
}

/** Runs `action` on submit, once at a time; its problem is shown as a sentence. */
export function onSubmit(form, problem, action) {
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    if (form.ariaBusy === 'true') return
    form.ariaBusy = 'true'
    problem.textContent = ''
    try {
      await action()
    } catch (error) {
      problem.textContent = error.message
    }
    form.ariaBusy = 'false'
  })
}

/** The field for messages: Enter sends, Shift+Enter begins a line; the text stays until it is sent. */
export function onSend(send) {
  const text = $('text')
  const grow = () => {
    text.style.height = 'auto'
    text.style.height = `${Math.min(text.scrollHeight + 2, 160)}px`
  }
  onSubmit($('composer'), $('problem'), async () => {
    if (text.value.trim() === '') return
    await send(text.value)
    text.value = ''
    grow()
    text.focus()
  })
  text.addEventListener('input', grow)
  text.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
    event.preventDefault()
    $('composer').requestSubmit()
  })
}

/** Asks our own server. Its problems are sentences. */
export async function post(action, body = {}) {
  const request = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
  const response = await fetch(action, request).catch(() => undefined)
  if (response === undefined) throw new Error('The server cannot be reached. Please try again in a moment.')
  const answer = await response.json()
  if (!response.ok) throw new Error(answer.problem)
  return answer
}
