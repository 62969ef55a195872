import std/[db_mysql, os, strutils]

proc ok(name: string, right: bool, why = "") =
  echo if right: "ok " & name else: "not ok " & name & " # " & why.replace("\n", " ")

template check(name: string, body: untyped) =
  try:
    body
  except CatchableError as e:
    ok(name, false, e.msg)

proc refusal(run: proc ()): string =
  try: run()
  except DbError as e: return e.msg

let
  name = getEnv("CQ_TAG") & "_nim"
  id = getEnv("CQ_ID")
  server = getEnv("CQ_HOST") & ":" & getEnv("CQ_PORT")

proc connect(password: string): DbConn =
  open(server, getEnv("CQ_USER"), password, getEnv("CQ_DB"))

let comet = connect(getEnv("CQ_PASS"))
ok("encoding", comet.setEncoding("utf8mb4"))

check "texts":
  comet.exec(sql"INSERT INTO pipes_settings (name, length) VALUES (?, 10)", name)
  for text in [readFile(getEnv("CQ_TRICKY")), readFile(getEnv("CQ_BIG"))]:
    let insert = sql"INSERT INTO pipes_messages (name, event, message) VALUES (?, ?, ?)"
    ok("affected", comet.execAffectedRows(insert, name, "ev", text) == 1)
    let stored = comet.getValue(sql"SELECT message FROM pipes_messages WHERE name = ?", name)
    ok("round_trip", stored == text, $stored.len)
    comet.exec(sql"DELETE FROM pipes_messages WHERE name = ?", name)
  for i in 1 .. parseInt(getEnv("CQ_N")):
    comet.exec(sql"INSERT INTO pipes_messages (name, event, message) VALUES (?, 'ev', ?)", name, "m" & $i)
  ok("many", comet.getAllRows(sql"SELECT message FROM pipes_messages WHERE name = ?", name).len == 10)
  comet.exec(sql"DELETE FROM pipes_settings WHERE name = ?", name)

check "users":
  ok("insert_id", comet.tryInsertID(sql"INSERT INTO users_auth (id, hash) VALUES (?, ?)", id, "one") == parseInt(id))
  ok("row", comet.getRow(sql"SELECT * FROM users_auth WHERE id = ?", id) == @[id, "one"])
  var columns: DbColumns
  for row in comet.instantRows(columns, sql"SELECT * FROM users_auth WHERE id = ?", [id]):
    ok("columns", columns[0].name == "id" and columns[1].name == "hash" and columns[1].tableName == "users_auth")
  ok("deleted", comet.execAffectedRows(sql"DELETE FROM users_auth WHERE id = ?", id) == 1)
  ok("no_rows", comet.getAllRows(sql"SELECT * FROM users_auth WHERE id = ?", id).len == 0)

ok("err_table", "no_such_table" in refusal(proc () = comet.exec(sql"SELECT * FROM no_such_table WHERE id = 1")))
ok("err_syntax", "SELEKT" in refusal(proc () = comet.exec(sql"SELEKT")))
ok("usable", comet.getValue(sql"SELECT 1") == "1")
comet.close()
ok("wrong_password", "Access denied" in refusal(proc () = connect(getEnv("CQ_PASS") & "x").close()))
echo "done"
