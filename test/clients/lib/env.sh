# Sourced by the clients that are shell scripts.
set -u
ok() { echo "ok $1"; }
nok() { echo "not ok $1 # $(printf %s "${2:-}" | tr '\n' ' ' | cut -c1-300)"; }
skip() { echo "skip $1 # ${2:-}"; }
# chk NAME EXPECTED ACTUAL
chk() {
  if [ "$2" == "$3" ]; then
    ok "$1"
  else nok "$1" "want [$(printf %s "$2" | cut -c1-100)] got [$(printf %s "$3" | cut -c1-180)]"; fi
}
