#!/bin/bash
# Publishes a message into the pipe "chat" and tells who is there. Run: bash examples/backends/publish.sh
# COMET_PASSWORD is that of the server; the client is Debian's package mariadb-client.
set -euo pipefail

# comet SQL: the rows, one a line, without names
comet() {
  MYSQL_PWD=${COMET_PASSWORD:-} mariadb --no-defaults --skip-ssl --default-character-set=utf8mb4 --batch --skip-column-names \
    -h "${COMETQL_HOST:-127.0.0.1}" -P "${COMETQL_PORT:-3307}" -u root CometQL_v1 -e "$1"
}

# A text as an SQL string, whatever is in it.
quoted() {
  local text=${1//\\/\\\\}
  printf "'%s'" "${text//"'"/"''"}"
}

message="hello from the shell, it's easy"
comet "INSERT INTO pipes_messages (name, event, message) VALUES ('chat', 'message', $(quoted "$message"))"

sessions=$(comet "SELECT user_id, user_agent FROM users_in_pipes WHERE name = 'chat'")
echo "$(grep -c . <<<"$sessions" || true) online"
echo "$sessions"
