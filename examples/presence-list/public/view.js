// What one sees: the people, the guests, and who came and left.
import { $, avatar, element } from './page.js'

const ago = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })
const units = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
]

/** Shows people, those who are here first, and guests. */
export function showTeam(people, browsers) {
  const here = people.filter(isHere)
  const guests = browsers.filter(({ user_id }) => user_id === 0).length
  const sorted = [...here, ...people.filter((person) => !isHere(person))]
  const items = sorted.map((person) =>
    personItem(person, browsers.filter(({ user_id }) => user_id === person.id).length),
  )
  if (guests > 0) items.splice(here.length, 0, item('guest', guestAvatar(), number(guests, 'guest'), 'Not logged in'))
  $('team').replaceChildren(...items)
  $('subtitle').textContent = `${number(here.length, 'person', 'people')} and ${number(guests, 'guest')}`
}

/** Writes down that somebody came or left; without an id it is a guest. */
export function tell(name, what, id) {
  $('hint').hidden = true
  const time = element('time', '', new Date().toLocaleTimeString('en', { timeStyle: 'medium', hourCycle: 'h23' }))
  const words = element('span', '', [element('b', '', name), ` ${what}`])
  $('feed').prepend(element('li', what, [id === undefined ? guestAvatar() : avatar(id, name), words, time]))
  $('feed').children[50]?.remove()
}

function personItem({ id, name, awaySince }, windows) {
  if (awaySince !== 0) return item('away', avatar(id, name), name, awayFor(awaySince))
  return item('present', avatar(id, name), name, windows > 1 ? `Here, in ${windows} browsers` : 'Here')
}

function item(className, face, name, state) {
  return element('li', className, [face, element('b', '', name), element('span', 'state', state)])
}

function guestAvatar() {
  const circle = avatar(0, '')
  circle.classList.add('visitor')
  circle.textContent = '?'
  return circle
}

function isHere({ awaySince }) {
  return awaySince === 0
}

function awayFor(since) {
  if (since === -1) return 'Was never here'
  const seconds = Date.now() / 1000 - since
  const [unit, length] = units.find(([, length]) => seconds >= length) ?? []
  return unit === undefined ? 'Left just now' : `Left ${ago.format(-Math.floor(seconds / length), unit)}`
}

function number(count, one, many = `${one}s`) {
  return `${count} ${count === 1 ? one : many}`
}
