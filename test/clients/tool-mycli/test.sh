. "$CQ_LIB/env.sh"
login=(-h "$CQ_HOST" -P "$CQ_PORT" -u "$CQ_USER" --no-warn)

# run SQL [OPTION…]: what mycli prints, without its own warnings about a terminal
run() {
  timeout 60 mycli "${login[@]}" -p "$CQ_PASS" -D "$CQ_DB" "${@:2}" -e "$1" 2>&1
}

has() { # has NAME PATTERN TEXT
  if grep -q -- "$2" <<<"$3"; then ok "$1"; else nok "$1" "$3"; fi
}

run "INSERT INTO users_auth (id, hash) VALUES ($CQ_ID, 'abc')" >/dev/null
has csv "\"$CQ_ID\",\"abc\"\|$CQ_ID,abc" "$(run "SELECT id, hash FROM users_auth WHERE id = $CQ_ID" --csv)"
has table "| $CQ_ID | abc" "$(run "SELECT id, hash FROM users_auth WHERE id = $CQ_ID" --table)"
has err_table 'no_such_table' "$(run 'SELECT * FROM no_such_table WHERE id = 1')"
run "DELETE FROM users_auth WHERE id = $CQ_ID" >/dev/null
chk deleted '' "$(run "SELECT id FROM users_auth WHERE id = $CQ_ID" | grep "$CQ_ID")"
has tls 'id' "$(run 'SELECT id FROM users_time WHERE id = 2' --ssl-ca="$CQ_TLS_CA")"
# A password that is refused makes it ask for another one.
has wrong_password 'Password' "$(timeout 60 mycli "${login[@]}" -p "${CQ_PASS}x" -D "$CQ_DB" -e 'SELECT 1' 2>&1)"

# In a terminal it asks for tables, columns, users and functions, to complete what is typed.
typed() {
  printf '[main]\nenable_pager = False\n' >"$CQ_BUILD/myclirc"
  printf 'status\nuse %s\n\\dt\nSELECT 1+1;\nquit\n' "$CQ_DB" | timeout 60 script -qfec \
    "TERM=dumb mycli --myclirc $CQ_BUILD/myclirc -h $CQ_HOST -P $CQ_PORT -u $CQ_USER -p '$CQ_PASS' -D $CQ_DB" /dev/null 2>&1
}
session=$(typed)
has interactive_status 'Server version' "$session"
has interactive_tables 'users_auth' "$session"
has interactive_select '| 2 ' "$session"
echo done
