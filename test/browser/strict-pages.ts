import type { Pages } from './site.ts'

/** No inline scripts, no eval; connections to the page's own host only. */
const policy = "default-src 'none'; script-src 'self'; connect-src 'self'"

const html = (transport: string): string => `<!doctype html>
  <title>A page</title>
  <meta http-equiv="Content-Security-Policy" content="${policy}" />
  <ul id="list"></ul>
  <script src="/CometServerApi.js"></script>
  <script src="/${transport}.js"></script>`

const script = (transport: string): string => `
  function show(text) {
    var item = document.createElement('li')
    item.textContent = text
    document.getElementById('list').append(item)
  }
  document.addEventListener('securitypolicyviolation', function (event) { show(event.blockedURI) })
  CometServer().subscription('#web_chat', function (event) { show(event.data.number_messages) })
  CometServer().web_pipe_send('web_chat', 'hello')
  CometServer().start({ transports: ['${transport}'] })
`

/** For each transport a page under a strict policy, such as "/sse": it publishes, and lists to how many, "0". */
export const strictPages: Pages = Object.fromEntries(
  ['websocket', 'sse', 'polling'].flatMap((transport) => [
    [`/${transport}`, html(transport)],
    [`/${transport}.js`, script(transport)],
  ]),
)
