#!/bin/bash
. "$CQ_LIB/env.sh"
# may be out of scope of the dialect: shows what a dump asks for
D=(timeout 30 mariadb-dump --no-defaults -h "$CQ_HOST" -P "$CQ_PORT" -u "$CQ_USER" -p"$CQ_PASS" --skip-ssl)
o=$("${D[@]}" --no-tablespaces --skip-lock-tables --no-create-info --compact "$CQ_DB" users_time --where='id in (2,3,145)' 2>&1)
grep -q 'INSERT INTO\|^$' <<<"$o" && ok dump_data_only || nok dump_data_only "$o"
o=$("${D[@]}" "$CQ_DB" users_auth 2>&1)
grep -q 'Dump completed' <<<"$o" && ok dump_default || nok dump_default "$o"
o=$(timeout 20 mariadb-show --no-defaults -h "$CQ_HOST" -P "$CQ_PORT" -u "$CQ_USER" -p"$CQ_PASS" --skip-ssl 2>&1)
grep -q "$CQ_DB" <<<"$o" && ok mysqlshow_dbs || nok mysqlshow_dbs "$o"
o=$(timeout 20 mariadb-show --no-defaults -h "$CQ_HOST" -P "$CQ_PORT" -u "$CQ_USER" -p"$CQ_PASS" --skip-ssl "$CQ_DB" 2>&1)
grep -q users_auth <<<"$o" && ok mysqlshow_tables || nok mysqlshow_tables "$o"
o=$(timeout 20 mariadb-show --no-defaults -h "$CQ_HOST" -P "$CQ_PORT" -u "$CQ_USER" -p"$CQ_PASS" --skip-ssl "$CQ_DB" pipes 2>&1)
grep -q users <<<"$o" && ok mysqlshow_columns || nok mysqlshow_columns "$o"
o=$(timeout 60 mariadb-slap --no-defaults -h "$CQ_HOST" -P "$CQ_PORT" -u "$CQ_USER" -p"$CQ_PASS" --skip-ssl --create-schema="$CQ_DB" --no-drop -c 4 --number-of-queries=200 --query='select * from users_time where id in (2,3,145)' 2>&1)
grep -q 'Average number' <<<"$o" && ok mysqlslap || nok mysqlslap "$o"
o=$(timeout 20 mariadb-dump --no-defaults -h "$CQ_HOST" -P "$CQ_PORT" -u "$CQ_USER" -p"$CQ_PASS" --ssl --ssl-ca="$CQ_TLS_CA" --ssl-verify-server-cert "$CQ_DB" users_auth 2>&1)
grep -q 'Dump completed' <<<"$o" && ok tls || nok tls "$o"
echo done
