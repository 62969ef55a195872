#!/bin/bash
. "$CQ_LIB/env.sh"
A=(timeout 15 mariadb-admin --no-defaults -h "$CQ_HOST" -P "$CQ_PORT" -u "$CQ_USER" -p"$CQ_PASS" --skip-ssl --connect-timeout=8)
t() {
  n=$1
  pat=$2
  shift 2
  o=$("${A[@]}" "$@" 2>&1)
  if grep -q "$pat" <<<"$o"; then ok $n; else nok $n "$o"; fi
}
t ping 'is alive' ping
t status 'Uptime' status
t processlist 'Id' processlist
t version 'Server version' version
t variables 'version' variables
t extended_status 'Variable_name' extended-status
t ping_loop 'is alive' --sleep=1 --count=2 ping
o=$(timeout 10 mariadb-admin --no-defaults -h "$CQ_HOST" -P "$CQ_PORT" -u "$CQ_USER" -p"${CQ_PASS}x" --skip-ssl ping 2>&1)
grep -qi 'denied\|error' <<<"$o" && ok wrong_password_reported || nok wrong_password_reported "$o"
o=$(timeout 10 mariadb-admin --no-defaults -h "$CQ_HOST" -P "$CQ_PORT" -u "$CQ_USER" -p"${CQ_PASS}x" --skip-ssl status 2>&1)
grep -qi "error: '" <<<"$o" && ok wrong_password_status || nok wrong_password_status "$o"
o=$(timeout 10 mariadb-admin --no-defaults -h "$CQ_HOST" -P "$CQ_PORT" -u "$CQ_USER" -p"$CQ_PASS" --ssl --ssl-ca="$CQ_TLS_CA" --ssl-verify-server-cert ping 2>&1)
grep -q 'is alive' <<<"$o" && ok tls || nok tls "$o"
echo done
