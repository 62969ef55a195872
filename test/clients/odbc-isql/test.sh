#!/bin/bash
. "$CQ_LIB/env.sh"
# isql (unixODBC) over the MariaDB ODBC driver
export ODBCSYSINI=/etc
D=libmaodbc.so
I=(timeout 25 isql -k "DRIVER=$D;SERVER=$CQ_HOST;PORT=$CQ_PORT;UID=$CQ_USER;PWD=$CQ_PASS;DATABASE=$CQ_DB;CHARSET=utf8mb4" -b -v)
q() { printf '%s\n' "$1" | "${I[@]}" "${@:2}" 2>&1; }
o=$(q "select * from users_time where id = 2")
grep -q '| id' <<<"$o" && ok connect_select || { nok connect_select "$o"; }
o=$(q "INSERT INTO users_auth (id, hash) VALUES ($CQ_ID, 'abc')")
grep -q 'SQLRowCount returns 1' <<<"$o" && ok ins_affected || nok ins_affected "$o"
o=$(q "SELECT id, hash FROM users_auth WHERE id = $CQ_ID" -d'|')
grep -q "$CQ_ID|abc" <<<"$o" && ok auth_sel || nok auth_sel "$o"
o=$(printf 'SELECT * FROM no_such_table WHERE id = 1\nSELECT hash FROM users_auth WHERE id = %s\n' $CQ_ID | "${I[@]}" 2>&1)
grep -q '\[ISQL\]ERROR' <<<"$o" && ok err_table || nok err_table "$o"
grep -q '| abc' <<<"$o" && ok err_usable || nok err_usable "$o"
o=$(q help)
grep -q users_auth <<<"$o" && ok help_tables_SQLTables || nok help_tables_SQLTables "$o"
o=$(q 'help users_auth')
grep -q hash <<<"$o" && ok help_columns_SQLColumns || nok help_columns_SQLColumns "$o"
o=$(for i in $(seq 200); do echo "INSERT INTO pipes_messages (name, event, message) VALUES ('${CQ_TAG}_m', 'ev', 'm$i')"; done | "${I[@]}" 2>&1 | grep -c 'SQLRowCount returns 1')
chk many_200 200 "$o"
q "DELETE FROM pipes_messages WHERE name = '${CQ_TAG}_m'" >/dev/null
o=$(q "DELETE FROM users_auth WHERE id = $CQ_ID")
grep -q 'SQLRowCount returns 1' <<<"$o" && ok del_affected || nok del_affected "$o"
o=$(timeout 15 isql -k "DRIVER=$D;SERVER=$CQ_HOST;PORT=$CQ_PORT;UID=$CQ_USER;PWD=${CQ_PASS}x;DATABASE=$CQ_DB" -b -v </dev/null 2>&1)
grep -q 'ISQL.ERROR' <<<"$o" && ok wrong_password || nok wrong_password "$o"
o=$(echo 'SELECT 40 + 2' | timeout 15 isql -k "DRIVER=$D;SERVER=$CQ_HOST;PORT=$CQ_PORT;UID=$CQ_USER;PWD=$CQ_PASS;DATABASE=$CQ_DB;SSLCA=$CQ_TLS_CA;FORCETLS=1" -b -v 2>&1)
grep -q '| 42' <<<"$o" && ok tls || nok tls "$o"
echo done
