. "$CQ_LIB/env.sh"
# One front door for each way in which HAProxy can ask a MySQL server for its health.
folder=$(mktemp -d)
trap 'kill $haproxy 2>/dev/null; rm -rf "$folder"' EXIT
free_port() { node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close() })'; }
greeting=$(free_port) login=$(free_port) old=$(free_port)
cat >"$folder/haproxy.cfg" <<CONFIG
global
  stats socket $folder/socket level admin
defaults
  mode tcp
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  default-server check inter 100ms
listen greeting
  bind 127.0.0.1:$greeting
  option mysql-check
  server comet $CQ_HOST:$CQ_PORT
listen login
  bind 127.0.0.1:$login
  option mysql-check user health
  server comet $CQ_HOST:$CQ_PORT
listen old
  bind 127.0.0.1:$old
  option mysql-check user health pre-41
  server comet $CQ_HOST:$CQ_PORT
CONFIG
haproxy -db -f "$folder/haproxy.cfg" >"$folder/log" 2>&1 &
haproxy=$!

# Waits for the result of the first check of a listener: "L7OK", "L7STS" (the server answered with an error)…
health() {
  for _ in $(seq 100); do
    result=$(node -e "
      const socket = require('net').connect('$folder/socket').on('error', () => {})
      socket.end('show stat\n').on('data', (text) => {
        const rows = String(text).split('\n').map((line) => line.split(','))
        const row = rows.find(([name, server]) => name === '$1' && server === 'comet')
        if (row) console.log(row[36].replace('* ', ''))
      })")
    case "$result" in '' | INI) sleep 0.1 ;; *) break ;; esac
  done
  echo "$result"
}

query() { # query PORT SQL
  timeout 20 mariadb --no-defaults -h 127.0.0.1 -P "$1" -u "$CQ_USER" -p"$CQ_PASS" --skip-ssl -N -B "$CQ_DB" -e "$2" 2>&1
}

chk check_by_greeting L7OK "$(health greeting)"
chk query_through 2 "$(query "$greeting" 'SELECT 1 + 1')"
# The user has no password, as HAProxy wants it, and so is refused: an answer all the same, not a crash.
chk check_by_login L7STS "$(health login)"
chk check_by_old_login L7STS "$(health old)"
chk still_there 2 "$(query "$greeting" 'SELECT 1 + 1')"
echo done
