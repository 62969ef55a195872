#include "cq.h"
#include <mysql.h>
static MYSQL *m;
static char Q[1 << 20];
static char nm[64];
static int qf(const char *f, ...) {
  va_list a;
  va_start(a, f);
  int l = vsnprintf(Q, sizeof Q, f, a);
  va_end(a);
  return mysql_real_query(m, Q, l);
}
static MYSQL *conn(MYSQL *x, const char *w, const char *db, unsigned long fl) {
  x = x ? x : mysql_init(0);
  unsigned t = 8;
  mysql_options(x, MYSQL_OPT_CONNECT_TIMEOUT, &t);
  mysql_options(x, MYSQL_SET_CHARSET_NAME, "utf8mb4");
  return mysql_real_connect(x, CQ_H, CQ_U, w, db, CQ_P, 0, fl)
             ? x
             : (MYSQL *)(printf("# connect: %u %s\n", mysql_errno(x), mysql_error(x)), (MYSQL *)0);
}
static void ins(const char *sfx, const char *d, size_t l) {
  snprintf(nm, 64, "%s_%s", CQ_TAG, sfx);
  qf("INSERT INTO pipes_settings (name, length) VALUES ('%s', 10)", nm);
  char *e = malloc(2 * l + 1);
  unsigned long el = mysql_real_escape_string(m, e, d, l);
  char *s = malloc(el + 300);
  int k = sprintf(s, "INSERT INTO pipes_messages (name, event, message) VALUES ('%s', 'ev', '", nm);
  memcpy(s + k, e, el);
  k += el;
  memcpy(s + k, "')", 2);
  k += 2;
  char b[60];
  snprintf(b, 60, "ins_%s", sfx);
  ok(b, !mysql_real_query(m, s, k), mysql_error(m));
  snprintf(b, 60, "ins_%s_affected", sfx);
  ok(b, mysql_affected_rows(m) == 1, "affected != 1");
  free(e);
  free(s);
}
static void rt(const char *sfx, const char *d, size_t l) {
  char b[60];
  snprintf(b, 60, "rt_%s", sfx);
  snprintf(nm, 64, "%s_%s", CQ_TAG, sfx);
  if (qf("SELECT message FROM pipes_messages WHERE name = '%s'", nm)) {
    ok(b, 0, mysql_error(m));
    return;
  }
  MYSQL_RES *r = mysql_store_result(m);
  MYSQL_ROW w = r ? mysql_fetch_row(r) : 0;
  unsigned long *L = w ? mysql_fetch_lengths(r) : 0;
  eqb(b, d, l, w ? w[0] : 0, w ? L[0] : 0);
  mysql_free_result(r);
}
static int rows(const char *q) {
  if (mysql_query(m, q))
    return -1;
  MYSQL_RES *r = mysql_store_result(m);
  int n = r ? mysql_num_rows(r) : -2;
  mysql_free_result(r);
  return n;
}
int main() {
  cq_init();
  MYSQL *z;
  m = conn(0, CQ_W, CQ_DB, CLIENT_MULTI_STATEMENTS);
  if (!ok("connect", !!m, "")) {
    return 1;
  }
  ok("server_info", mysql_get_server_info(m)[0] != 0, "");
  ok("server_version", mysql_get_server_version(m) > 0, "");
  ok("proto", mysql_get_proto_info(m) == 10, "");
  ok("thread_id", mysql_thread_id(m) > 0, "");
  ok("charset_name", !strcmp(mysql_character_set_name(m), "utf8mb4"), mysql_character_set_name(m));
  ins("e", CQ_T, CQ_TL);
  rt("e", CQ_T, CQ_TL);
  ins("c", CQ_C, CQ_CL);
  rt("c", CQ_C, CQ_CL);
  { /* hex literal as mysql_hex_string users do */
    char hx[64];
    mysql_hex_string(hx, "a'\\b", 4);
    ok("hex_literal_ins", !qf("INSERT INTO users_data (id, data) VALUES (%ld, X'%s')", CQ_ID + 9, hx), mysql_error(m));
    qf("SELECT data FROM users_data WHERE id = %ld", CQ_ID + 9);
    MYSQL_RES *r = mysql_store_result(m);
    MYSQL_ROW w = r ? mysql_fetch_row(r) : 0;
    eqb("hex_literal_rt", "a'\\b", 4, w ? w[0] : 0, w && w[0] ? strlen(w[0]) : 0);
    mysql_free_result(r);
    qf("DELETE FROM users_data WHERE id = %ld", CQ_ID + 9);
  }
  { /* server-side prepare, all strings */
    snprintf(nm, 64, "%s_p", CQ_TAG);
    qf("INSERT INTO pipes_settings (name, length) VALUES ('%s', 10)", nm);
    MYSQL_STMT *s = mysql_stmt_init(m);
    const char *q = "INSERT INTO pipes_messages (name, event, message) VALUES (?, ?, ?)";
    int p = mysql_stmt_prepare(s, q, strlen(q));
    if (ok("prepare", !p, mysql_stmt_error(s))) {
      ok("param_count", mysql_stmt_param_count(s) == 3, "");
      ok("field_count0", mysql_stmt_field_count(s) == 0, "");
      MYSQL_BIND b[3];
      memset(b, 0, sizeof b);
      unsigned long ln = strlen(nm), le = 2, lt = CQ_TL;
      b[0].buffer_type = b[1].buffer_type = MYSQL_TYPE_STRING;
      b[2].buffer_type = MYSQL_TYPE_BLOB;
      b[0].buffer = nm;
      b[0].length = &ln;
      b[1].buffer = "ev";
      b[1].length = &le;
      b[2].buffer = CQ_T;
      b[2].length = &lt;
      ok("bind", !mysql_stmt_bind_param(s, b), "");
      ok("execute", !mysql_stmt_execute(s), mysql_stmt_error(s));
      ok("stmt_affected", mysql_stmt_affected_rows(s) == 1, "");
    }
    mysql_stmt_close(s);
    rt("p", CQ_T, CQ_TL);
    /* long data */ snprintf(nm, 64, "%s_l", CQ_TAG);
    qf("INSERT INTO pipes_settings (name, length) VALUES ('%s', 10)", nm);
    s = mysql_stmt_init(m);
    if (!mysql_stmt_prepare(s, q, strlen(q))) {
      MYSQL_BIND b[3];
      memset(b, 0, sizeof b);
      unsigned long ln = strlen(nm), le = 2;
      b[0].buffer_type = b[1].buffer_type = MYSQL_TYPE_STRING;
      b[2].buffer_type = MYSQL_TYPE_LONG_BLOB;
      b[0].buffer = nm;
      b[0].length = &ln;
      b[1].buffer = "ev";
      b[1].length = &le;
      mysql_stmt_bind_param(s, b);
      for (size_t o = 0; o < CQ_BL; o += 60000)
        mysql_stmt_send_long_data(s, 2, CQ_B + o, CQ_BL - o < 60000 ? CQ_BL - o : 60000);
      ok("long_data_exec", !mysql_stmt_execute(s), mysql_stmt_error(s));
    }
    mysql_stmt_close(s);
    rt("l", CQ_B, CQ_BL);
  }
  { /* typed params + binary result */
    MYSQL_STMT *s = mysql_stmt_init(m);
    const char *q = "INSERT INTO users_auth (id, hash) VALUES (?, ?)";
    if (ok("prepare_int", !mysql_stmt_prepare(s, q, strlen(q)), mysql_stmt_error(s))) {
      enum enum_field_types ty[] = {MYSQL_TYPE_LONG, MYSQL_TYPE_LONGLONG, MYSQL_TYPE_DOUBLE, MYSQL_TYPE_STRING};
      for (int i = 0; i < 4; i++) {
        int v = CQ_ID + i;
        long long vl = v;
        double vd = v;
        char vs[20];
        sprintf(vs, "%d", v);
        unsigned long l = strlen(vs), lh = 4;
        MYSQL_BIND b[2];
        memset(b, 0, sizeof b);
        b[0].buffer_type = ty[i];
        b[0].buffer = i == 0 ? (void *)&v : i == 1 ? (void *)&vl : i == 2 ? (void *)&vd : (void *)vs;
        b[0].length = &l;
        b[1].buffer_type = MYSQL_TYPE_STRING;
        b[1].buffer = "h=sh";
        b[1].length = &lh;
        mysql_stmt_bind_param(s, b);
        char n[40];
        sprintf(n, "exec_type_%d", ty[i]);
        ok(n, !mysql_stmt_execute(s), mysql_stmt_error(s));
      }
    }
    mysql_stmt_close(s);
    sprintf(Q, "SELECT * FROM users_auth WHERE id IN (%ld, %ld, %ld, %ld)", CQ_ID, CQ_ID + 1, CQ_ID + 2, CQ_ID + 3);
    ok("typed_rows", rows(strdup(Q)) == 4, mysql_error(m));
    for (int cur = 0; cur < 2; cur++) {
      s = mysql_stmt_init(m);
      q = "SELECT id, hash FROM users_auth WHERE id = ?";
      if (cur) {
        unsigned long t = CURSOR_TYPE_READ_ONLY;
        mysql_stmt_attr_set(s, STMT_ATTR_CURSOR_TYPE, &t);
      }
      if (ok(cur ? "prepare_sel_cursor" : "prepare_sel", !mysql_stmt_prepare(s, q, strlen(q)), mysql_stmt_error(s))) {
        long long v = CQ_ID;
        MYSQL_BIND b[1];
        memset(b, 0, sizeof b);
        b[0].buffer_type = MYSQL_TYPE_LONGLONG;
        b[0].buffer = &v;
        mysql_stmt_bind_param(s, b);
        MYSQL_RES *md = mysql_stmt_result_metadata(s);
        ok(cur ? "result_metadata_cursor" : "result_metadata",
           md && mysql_num_fields(md) == 2 && !strcmp(mysql_fetch_field_direct(md, 1)->name, "hash"),
           "no metadata at prepare");
        mysql_free_result(md);
        ok(cur ? "sel_exec_cursor" : "sel_exec", !mysql_stmt_execute(s), mysql_stmt_error(s));
        int id = 0;
        char h[64] = {0};
        unsigned long hl = 0;
        MYSQL_BIND r[2];
        memset(r, 0, sizeof r);
        r[0].buffer_type = MYSQL_TYPE_LONG;
        r[0].buffer = &id;
        r[1].buffer_type = MYSQL_TYPE_STRING;
        r[1].buffer = h;
        r[1].buffer_length = 64;
        r[1].length = &hl;
        mysql_stmt_bind_result(s, r);
        if (!cur)
          mysql_stmt_store_result(s);
        int f = mysql_stmt_fetch(s);
        char d[100];
        sprintf(d, "f=%d id=%d h=%s err=%s", f, id, h, mysql_stmt_error(s));
        ok(cur ? "sel_fetch_cursor" : "sel_fetch", f == 0 && id == CQ_ID && !strcmp(h, "h=sh"), d);
        ok(cur ? "sel_end_cursor" : "sel_end", mysql_stmt_fetch(s) == MYSQL_NO_DATA, mysql_stmt_error(s));
        mysql_stmt_free_result(s);
        ok(cur ? "stmt_reset_cursor" : "stmt_reset", !mysql_stmt_reset(s), mysql_stmt_error(s));
      }
      mysql_stmt_close(s);
    }
  }
  {
    sprintf(Q, "SELECT * FROM users_auth WHERE id = %ld", CQ_ID);
    ok("auth_sel", !mysql_query(m, strdup(Q)), mysql_error(m));
    MYSQL_RES *r = mysql_store_result(m);
    ok("meta",
       r && mysql_num_fields(r) == 2 && !strcmp(mysql_fetch_field_direct(r, 0)->name, "id") &&
           IS_NUM(mysql_fetch_field_direct(r, 0)->type) && !IS_NUM(mysql_fetch_field_direct(r, 1)->type),
       "");
    char d[100];
    MYSQL_FIELD *f = mysql_fetch_field_direct(r, 1);
    sprintf(d, "table=%s db=%s charset=%u len=%lu", f->table, f->db, f->charsetnr, f->length);
    ok("meta_table", !strcmp(f->table, "users_auth"), d);
    ok("meta_charset", f->charsetnr != 63, d);
    MYSQL_ROW w = mysql_fetch_row(r);
    ok("auth_values", w && atol(w[0]) == CQ_ID && !strcmp(w[1], "h=sh"), w ? w[1] : "");
    mysql_free_result(r);
  }
  ok("time_in", rows("select * from users_time where id in (2,3,145)") >= 0, mysql_error(m));
  ok("pipes_in", rows("select * from pipes where name in ('a','b')") >= 0, mysql_error(m));
  ok("field_count", mysql_field_count(m) == 2, "");
  sprintf(Q, "SELECT * FROM users_auth WHERE id = %ld", CQ_ID + 999);
  ok("empty_result", rows(strdup(Q)) == 0, mysql_error(m));
  ok("err_table_rc", mysql_query(m, "SELECT * FROM no_such_table WHERE id = 1") != 0, "");
  code("err_table", mysql_errno(m), "EXPECT_NOTABLE");
  ok("err_sqlstate", strlen(mysql_sqlstate(m)) == 5, mysql_sqlstate(m));
  mysql_query(m, "SELEKT x");
  code("err_syntax", mysql_errno(m), "EXPECT_SYNTAX");
  {
    MYSQL_STMT *s = mysql_stmt_init(m);
    const char *q = "SELECT * FROM no_such_table WHERE id = ?";
    int p = mysql_stmt_prepare(s, q, strlen(q));
    if (!p) {
      int v = 1;
      MYSQL_BIND b[1];
      memset(b, 0, sizeof b);
      b[0].buffer_type = MYSQL_TYPE_LONG;
      b[0].buffer = &v;
      mysql_stmt_bind_param(s, b);
      p = mysql_stmt_execute(s);
    }
    code("err_prepare", mysql_stmt_errno(s), "EXPECT_NOTABLE");
    mysql_stmt_close(s);
  }
  ok("err_usable", rows("select * from users_time where id = 2") >= 0, mysql_error(m));
  ok("ping", !mysql_ping(m), mysql_error(m));
  ok("stat", !!mysql_stat(m), mysql_error(m));
  ok("select_db", !mysql_select_db(m, CQ_DB), mysql_error(m));
  {
    MYSQL_RES *r = mysql_list_fields(m, "users_auth", 0);
    ok("list_fields", r && mysql_num_fields(r) == 2, mysql_error(m));
    mysql_free_result(r);
  }
  {
    MYSQL_RES *r = mysql_list_dbs(m, 0);
    ok("list_dbs", !!r, mysql_error(m));
    mysql_free_result(r);
    r = mysql_list_tables(m, 0);
    ok("list_tables", r && mysql_num_rows(r) >= 7, mysql_error(m));
    mysql_free_result(r);
    r = mysql_list_processes(m);
    ok("list_processes", !!r, mysql_error(m));
    mysql_free_result(r);
  }
  ins("b", CQ_B, CQ_BL);
  rt("b", CQ_B, CQ_BL);
  {
    sprintf(Q,
            "INSERT INTO users_data (id, data) VALUES (%ld, 'm1'); SELECT * FROM users_data WHERE id = %ld; DELETE "
            "FROM users_data WHERE id = %ld",
            CQ_ID, CQ_ID, CQ_ID);
    int k = 0, st = mysql_query(m, strdup(Q));
    ok("multi_query", !st, mysql_error(m));
    if (!st) {
      do {
        MYSQL_RES *r = mysql_store_result(m);
        if (r)
          mysql_free_result(r);
        k++;
      } while (!(st = mysql_next_result(m)));
    }
    ok("multi", k == 3 && st == -1, mysql_error(m));
    ok("set_option_off", !mysql_set_server_option(m, MYSQL_OPTION_MULTI_STATEMENTS_OFF), mysql_error(m));
    ok("set_option_on", !mysql_set_server_option(m, MYSQL_OPTION_MULTI_STATEMENTS_ON), mysql_error(m));
  }
  {
    int g = 1;
    for (int i = 0; i < CQ_N; i++)
      g = g && !qf("INSERT INTO pipes_messages (name, event, message) VALUES ('%s_many', 'ev', 'm%d')", CQ_TAG, i);
    ok("many", g, mysql_error(m));
    qf("DELETE FROM pipes_messages WHERE name = '%s_many'", CQ_TAG);
  }
  { /* client-side pipelining: send_query x20 then read */
    int g = 1, i;
    for (i = 0; i < 20; i++)
      g = g && !mysql_send_query(m, "select * from users_time where id in (2,3,145)",
                                 strlen("select * from users_time where id in (2,3,145)"));
    for (i = 0; i < 20 && g; i++) {
      g = !mysql_read_query_result(m);
      if (g) {
        MYSQL_RES *r = mysql_store_result(m);
        g = !!r;
        mysql_free_result(r);
      }
    }
    ok("pipelining_20", g, mysql_error(m));
  }
  ok("autocommit", !mysql_autocommit(m, 0) && !mysql_commit(m) && !mysql_rollback(m) && !mysql_autocommit(m, 1),
     mysql_error(m));
  ok("set_character_set", !mysql_set_character_set(m, "utf8mb4"), mysql_error(m));
  ok("change_user", !mysql_change_user(m, CQ_U, CQ_W, CQ_DB), mysql_error(m));
  ok("after_change_user", rows("select * from users_time where id = 2") >= 0, mysql_error(m));
  ok("reset_connection", !mysql_reset_connection(m), mysql_error(m));
  ok("after_reset", rows("select * from users_time where id = 2") >= 0, mysql_error(m));
  qf("DELETE FROM users_auth WHERE id IN (%ld, %ld, %ld, %ld)", CQ_ID, CQ_ID + 1, CQ_ID + 2, CQ_ID + 3);
  ok("del_affected", mysql_affected_rows(m) == 4, "");
  sprintf(Q, "SELECT * FROM users_auth WHERE id = %ld", CQ_ID);
  ok("del_check", rows(strdup(Q)) == 0, "");
  for (const char *x = "ecplb"; *x; x++) {
    qf("DELETE FROM pipes_messages WHERE name = '%s_%c'", CQ_TAG, *x);
    qf("DELETE FROM pipes_settings WHERE name = '%s_%c'", CQ_TAG, *x);
  }
  mysql_close(m);
  z = mysql_init(0);
  unsigned t = 8;
  mysql_options(z, MYSQL_OPT_CONNECT_TIMEOUT, &t);
  ok("wrong_password", !mysql_real_connect(z, CQ_H, CQ_U, "wrong!", CQ_DB, CQ_P, 0, 0), "accepted");
  code("wrong_password_code", mysql_errno(z), "EXPECT_AUTH");
  mysql_close(z);
  z = mysql_init(0);
  ok("empty_password", !mysql_real_connect(z, CQ_H, CQ_U, "", CQ_DB, CQ_P, 0, 0), "accepted");
  code("empty_password_code", mysql_errno(z), "EXPECT_AUTH");
  mysql_close(z);
  z = conn(0, CQ_W, 0, 0);
  ok("no_db", !!z, "");
  if (z) {
    ok("no_db_select", !mysql_select_db(z, CQ_DB), mysql_error(z));
    m = z;
    ok("no_db_query", rows("select * from users_time where id = 2") >= 0, mysql_error(m));
    mysql_close(z);
  }
  z = conn(0, CQ_W, CQ_DB, CLIENT_COMPRESS);
  ok("compress", !!z, "");
  if (z) {
    m = z;
    ins("z", CQ_B, CQ_BL);
    rt("z", CQ_B, CQ_BL);
    qf("DELETE FROM pipes_messages WHERE name = '%s_z'", CQ_TAG);
    qf("DELETE FROM pipes_settings WHERE name = '%s_z'", CQ_TAG);
    mysql_close(z);
  }
  {
    z = mysql_init(0);
    mysql_options(z, MYSQL_INIT_COMMAND, "SET autocommit=1");
    my_bool rc = 1;
    mysql_options(z, MYSQL_OPT_RECONNECT, &rc);
    z = conn(z, CQ_W, CQ_DB, CLIENT_FOUND_ROWS | CLIENT_INTERACTIVE);
    ok("init_command_reconnect_opts", !!z, "");
    if (z)
      mysql_close(z);
  }
  z = mysql_init(0);
  my_bool e = 1, v = 0;
  mysql_optionsv(z, MYSQL_OPT_SSL_ENFORCE, &e);
  mysql_optionsv(z, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &v);
  z = conn(z, CQ_W, CQ_DB, 0);
  ok("tls_connect", z && mysql_get_ssl_cipher(z), "");
  if (z) {
    m = z;
    ok("tls_query", rows("select * from users_time where id = 2") >= 0, "");
    mysql_close(z);
  }
  puts("done");
  return 0;
}
