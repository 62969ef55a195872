// The way in: the server sets a cookie, which page scripts cannot read.
import { $, onSubmit, post } from './page.js'

$('name').focus()
onSubmit($('login'), $('problem'), async () => {
  await post('login', { name: $('name').value, password: $('password').value })
  location.assign('/')
})
