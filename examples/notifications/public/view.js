// What one sees: the bell with its badge, the list below it, and what pops up.
import { $, element } from './page.js'

const ago = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'short' })
const toastMs = 6000

/** Shows notices, the newest first: { title, text, time (unix seconds), isRead }. */
export function showNotices(notices) {
  const unread = notices.filter(({ isRead }) => !isRead).length
  $('badge').textContent = unread
  $('badge').hidden = unread === 0
  $('read').hidden = unread === 0
  document.title = unread === 0 ? 'Notifications' : `(${unread}) Notifications`
  const items = notices.map(noticeItem)
  $('notices').replaceChildren(...(items.length > 0 ? items : [element('li', 'nothing', 'Nothing yet')]))
}

$('panel').addEventListener('toggle', () => $('toasts').replaceChildren())

/** Shows something for some seconds, where the list is not open; of what has `waited` the last only. */
export function toast(title, text, kind = 'new') {
  if ($('panel').matches(':popover-open')) return
  const card = element('div', `toast ${kind}`, [element('b', '', title), element('span', '', text)])
  if (kind === 'waited') $('toasts').querySelector('.waited')?.remove()
  $('toasts').append(card)
  setTimeout(() => card.remove(), toastMs)
}

function noticeItem({ title, text, time, isRead }) {
  const at = element('time', '', age(Date.now() / 1000 - time))
  return element('li', isRead ? '' : 'fresh', [element('b', '', title), at, element('p', '', text)])
}

function age(seconds) {
  if (seconds < 60) return 'now'
  if (seconds < 3600) return ago.format(-Math.floor(seconds / 60), 'minute')
  return seconds < 86_400
    ? ago.format(-Math.floor(seconds / 3600), 'hour')
    : ago.format(-Math.floor(seconds / 86_400), 'day')
}
