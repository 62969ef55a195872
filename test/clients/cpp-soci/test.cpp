#include "cq.h"
#include <mysql/soci-mysql.h>
#include <soci.h>
#include <string>
#include <vector>

using soci::into;
using soci::use;

static std::string login(const std::string &password, const std::string &more = "") {
  return std::string("host=") + CQ_H + " port=" + std::to_string(CQ_P) + " user=" + CQ_U + " password='" + password +
         "' dbname=" + CQ_DB + " charset=utf8mb4" + more;
}

template <typename Run> static unsigned number_of(Run run) {
  try {
    run();
    return 0;
  } catch (const soci::mysql_soci_error &error) {
    return error.err_num_;
  }
}

template <typename Run> static void check(const char *name, Run run) {
  try {
    run();
  } catch (const std::exception &error) {
    ok(name, 0, error.what());
  }
}

static void texts(soci::session &sql) {
  const std::string name = std::string(CQ_TAG) + "_soci";
  sql << "INSERT INTO pipes_settings (name, length) VALUES (:name, 10)", use(name);
  for (const std::string &text : {std::string(CQ_T, CQ_TL), std::string(CQ_B, CQ_BL)}) {
    sql << "INSERT INTO pipes_messages (name, event, message) VALUES (:name, 'ev', :text)", use(name), use(text);
    std::string got;
    sql << "SELECT message FROM pipes_messages WHERE name = :name", use(name), into(got);
    eqb("round_trip", text.data(), text.size(), got.data(), got.size());
    sql << "DELETE FROM pipes_messages WHERE name = :name", use(name);
  }
  std::string text;
  soci::statement insert =
      (sql.prepare << "INSERT INTO pipes_messages (name, event, message) VALUES (:name, 'ev', :text)", use(name),
       use(text));
  for (int i = 0; i < CQ_N; i++) {
    text = "m" + std::to_string(i);
    insert.execute(true);
  }
  std::vector<std::string> got(100);
  sql << "SELECT message FROM pipes_messages WHERE name = :name", use(name), into(got);
  ok("many", got.size() == 10 && got.back() == text, got.back().c_str());
  sql << "DELETE FROM pipes_settings WHERE name = :name", use(name);
}

static void users(soci::session &sql) {
  const long id = CQ_ID;
  std::vector<long> ids = {id, id + 1};
  std::vector<std::string> hashes = {"one", "two"};
  sql << "INSERT INTO users_auth (id, hash) VALUES (:id, :hash)", use(ids), use(hashes);
  soci::rowset<soci::row> rows = (sql.prepare << "SELECT * FROM users_auth WHERE id IN (:a, :b)", use(ids[0]), use(ids[1]));
  int count = 0;
  for (const soci::row &row : rows) {
    const bool right = row.get_properties(0).get_name() == "id" && row.get_properties(1).get_name() == "hash";
    ok("row", right && row.get<std::string>(1) == hashes[count], "");
    count++;
  }
  ok("rows", count == 2, "");
  std::string hash;
  soci::indicator found;
  sql << "SELECT hash FROM users_auth WHERE id = :id", use(id + 2), into(hash, found);
  ok("no_rows", !sql.got_data(), "");
  soci::statement remove = (sql.prepare << "DELETE FROM users_auth WHERE id IN (:a, :b)", use(ids[0]), use(ids[1]));
  remove.execute(true);
  ok("deleted", remove.get_affected_rows() == 2, "");
}

static void transactions(soci::session &sql) {
  const long id = CQ_ID;
  int count = -1;
  {
    soci::transaction transaction(sql);
    sql << "INSERT INTO users_auth (id, hash) VALUES (:id, 'x')", use(id);
    transaction.rollback();
  }
  sql << "SELECT COUNT(*) FROM users_auth WHERE id = :id", use(id), into(count);
  ok("rolled_back", count == 0, "");
}

int main() {
  cq_init();
  soci::session sql(soci::mysql, login(CQ_W));
  check("texts", [&] { texts(sql); });
  check("users", [&] { users(sql); });
  check("transactions", [&] { transactions(sql); });
  ok("connected", sql.is_connected(), "");
  code("err_table", number_of([&] { sql << "SELECT * FROM no_such_table WHERE id = 1"; }), "EXPECT_NOTABLE");
  code("err_syntax", number_of([&] { sql << "SELEKT"; }), "EXPECT_SYNTAX");
  code("wrong_password", number_of([] { soci::session refused(soci::mysql, login(std::string(CQ_W) + "x")); }), "EXPECT_AUTH");
  check("tls", [] {
    soci::session encrypted(soci::mysql, login(CQ_W, std::string(" sslca='") + getenv("CQ_TLS_CA") + "'"));
    std::string name, cipher;
    encrypted << "SHOW STATUS LIKE 'Ssl_cipher'", into(name), into(cipher);
    ok("tls", 1, cipher.c_str());
  });
  puts("done");
}
