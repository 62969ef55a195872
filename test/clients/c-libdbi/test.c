#include "cq.h"
#include <dbi/dbi.h>

static dbi_inst instance;
static char name[64];

static dbi_conn connect_with(const char *password) {
  dbi_conn connection = dbi_conn_new_r("mysql", instance);
  dbi_conn_set_option(connection, "host", CQ_H);
  dbi_conn_set_option_numeric(connection, "port", CQ_P);
  dbi_conn_set_option(connection, "username", CQ_U);
  dbi_conn_set_option(connection, "password", password);
  dbi_conn_set_option(connection, "dbname", CQ_DB);
  dbi_conn_set_option(connection, "encoding", "UTF-8");
  return connection;
}

static const char *error_of(dbi_conn connection) {
  const char *text = "";
  dbi_conn_error(connection, &text);
  return text;
}

static unsigned number_of(dbi_conn connection) {
  return (unsigned)dbi_conn_error(connection, NULL);
}

static void run(dbi_conn connection, const char *sql) {
  dbi_result result = dbi_conn_query(connection, sql);
  if (result == NULL) ok(sql, 0, error_of(connection));
  else dbi_result_free(result);
}

static void round_trip(dbi_conn connection, const char *check, const char *text, size_t length) {
  char *quoted = NULL;
  dbi_conn_quote_string_copy(connection, text, &quoted);
  dbi_result result = dbi_conn_queryf(
      connection, "INSERT INTO pipes_messages (name, event, message) VALUES ('%s', 'ev', %s)", name, quoted);
  ok("affected", result != NULL && dbi_result_get_numrows_affected(result) == 1, error_of(connection));
  if (result != NULL) dbi_result_free(result);
  free(quoted);
  result = dbi_conn_queryf(connection, "SELECT message FROM pipes_messages WHERE name = '%s'", name);
  int has_row = result != NULL && dbi_result_first_row(result);
  const char *got = has_row ? dbi_result_get_string(result, "message") : NULL;
  eqb(check, text, length, got, got ? strlen(got) : 0);
  if (result != NULL) dbi_result_free(result);
  dbi_conn_queryf(connection, "DELETE FROM pipes_messages WHERE name = '%s'", name);
}

static void texts(dbi_conn connection) {
  dbi_conn_queryf(connection, "INSERT INTO pipes_settings (name, length) VALUES ('%s', 10)", name);
  round_trip(connection, "round_trip", CQ_T, CQ_TL);
  round_trip(connection, "big_round_trip", CQ_B, CQ_BL);
  int sent = 0;
  for (int i = 0; i < CQ_N; i++) {
    dbi_result result = dbi_conn_queryf(
        connection, "INSERT INTO pipes_messages (name, event, message) VALUES ('%s', 'ev', 'm%d')", name, i);
    sent += result != NULL;
    if (result != NULL) dbi_result_free(result);
  }
  ok("many", sent == CQ_N, error_of(connection));
  dbi_conn_queryf(connection, "DELETE FROM pipes_settings WHERE name = '%s'", name);
}

static void users(dbi_conn connection) {
  dbi_conn_queryf(connection, "INSERT INTO users_auth (id, hash) VALUES (%ld, 'one')", CQ_ID);
  dbi_result result = dbi_conn_queryf(connection, "SELECT * FROM users_auth WHERE id = %ld", CQ_ID);
  ok("row_count", dbi_result_get_numrows(result) == 1, "");
  ok("columns", dbi_result_get_numfields(result) == 2 && !strcmp(dbi_result_get_field_name(result, 2), "hash"), "");
  ok("integer", dbi_result_get_field_type(result, "id") == DBI_TYPE_INTEGER, "");
  ok("row", dbi_result_first_row(result) && dbi_result_get_as_longlong(result, "id") == CQ_ID, "");
  dbi_result_free(result);
  result = dbi_conn_queryf(connection, "DELETE FROM users_auth WHERE id = %ld", CQ_ID);
  ok("deleted", dbi_result_get_numrows_affected(result) == 1, "");
  dbi_result_free(result);
}

static void lists(dbi_conn connection) {
  dbi_result tables = dbi_conn_get_table_list(connection, CQ_DB, NULL);
  ok("tables", tables != NULL && dbi_result_get_numrows(tables) >= 7, error_of(connection));
  if (tables != NULL) dbi_result_free(tables);
  dbi_result databases = dbi_conn_get_db_list(connection, NULL);
  ok("databases", databases != NULL && dbi_result_get_numrows(databases) >= 1, error_of(connection));
  if (databases != NULL) dbi_result_free(databases);
}

int main(void) {
  cq_init();
  snprintf(name, sizeof name, "%s_libdbi", CQ_TAG);
  dbi_initialize_r(NULL, &instance);
  dbi_conn connection = connect_with(CQ_W);
  if (!ok("connect", dbi_conn_connect(connection) == 0, error_of(connection))) return 1;
  ok("encoding", !strcmp(dbi_conn_get_encoding(connection), "UTF-8"), dbi_conn_get_encoding(connection));
  texts(connection);
  users(connection);
  lists(connection);
  ok("ping", dbi_conn_ping(connection), "");
  run(connection, "START TRANSACTION");
  run(connection, "COMMIT");
  ok("err_table_refused", dbi_conn_query(connection, "SELECT * FROM no_such_table WHERE id = 1") == NULL, "");
  code("err_table", number_of(connection), "EXPECT_NOTABLE");
  ok("err_syntax_refused", dbi_conn_query(connection, "SELEKT") == NULL, "");
  code("err_syntax", number_of(connection), "EXPECT_SYNTAX");
  ok("select_db", dbi_conn_select_db(connection, CQ_DB) == 0, error_of(connection));
  dbi_conn_close(connection);

  char wrong[100];
  snprintf(wrong, sizeof wrong, "%sx", CQ_W);
  connection = connect_with(wrong);
  ok("wrong_password_refused", dbi_conn_connect(connection) != 0, "");
  code("wrong_password", number_of(connection), "EXPECT_AUTH");
  dbi_conn_close(connection);
  dbi_shutdown_r(instance);
  puts("done");
  return 0;
}
