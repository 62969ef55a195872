void ok(string name, int(0..1)|mixed right, mixed|void why) {
  write(right ? "ok %s\n" : "not ok %s # %s\n", name, @(right ? ({}) : ({ replace(sprintf("%O", why), "\n", " ") })));
}

void check(string name, function run) {
  if (mixed error = catch(run())) ok(name, 0, describe_error(error));
}

string name = getenv("CQ_TAG") + "_pike";
int id = (int)getenv("CQ_ID");

Sql.Sql connect(string password) {
  return Sql.Sql(sprintf("mysql://%s:%s@%s:%s/%s", getenv("CQ_USER"), password,
                         getenv("CQ_HOST"), getenv("CQ_PORT"), getenv("CQ_DB")));
}

string refusal(function run) {
  mixed error = catch(run());
  return error ? describe_error(error) : "";
}

int main() {
  Sql.Sql comet = connect(getenv("CQ_PASS"));
  comet->query("SET NAMES utf8mb4");

  check("texts", lambda() {
    comet->query("INSERT INTO pipes_settings (name, length) VALUES (:name, 10)", ([ "name": name ]));
    foreach (({ "CQ_TRICKY", "CQ_CTRL", "CQ_BIG" }), string variable) {
      string text = Stdio.read_file(getenv(variable));
      comet->query("INSERT INTO pipes_messages (name, event, message) VALUES (%s, 'ev', %s)", name, text);
      array rows = comet->query("SELECT message FROM pipes_messages WHERE name = %s", name);
      ok("round_trip_" + variable, sizeof(rows) == 1 && rows[0]->message == text, sizeof(rows));
      comet->query("DELETE FROM pipes_messages WHERE name = %s", name);
    }
    for (int i = 0; i < (int)getenv("CQ_N"); i++)
      comet->query("INSERT INTO pipes_messages (name, event, message) VALUES (%s, 'ev', %s)", name, "m" + i);
    ok("many", sizeof(comet->query("SELECT * FROM pipes_messages WHERE name = %s", name)) == 10);
    comet->query("DELETE FROM pipes_settings WHERE name = %s", name);
  });

  check("users", lambda() {
    comet->query("INSERT INTO users_auth (id, hash) VALUES (%d, %s)", id, "one");
    array rows = comet->typed_query("SELECT id, hash FROM users_auth WHERE id = %d", id);
    ok("typed_row", sizeof(rows) == 1 && rows[0]->id == id && rows[0]->hash == "one", rows);
    object result = comet->big_query("SELECT * FROM users_auth WHERE id = %d", id);
    ok("columns", equal(result->fetch_fields()->name, ({ "id", "hash" })), result->fetch_fields());
    comet->query("DELETE FROM users_auth WHERE id = %d", id);
    ok("deleted", !sizeof(comet->query("SELECT * FROM users_auth WHERE id = %d", id)));
  });

  check("lists", lambda() {
    ok("list_tables", has_value(comet->list_tables(), "users_auth"), comet->list_tables());
    ok("list_dbs", sizeof(comet->list_dbs()) > 0);
    ok("list_fields", equal(comet->list_fields("users_auth")->name, ({ "id", "hash" })), comet->list_fields("users_auth"));
    ok("server_info", has_prefix(comet->server_info(), "mysql/"), comet->server_info());
    ok("ping", comet->ping() >= 0);
  });

  ok("err_table", has_value(refusal(lambda() { comet->query("SELECT * FROM no_such_table WHERE id = 1"); }), "no_such_table"));
  ok("err_syntax", has_value(refusal(lambda() { comet->query("SELEKT"); }), "SELEKT"));
  ok("usable", comet->query("SELECT 1 AS one")[0]->one == "1");
  string wrong = refusal(lambda() { connect(getenv("CQ_PASS") + "x"); });
  ok("wrong_password", has_value(wrong, "Access denied"), wrong);
  write("done\n");
  return 0;
}
