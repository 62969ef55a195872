#include "cq.h"
#include <mysql++.h>
#include <string>
using namespace mysqlpp;
using std::string;
#define TRY(n, ...)                   \
  try {                               \
    __VA_ARGS__                       \
  } catch (const std::exception &e) { \
    ok(n, 0, e.what());               \
  }
int main() {
  cq_init();
  string tag = CQ_TAG, T(CQ_T, CQ_TL), BIG(CQ_B, CQ_BL);
  char id[30];
  sprintf(id, "%ld", CQ_ID);
  Connection c;
  c.set_option(new SetCharsetNameOption("utf8mb4"));
  c.set_option(new MultiStatementsOption(true));
  try {
    ok("connect", c.connect(CQ_DB, CQ_H, CQ_U, CQ_W, CQ_P), c.error());
  } catch (const std::exception &e) {
    ok("connect", 0, e.what());
    return 1;
  }
  ok("server_version", !c.server_version().empty(), "");
  ok("client_version", !c.client_version().empty(), "");
  TRY("ins_escaped", {
    Query q = c.query();
    q << "INSERT INTO pipes_settings (name, length) VALUES (" << quote << tag + "_e"
      << ", 10)";
    q.execute();
    Query i = c.query();
    i << "INSERT INTO pipes_messages (name, event, message) VALUES (" << quote << tag + "_e"
      << ", 'ev', " << quote << T << ")";
    SimpleResult r = i.execute();
    ok("ins_escaped_affected", r.rows() == 1, "");
    Query s = c.query("SELECT * FROM pipes_messages WHERE name = '" + tag + "_e'");
    StoreQueryResult g = s.store();
    ok("sel_rowcount", g.num_rows() == 1, "");
    string v = g.num_rows() ? string(g[0]["message"].data(), g[0]["message"].size()) : "";
    eqb("rt_escaped", T.data(), T.size(), v.data(), v.size());
  })
  TRY("template_query", {
    c.query("INSERT INTO pipes_settings (name, length) VALUES ('" + tag + "_p', 10)").execute();
    Query q = c.query("INSERT INTO pipes_messages (name, event, message) VALUES (%0q, %1q, %2q)");
    q.parse();
    q.execute(tag + "_p", "ev", T);
    Query s = c.query("SELECT message FROM pipes_messages WHERE name = %0q");
    s.parse();
    StoreQueryResult g = s.store(tag + "_p");
    string v = g.num_rows() ? string(g[0][0].data(), g[0][0].size()) : "";
    eqb("rt_template_query", T.data(), T.size(), v.data(), v.size());
  })
  TRY("auth", {
    Query q = c.query(string("INSERT INTO users_auth (id, hash) VALUES (") + id + ", 'h')");
    q.execute();
    Query s = c.query(string("SELECT * FROM users_auth WHERE id = ") + id);
    StoreQueryResult g = s.store();
    ok("auth_sel", g.num_rows() == 1 && (long)g[0]["id"] == CQ_ID && string(g[0]["hash"].c_str()) == "h", "");
    ok("meta_columns", g.field_name(0) == "id" && g.field_name(1) == "hash", "");
    ok("meta_types", g.field_type(0).sql_name()[0] == 'I' || g.field_type(0).sql_name()[0] == 'B',
       g.field_type(0).sql_name());
  })
  TRY("time_in", {
    Query s = c.query("select * from users_time where id in (2,3,145)");
    StoreQueryResult g = s.store();
    ok("time_in", g.field_name(0) == "id" && g.field_name(1) == "time", "");
  })
  TRY("pipes_in", {
    Query s = c.query("select * from pipes where name in ('a','b')");
    StoreQueryResult g = s.store();
    ok("pipes_in", g.num_fields() == 2, "");
  })
  TRY("use_result", {
    Query s = c.query(string("SELECT * FROM users_auth WHERE id = ") + id);
    UseQueryResult g = s.use();
    int n = 0;
    while (Row r = g.fetch_row())
      n++;
    ok("use_result", n == 1, "");
  }) {
    unsigned e = 0;
    try {
      c.query("SELECT * FROM no_such_table").store();
    } catch (const BadQuery &x) {
      e = x.errnum();
    }
    code("err_table", e, "EXPECT_NOTABLE");
    e = 0;
    try {
      c.query("SELEKT x").execute();
    } catch (const BadQuery &x) {
      e = x.errnum();
    }
    code("err_syntax", e, "EXPECT_SYNTAX");
  }
  TRY("err_usable",
      { ok("err_usable", c.query(string("SELECT * FROM users_auth WHERE id = ") + id).store().num_rows() == 1, ""); })
  TRY("big", {
    Query q = c.query();
    q << "INSERT INTO pipes_settings (name, length) VALUES ('" + tag + "_b', 10)";
    q.execute();
    Query i = c.query();
    i << "INSERT INTO pipes_messages (name, event, message) VALUES ('" + tag + "_b', 'ev', " << quote << BIG << ")";
    i.execute();
    StoreQueryResult g = c.query("SELECT message FROM pipes_messages WHERE name = '" + tag + "_b'").store();
    string v = g.num_rows() ? string(g[0][0].data(), g[0][0].size()) : "";
    eqb("big_rt", BIG.data(), BIG.size(), v.data(), v.size());
  })
  TRY("multi", {
    Query q = c.query(string("SELECT * FROM users_auth WHERE id = ") + id +
                      "; SELECT * FROM users_time WHERE id = 2; SELECT * FROM users_auth WHERE id = " + id);
    StoreQueryResult a = q.store();
    int k = 1;
    while (q.more_results()) {
      q.store_next();
      k++;
    }
    ok("multi", k >= 3, "");
  })
  TRY("many", {
    for (int i = 0; i < CQ_N; i++) {
      Query q = c.query();
      q << "INSERT INTO pipes_messages (name, event, message) VALUES ('" << tag << "_many', 'ev', 'm" << i << "')";
      q.execute();
    }
    ok("many", 1, "");
    c.query("DELETE FROM pipes_messages WHERE name = '" + tag + "_many'").execute();
  })
  ok("ping", c.ping(), c.error());
  ok("select_db", c.select_db(CQ_DB), c.error());
  TRY("status", { ok("server_status", !c.server_status().empty(), ""); })
  ok("count_rows_show", c.query("SHOW TABLES").store().num_rows() >= 7, "");
  TRY("transaction", {
    Transaction t(c);
    t.commit();
    ok("transaction", 1, "");
    Transaction u(c, true);
    u.rollback();
    ok("transaction_consistent_snapshot", 1, "");
  })
  TRY("del", {
    SimpleResult r = c.query(string("DELETE FROM users_auth WHERE id = ") + id).execute();
    ok("del_affected", r.rows() == 1, "");
    ok("del_check", c.query(string("SELECT * FROM users_auth WHERE id = ") + id).store().num_rows() == 0, "");
    for (const char *x = "epb"; *x; x++) {
      c.query("DELETE FROM pipes_messages WHERE name = '" + tag + "_" + *x + "'").execute();
      c.query("DELETE FROM pipes_settings WHERE name = '" + tag + "_" + *x + "'").execute();
    }
  }) {
    Connection b(false);
    ok("wrong_password", !b.connect(CQ_DB, CQ_H, CQ_U, "wrong!", CQ_P), "accepted");
    code("wrong_password_code", b.errnum(), "EXPECT_AUTH");
  }
  puts("done");
  return 0;
}
