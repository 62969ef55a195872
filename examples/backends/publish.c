/* Publishes a message into the pipe "chat" and tells who is there.
 * Run: gcc examples/backends/publish.c -o /tmp/publish $(mariadb_config --cflags --libs) && /tmp/publish
 * COMET_PASSWORD is that of the server; the library is Debian's package libmariadb-dev.
 */
#include <mysql.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *env(const char *name, const char *otherwise) {
  const char *value = getenv(name);
  return value != NULL ? value : otherwise;
}

static void fail(const char *what) {
  fprintf(stderr, "%s\n", what);
  exit(1);
}

static MYSQL_BIND text(const char *value) {
  MYSQL_BIND bind = {.buffer_type = MYSQL_TYPE_STRING, .buffer = (void *)value, .buffer_length = strlen(value)};
  return bind;
}

static void publish(MYSQL *comet, const char *pipe, const char *event, const char *message) {
  const char *sql = "INSERT INTO pipes_messages (name, event, message) VALUES (?, ?, ?)";
  MYSQL_STMT *statement = mysql_stmt_init(comet);
  MYSQL_BIND values[] = {text(pipe), text(event), text(message)};
  if (mysql_stmt_prepare(statement, sql, strlen(sql)) || mysql_stmt_bind_param(statement, values) ||
      mysql_stmt_execute(statement))
    fail(mysql_stmt_error(statement));
  mysql_stmt_close(statement);
}

int main(void) {
  MYSQL *comet = mysql_init(NULL);
  unsigned port = (unsigned)atoi(env("COMETQL_PORT", "3307"));
  mysql_options(comet, MYSQL_SET_CHARSET_NAME, "utf8mb4");
  if (!mysql_real_connect(comet, env("COMETQL_HOST", "127.0.0.1"), "root", env("COMET_PASSWORD", ""), "CometQL_v1", port,
                          NULL, 0))
    fail(mysql_error(comet));

  publish(comet, "chat", "message", "hello from C, it's easy");

  if (mysql_query(comet, "SELECT user_id, user_agent FROM users_in_pipes WHERE name = 'chat'")) fail(mysql_error(comet));
  MYSQL_RES *sessions = mysql_store_result(comet);
  printf("%llu online\n", (unsigned long long)mysql_num_rows(sessions));
  for (MYSQL_ROW session = mysql_fetch_row(sessions); session != NULL; session = mysql_fetch_row(sessions))
    printf("user %s (0: a visitor), %s\n", session[0], session[1]);
  mysql_free_result(sessions);
  mysql_close(comet);
  return 0;
}
