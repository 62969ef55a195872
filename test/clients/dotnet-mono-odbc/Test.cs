using System;
using System.Collections.Generic;
using System.Data;
using System.Data.Odbc;

class Test {
  static void Ok(string name, bool right, object why = null) {
    Console.WriteLine(right ? "ok " + name : "not ok " + name + " # " + ("" + why).Replace("\n", " "));
  }

  static void Check(string name, Action run) {
    try { run(); } catch (Exception e) { Ok(name, false, e.Message); }
  }

  static string Env(string name) { return Environment.GetEnvironmentVariable(name); }

  static OdbcConnection Connect(string password, string more = "") {
    var connection = new OdbcConnection(
        "DRIVER=libmaodbc.so;SERVER=" + Env("CQ_HOST") + ";PORT=" + Env("CQ_PORT") + ";UID=" + Env("CQ_USER") +
        ";PWD=" + password + ";DATABASE=" + Env("CQ_DB") + ";CHARSET=utf8mb4" + more);
    connection.Open();
    return connection;
  }

  static OdbcCommand Command(OdbcConnection connection, string sql, params object[] values) {
    var command = new OdbcCommand(sql, connection);
    foreach (var value in values) command.Parameters.AddWithValue("", value);
    return command;
  }

  static List<string> Strings(OdbcConnection connection, string sql, params object[] values) {
    var found = new List<string>();
    using (var reader = Command(connection, sql, values).ExecuteReader())
      while (reader.Read()) found.Add(reader.GetValue(0).ToString());
    return found;
  }

  static string State(Action run) {
    try { run(); return "none"; } catch (OdbcException e) { return e.Errors[0].SQLState; }
  }

  static void Texts(OdbcConnection comet, string pipe) {
    const string insert = "INSERT INTO pipes_messages (name, event, message) VALUES (?, ?, ?)";
    const string select = "SELECT message FROM pipes_messages WHERE name = ?";
    Command(comet, "INSERT INTO pipes_settings (name, length) VALUES (?, ?)", pipe, 10).ExecuteNonQuery();
    foreach (var text in new[] { "it's \"quoted\" \\ % _ ; -- \t", "Привет, мир!" }) {
      Ok("affected", Command(comet, insert, pipe, "ev", text).ExecuteNonQuery() == 1);
      var stored = Strings(comet, select, pipe);
      Ok("round_trip", stored.Count == 1 && stored[0] == text, string.Join(" ", stored));
      Command(comet, "DELETE FROM pipes_messages WHERE name = ?", pipe).ExecuteNonQuery();
    }
    for (var i = 1; i <= int.Parse(Env("CQ_N")); i++) Command(comet, insert, pipe, "ev", "m" + i).ExecuteNonQuery();
    Ok("many", Strings(comet, select, pipe)[9] == "m" + Env("CQ_N"));
    Command(comet, "DELETE FROM pipes_settings WHERE name = ?", pipe).ExecuteNonQuery();
  }

  static void Users(OdbcConnection comet, int id) {
    Command(comet, "INSERT INTO users_auth (id, hash) VALUES (?, ?)", id, "one").ExecuteNonQuery();
    var table = new DataTable();
    new OdbcDataAdapter("SELECT * FROM users_auth WHERE id = " + id, comet).Fill(table);
    Ok("columns", table.Columns[0].ColumnName == "id" && table.Columns[1].ColumnName == "hash");
    Ok("row", table.Rows.Count == 1 && Convert.ToInt32(table.Rows[0]["id"]) == id && (string)table.Rows[0]["hash"] == "one");
    var transaction = comet.BeginTransaction();
    var remove = Command(comet, "DELETE FROM users_auth WHERE id = ?", id);
    remove.Transaction = transaction;
    remove.ExecuteNonQuery();
    transaction.Rollback();
    Ok("deleted", Command(comet, "DELETE FROM users_auth WHERE id = ?", id).ExecuteNonQuery() == 1);
    Ok("no_rows", Strings(comet, "SELECT * FROM users_auth WHERE id = ?", id).Count == 0);
  }

  static void Main() {
    var comet = Connect(Env("CQ_PASS"));
    Check("texts", () => Texts(comet, Env("CQ_TAG") + "_mono"));
    Check("users", () => Users(comet, int.Parse(Env("CQ_ID"))));
    Ok("err_table", State(() => Strings(comet, "SELECT * FROM no_such_table WHERE id = 1")) == "42S02");
    Ok("err_syntax", State(() => Command(comet, "SELEKT").ExecuteNonQuery()) == "42000");
    Ok("usable", Strings(comet, "SELECT 1")[0] == "1");
    comet.Close();
    Ok("wrong_password", State(() => Connect(Env("CQ_PASS") + "x")) == "28000");
    Check("tls", () => Ok("tls", Strings(Connect(Env("CQ_PASS"), ";SSLCA=" + Env("CQ_TLS_CA") + ";FORCETLS=1"), "SELECT 1")[0] == "1"));
    Console.WriteLine("done");
  }
}
