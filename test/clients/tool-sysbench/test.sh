. "$CQ_LIB/env.sh"
login=(--mysql-host="$CQ_HOST" --mysql-port="$CQ_PORT" --mysql-user="$CQ_USER" --mysql-db="$CQ_DB")

# bench PASSWORD MODE: 4 connections insert and read until 2,000 turns are done
bench() {
  timeout 120 sysbench "$PWD/publish.lua" "${login[@]}" --mysql-password="$1" --db-ps-mode="$2" --threads=4 --events=2000 --time=0 --tag="$CQ_TAG" run 2>&1
}

for mode in auto disable; do
  report=$(bench "$CQ_PASS" $mode)
  if grep -q 'total number of events: *2000' <<<"$report" && grep -q 'ignored errors: *0' <<<"$report"; then ok "publish_$mode"; else nok "publish_$mode" "$report"; fi
done
refused=$(bench "${CQ_PASS}x" auto)
if grep -q 'Access denied' <<<"$refused"; then ok wrong_password; else nok wrong_password "$refused"; fi
echo done
