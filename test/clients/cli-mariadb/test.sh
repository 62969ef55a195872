#!/bin/bash
. "$CQ_LIB/env.sh"
# the `mysql` command line client
M=(mariadb --no-defaults -h "$CQ_HOST" -P "$CQ_PORT" -u "$CQ_USER" -p"$CQ_PASS" --skip-ssl --connect-timeout=8 --default-character-set=utf8mb4)
q() { timeout 20 "${M[@]}" -N -B -r "$CQ_DB" -e "$1" 2>&1; }
esc() { perl -0777 -pe 's/\\/\\\\/g; s/'"'"'/\\'"'"'/g; s/\0/\\0/g; s/\x1a/\\Z/g; s/\n/\\n/g; s/\r/\\r/g' "$1"; }
chk connect 1 "$(q 'select 1')"
n=${CQ_TAG}_e
chk ins_settings "" "$(q "INSERT INTO pipes_settings (name, length) VALUES ('$n', 10)")"
chk ins_escaped "" "$(q "INSERT INTO pipes_messages (name, event, message) VALUES ('$n', 'ev', '$(esc $CQ_TRICKY)')")"
chk rt_escaped "$(md5sum <$CQ_TRICKY)" "$(q "SELECT message FROM pipes_messages WHERE name = '$n'" | head -c -1 | md5sum)"
chk dq_string "" "$(q "INSERT INTO users_data (id, data) VALUES ($CQ_ID, \"it's ok\")")"
chk dq_string_rt "it's ok" "$(q "SELECT data FROM users_data WHERE id = $CQ_ID")"
chk doubled_quote_ins "" "$(q "DELETE FROM users_data WHERE id = $CQ_ID; INSERT INTO users_data (id, data) VALUES ($CQ_ID, 'it''s')")"
chk doubled_quote_rt "it's" "$(q "SELECT data FROM users_data WHERE id = $CQ_ID")"
q "DELETE FROM users_data WHERE id = $CQ_ID" >/dev/null
chk auth_ins "" "$(q "INSERT INTO users_auth (id, hash) VALUES ($CQ_ID, 'abc')")"
chk auth_sel "$CQ_ID	abc" "$(q "SELECT id, hash FROM users_auth WHERE id = $CQ_ID")"
chk auth_sel_headers "id	hash" "$(timeout 20 "${M[@]}" -B $CQ_DB -e "SELECT id, hash FROM users_auth WHERE id = $CQ_ID" | head -1)"
case "$(timeout 20 "${M[@]}" -t $CQ_DB -e "SELECT id, hash FROM users_auth WHERE id = $CQ_ID")" in *"| $CQ_ID | abc "*) ok table_output ;; *) nok table_output "$(timeout 20 "${M[@]}" -t $CQ_DB -e "SELECT id, hash FROM users_auth WHERE id = $CQ_ID")" ;; esac
case "$(timeout 20 "${M[@]}" $CQ_DB -e "SELECT id, hash FROM users_auth WHERE id = $CQ_ID\G")" in *"hash: abc"*) ok vertical_G ;; *) nok vertical_G ;; esac
case "$(timeout 20 "${M[@]}" --html $CQ_DB -e "SELECT id, hash FROM users_auth WHERE id = $CQ_ID")" in *"<TD>abc</TD>"*) ok html ;; *) nok html ;; esac
case "$(timeout 20 "${M[@]}" --xml $CQ_DB -e "SELECT id, hash FROM users_auth WHERE id = $CQ_ID")" in *'name="hash">abc<'*) ok xml ;; *) nok xml ;; esac
case "$(timeout 20 "${M[@]}" --column-type-info -t $CQ_DB -e "SELECT id, hash FROM users_auth WHERE id = $CQ_ID")" in *LONG*) ok column_type_info ;; *) nok column_type_info ;; esac
o=$(timeout 20 "${M[@]}" -vvv $CQ_DB -e 'select * from users_time where id in (2,3,145)' 2>&1)
case "$o" in *" in set"* | *"Empty set"*) ok time_in ;; *) nok time_in "$o" ;; esac
case "$(timeout 20 "${M[@]}" -v -v $CQ_DB -e "select * from pipes where name in ('a','b')")" in *" in set"* | *"Empty set"*) ok pipes_in_verbose ;; *) nok pipes_in_verbose ;; esac
err() {
  o=$(q "$2")
  x=$(sed -n 's/^ERROR \([0-9]*\) (\(.....\)).*/\1/p' <<<"$o")
  if [ -n "$x" ] && { [ -z "$3" ] || [ "$x" = "$3" ]; }; then ok $1; else nok $1 "$o"; fi
}
err err_table 'SELECT * FROM no_such_table WHERE id = 1' "$EXPECT_NOTABLE"
err err_syntax 'SELEKT x' "$EXPECT_SYNTAX"
o=$(
  timeout 20 "${M[@]}" -N -B -f $CQ_DB 2>/dev/null <<S
SELECT * FROM no_such_table WHERE id = 1;
SELECT hash FROM users_auth WHERE id = $CQ_ID;
S
)
chk err_usable_force abc "$o"
chk multi_e "1
2" "$(q 'select 1; select 2' | head -2)"
o=$(
  timeout 20 "${M[@]}" -N -B $CQ_DB 2>&1 <<S
delimiter //
SELECT hash FROM users_auth WHERE id = $CQ_ID; SELECT id FROM users_auth WHERE id = $CQ_ID//
S
)
chk multi_delimiter "abc
$CQ_ID" "$o"
F=$(mktemp)
{
  for i in $(seq $CQ_N); do echo "INSERT INTO pipes_messages (name, event, message) VALUES ('${CQ_TAG}_many', 'ev', 'm$i');"; done
  echo "DELETE FROM pipes_messages WHERE name = '${CQ_TAG}_many';"
} >$F
o=$(timeout 60 "${M[@]}" -B $CQ_DB <$F 2>&1)
chk many_stdin "" "$o"
o=$(timeout 60 "${M[@]}" -B $CQ_DB -e "source $F" 2>&1)
chk source_file "" "$o"
{
  echo "-- a comment"
  echo "/* block */ /*!40101 SET NAMES utf8mb4 */;"
  echo "# hash comment"
  echo "INSERT INTO pipes_messages (name, event, message) VALUES ('${CQ_TAG}_b', 'ev', '$(esc $CQ_BIG)');"
} >$F
q "INSERT INTO pipes_settings (name, length) VALUES ('${CQ_TAG}_b', 10)" >/dev/null
o=$(timeout 60 "${M[@]}" $CQ_DB <$F 2>&1)
chk big_ins_and_comments "" "$o"
chk big_rt "$(md5sum <$CQ_BIG)" "$(q "SELECT message FROM pipes_messages WHERE name = '${CQ_TAG}_b'" | head -c -1 | md5sum)"
o=$(timeout 60 "${M[@]}" -C -N -B -r $CQ_DB -e "SELECT message FROM pipes_messages WHERE name = '${CQ_TAG}_b'" 2>&1 | head -c -1 | md5sum)
chk compress_big_rt "$(md5sum <$CQ_BIG)" "$o"
o=$(timeout 60 "${M[@]}" -C $CQ_DB <$F 2>&1)
chk compress_big_ins "" "$o"
o=$(timeout 60 "${M[@]}" -q -N -B -r $CQ_DB -e "select hash from users_auth where id = $CQ_ID" 2>&1)
chk quick_use_result abc "$o"
# interactive session (pty): banner, auto-rehash, status, use, \r reconnect, tables
T() { timeout 25 script -qfec "$1" /dev/null 2>&1 | tr -d '\r'; }
I="mariadb --no-defaults -h $CQ_HOST -P $CQ_PORT -u $CQ_USER -p'$CQ_PASS' --skip-ssl"
o=$(printf 'status\nselect hash from users_auth where id = %s;\nuse %s\nshow tables;\n\\r\nselect hash from users_auth where id = %s;\n\\W\n\\w\nhelp\nquit\n' $CQ_ID $CQ_DB $CQ_ID | T "$I $CQ_DB")
case "$o" in *"connection id is"*) ok interactive_banner ;; *) nok interactive_banner "$o" ;; esac
case "$o" in *"Connection id:"*"Server version:"*"Protocol version:"*) ok interactive_status ;; *) nok interactive_status "$o" ;; esac
case "$o" in *"Database changed"*) ok interactive_use ;; *) nok interactive_use ;; esac
case "$o" in *"| users_auth "*) ok interactive_show_tables ;; *) nok interactive_show_tables ;; esac
[ "$(grep -c '| abc' <<<"$o")" = 2 ] && ok interactive_reconnect || nok interactive_reconnect "$o"
case "$o" in *"ERROR "*) nok autocomplete_fields "$o" ;; *) grep -q "Didn't find any fields" <<<"$o" && nok autocomplete_fields "Didn't find any fields in table (COM_FIELD_LIST failed)" || ok autocomplete_fields ;; esac
o=$(printf 'select 1;\nuse %s;\nselect hash from users_auth where id = %s;\nquit\n' $CQ_DB $CQ_ID | T "$I")
case "$o" in *"| abc"*) ok interactive_no_db_then_use ;; *) nok interactive_no_db_then_use "$o" ;; esac
o=$(printf 'select hash from users_auth where id = %s;\nprompt X>\ntee /dev/null\nwarnings\nselect * from no_such_table;\nselect hash from users_auth where id = %s;\nquit\n' $CQ_ID $CQ_ID | T "$I -A --show-warnings $CQ_DB")
[ "$(grep -c '| abc' <<<"$o")" = 2 ] && ok interactive_err_then_ok || nok interactive_err_then_ok "$o"
o=$(timeout 10 mariadb --no-defaults -h "$CQ_HOST" -P "$CQ_PORT" -u "$CQ_USER" -p"${CQ_PASS}x" --skip-ssl $CQ_DB -e 'select 1' 2>&1)
x=$(sed -n 's/^ERROR \([0-9]*\) .*/\1/p' <<<"$o")
[ -n "$x" ] && { [ -z "$EXPECT_AUTH" ] || [ "$x" = "$EXPECT_AUTH" ]; } && ok wrong_password || nok wrong_password "$o"
o=$(timeout 10 mariadb --no-defaults -h "$CQ_HOST" -P "$CQ_PORT" -u "$CQ_USER" --skip-ssl $CQ_DB -e 'select 1' 2>&1)
x=$(sed -n 's/^ERROR \([0-9]*\) .*/\1/p' <<<"$o")
[ -n "$x" ] && ok empty_password || nok empty_password "$o"
MYSQL_PWD=$CQ_PASS timeout 10 mariadb --no-defaults -h "$CQ_HOST" -P "$CQ_PORT" -u "$CQ_USER" --skip-ssl --init-command="SET autocommit=1" --safe-updates $CQ_DB -e "select hash from users_auth where id = $CQ_ID" >/dev/null 2>&1 && ok init_command_safe_updates || nok init_command_safe_updates
for s in 'SHOW TABLES' 'SHOW DATABASES' 'SHOW STATUS' "SHOW VARIABLES LIKE '%version%'" 'SELECT @@version_comment' 'SELECT @@version_comment limit 1' 'SELECT DATABASE()' 'SELECT USER()' 'SELECT VERSION()' 'DESCRIBE users_auth' 'SHOW WARNINGS' 'SET NAMES utf8'; do
  o=$(q "$s")
  case "$o" in ERROR*) nok "q[$s]" "$o" ;; *) ok "q[$s]" ;; esac
done
case "$(timeout 20 "${M[@]}" -vv $CQ_DB -e "DELETE FROM users_auth WHERE id = $CQ_ID")" in *"1 row affected"*) ok del_affected ;; *) nok del_affected ;; esac
chk del_check "" "$(q "SELECT * FROM users_auth WHERE id = $CQ_ID")"
for x in e b; do q "DELETE FROM pipes_messages WHERE name = '${CQ_TAG}_$x'; DELETE FROM pipes_settings WHERE name = '${CQ_TAG}_$x'" >/dev/null; done
o=$(timeout 20 mariadb --no-defaults -h "$CQ_HOST" -P "$CQ_PORT" -u "$CQ_USER" -p"$CQ_PASS" --ssl ${CQ_TLS_CA:+--ssl-ca=$CQ_TLS_CA} $CQ_DB -e status 2>&1 | grep SSL)
case "$o" in *Cipher*) ok tls_connect ;; *) nok tls_connect "$o" ;; esac
rm -f $F
echo done
