// Who is here. A pipe user_status_… tells of a person: here, or away, however many windows there are, and a reload is
// nothing. A pipe track_… tells of every browser that is subscribed to it, those of guests included.
import { $, post, showConnection } from './page.js'
import { showTeam, tell } from './view.js'

const comet = window.CometServer()
const pipe = 'track_office'
/** By user id: { id, name, awaySince (unix seconds; 0: is here, -1: never was) }. */
const team = new Map()
/** One for each browser: { user_id (0 for guests), uuid }. */
let browsers = []

comet.subscription(`${pipe}.subscription`, ({ data }) => {
  browsers.push(data)
  if (data.user_id === 0) tell('A guest', 'came')
  render()
})
comet.subscription(`${pipe}.unsubscription`, ({ data }) => {
  const left = browsers.findIndex(({ user_id, uuid }) => user_id === data.user_id && uuid === data.uuid)
  browsers = browsers.filter((_, index) => index !== left)
  if (data.user_id === 0) tell('A guest', 'left')
  render()
})
// After every connect: what happened while this page was away.
comet.subscription('sys.serverInfo', async () => {
  for (const person of await post('team')) team.set(person.id, person)
  comet.getTrackPipeUsers(pipe, ({ data }) => {
    browsers = data
    render()
  })
})

for (const { id, name } of await post('team')) {
  $('me').append(new Option(name, id))
  comet.subscription(`user_status_${id}`, ({ server_info: { event } }) => {
    team.set(id, { id, name, awaySince: event === 'online' ? 0 : Date.now() / 1000 })
    tell(name, event === 'online' ? 'came' : 'left', id)
    render()
  })
}
$('me').value = sessionStorage.getItem('me') ?? 0
$('me').addEventListener('change', connect)
connect()
setInterval(() => showConnection(comet.isConnected()), 1000)
setInterval(render, 20_000)

/** Connects as whoever is chosen: somebody of the team, or, as 0, a guest. */
function connect() {
  const id = Number($('me').value)
  sessionStorage.setItem('me', id)
  const getToken = async () => (await post('login', { id })).key
  comet.restart({ dev_id: 0, user_id: id, getToken: id === 0 ? undefined : getToken })
}

function render() {
  if (team.size > 0) showTeam([...team.values()], browsers)
}
