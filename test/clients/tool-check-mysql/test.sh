. "$CQ_LIB/env.sh"
PATH=/usr/lib/nagios/plugins:$PATH
login=(-H "$CQ_HOST" -P "$CQ_PORT" -u "$CQ_USER")

# expect NAME CODE PATTERN COMMAND…: the plugin's exit code and what it says
expect() {
  local name=$1 code=$2 pattern=$3 said
  shift 3
  said=$("$@" 2>&1)
  if [ $? = "$code" ] && grep -q "$pattern" <<<"$said"; then ok "$name"; else nok "$name" "$said"; fi
}

expect status 0 'Uptime: ' check_mysql "${login[@]}" -p "$CQ_PASS" -d "$CQ_DB"
expect performance_data 0 'Questions=' check_mysql "${login[@]}" -p "$CQ_PASS"
expect tls 0 'Uptime: ' check_mysql "${login[@]}" -p "$CQ_PASS" -l -C "$CQ_TLS_CA"
expect wrong_password 2 'Access denied' check_mysql "${login[@]}" -p "${CQ_PASS}x"
expect query_in_range 0 'QUERY OK' \
  check_mysql_query "${login[@]}" -p "$CQ_PASS" -d "$CQ_DB" -w 5 -c 9 -q "SELECT users FROM pipes WHERE name = 'nobody_here'"
expect query_critical 2 'QUERY CRITICAL' \
  check_mysql_query "${login[@]}" -p "$CQ_PASS" -d "$CQ_DB" -c 1:5 -q "SELECT users FROM pipes WHERE name = 'nobody_here'"
expect query_refused 2 'no_such_table' \
  check_mysql_query "${login[@]}" -p "$CQ_PASS" -d "$CQ_DB" -q 'SELECT * FROM no_such_table WHERE id = 1'
echo done
