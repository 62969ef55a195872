// Texts that must come through a client and back exactly; the clients read them from files.

/** Everything that some escaping gets wrong. */
export const tricky = [
  String.raw`He said "hi" & 'bye'; back\slash \\ double \n literal \' \" \% end`,
  '\nafter LF\r\nafter CRLF\ttab\n',
  "%_ `tick` -- dash /* c */ # hash ? :name $1 %s %d {x} <b> '; DELETE FROM users_auth; --\n",
  'Привет, мир! ёЁ 日本語 😀👍🏽 end',
].join('')

/** The control characters that MySQL escapes. */
export const controls = 'a\0b\bc\x1ad\te\rf\n\\0 \\b \\Z \'q\' "dq" end'

/** About 200 kB: more than a packet of a socket, and than libmariadb's buffer. */
export const big = '0123456789 \'q\' "dq" \\ backслэш 😀 line\n'.repeat(4550)
