import java.sql.*;
import java.util.*;
import java.nio.file.*;
import java.io.*;
import java.nio.charset.StandardCharsets;
public class Test {
  static final Map<String, String> E = System.getenv();
  static final String H = E.get("CQ_HOST"), U = E.get("CQ_USER"), W = E.get("CQ_PASS"), DB = E.get("CQ_DB"),
                      TAG = E.get("CQ_TAG");
  static final int P = Integer.parseInt(E.get("CQ_PORT")), ID = Integer.parseInt(E.get("CQ_ID")),
                   N = Integer.parseInt(E.get("CQ_N"));
  static String rd(String k) {
    try {
      return new String(Files.readAllBytes(Paths.get(E.get(k))), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new RuntimeException(e);
    }
  }
  static PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
  static boolean ok(String n, boolean c, Object d) {
    String s = String.valueOf(d).replace("\n", " ");
    out.println(c ? "ok " + n : "not ok " + n + " # " + s.substring(0, Math.min(250, s.length())));
    return c;
  }
  static void eq(String n, Object w, Object g) {
    String a = String.valueOf(w), b = String.valueOf(g);
    ok(n, Objects.equals(w, g),
        "want " + a.substring(0, Math.min(80, a.length())) + " got " + b.substring(0, Math.min(100, b.length())));
  }
  static void code(String n, int c, String env) {
    String x = E.getOrDefault(env, "");
    ok(n, c > 0 && (x.isEmpty() || Integer.parseInt(x) == c),
        "code=" + c + " expected " + (x.isEmpty() ? "non-zero" : x));
  }
  interface F {
    void run() throws Exception;
  }
  static void tr(String n, F f) {
    try {
      f.run();
    } catch (Throwable e) {
      ok(n, false, e.getClass().getName() + ": " + e.getMessage());
    }
  }
  static Connection conn(String w, String opts) throws SQLException {
    Properties p = new Properties();
    p.setProperty("user", U);
    p.setProperty("password", w);
    return DriverManager.getConnection(
        "jdbc:mariadb://" + H + ":" + P + "/" + DB + "?connectTimeout=8000&socketTimeout=20000" + opts, p);
  }
  static String one(PreparedStatement s, Object... a) throws SQLException {
    for (int i = 0; i < a.length; i++)
      s.setObject(i + 1, a[i]);
    try (ResultSet r = s.executeQuery()) {
      return r.next() ? r.getString(1) : null;
    }
  }
  public static void main(String[] x) throws Exception {
    String T = rd("CQ_TRICKY"), C = rd("CQ_CTRL"), BIG = rd("CQ_BIG");
    String[][] modes = {{"emul", "&allowMultiQueries=true"}, {"native", "&useServerPrepStmts=true"},
        {"bulk", "&useServerPrepStmts=true&useBatchMultiSend=true&usePipelineAuth=true"}};
    for (int mi = 0; mi < modes.length; mi++) {
      String m = modes[mi][0] + ".";
      int id = ID + mi * 20;
      String S = TAG + "_" + mi;
      Connection c;
      try {
        c = conn(W, modes[mi][1]);
      } catch (SQLException e) {
        ok(m + "connect", false, e.getErrorCode() + " " + e);
        continue;
      }
      ok(m + "connect", true, "");
      tr(m + "meta", () -> {
        DatabaseMetaData d = c.getMetaData();
        ok(m + "product", d.getDatabaseProductVersion().length() > 0, "");
        ok(m + "major", d.getDatabaseMajorVersion() > 0, "");
        ok(m + "username", d.getUserName() != null, "");
        ok(m + "url", d.getURL() != null, "");
        eq(m + "catalog", DB, c.getCatalog());
      });
      tr(m + "qb_tables", () -> {
        int k = 0;
        try (ResultSet r = c.getMetaData().getTables(DB, null, "%", new String[] {"TABLE"})) {
          while (r.next())
            k++;
        }
        ok(m + "qb_getTables", k >= 7, k);
        k = 0;
        try (ResultSet r = c.getMetaData().getColumns(DB, null, "users_auth", "%")) {
          while (r.next())
            k++;
        }
        ok(m + "qb_getColumns", k == 2, k);
        try (ResultSet r = c.getMetaData().getCatalogs()) {
          ok(m + "qb_getCatalogs", r.next(), "");
        }
      });
      tr(m + "stmt", () -> {
        Statement s = c.createStatement();
        for (String k : new String[] {"p", "c", "b", "d"})
          s.executeUpdate("INSERT INTO pipes_settings (name, length) VALUES ('" + S + k + "', 10)");
        eq(m + "executeUpdate", 1, s.executeUpdate("INSERT INTO users_auth (id, hash) VALUES (" + id + ", 'it=s')"));
        ResultSet r = s.executeQuery("SELECT * FROM users_auth WHERE id = " + id);
        ResultSetMetaData md = r.getMetaData();
        eq(m + "meta_columns", "id,hash", md.getColumnName(1) + "," + md.getColumnName(2));
        ok(m + "meta_type_int", md.getColumnType(1) == Types.INTEGER || md.getColumnType(1) == Types.BIGINT,
            md.getColumnType(1));
        ok(m + "meta_type_text",
            md.getColumnType(2) == Types.VARCHAR || md.getColumnType(2) == Types.LONGVARCHAR
                || md.getColumnType(2) == Types.CHAR,
            md.getColumnTypeName(2));
        eq(m + "meta_table", "users_auth", md.getTableName(1));
        ok(m + "next", r.next(), "");
        eq(m + "auth_sel", id + " it=s", r.getInt("id") + " " + r.getString("hash"));
        ok(m + "class", r.getObject(1) instanceof Number && r.getObject(2) instanceof String,
            r.getObject(1).getClass() + " " + r.getObject(2).getClass());
        r.close();
        s.close();
      });
      tr(m + "prep", () -> {
        PreparedStatement s = c.prepareStatement("INSERT INTO pipes_messages (name, event, message) VALUES (?, ?, ?)");
        s.setString(1, S + "p");
        s.setString(2, "ev");
        s.setString(3, T);
        eq(m + "prep_affected", 1, s.executeUpdate());
        s.setString(1, S + "c");
        s.setString(3, C);
        s.executeUpdate();
        PreparedStatement g = c.prepareStatement("SELECT message FROM pipes_messages WHERE name = ?");
        eq(m + "rt_prep", T, one(g, S + "p"));
        eq(m + "rt_ctrl", C, one(g, S + "c"));
        s.setString(1, S + "b");
        s.setString(3, BIG);
        s.executeUpdate();
        s.setString(1, S + "d");
        s.setCharacterStream(3, new StringReader(T));
        s.executeUpdate();
        eq(m + "rt_character_stream", T, one(g, S + "d"));
        eq(m + "big_rt", BIG, one(g, S + "b"));
      });
      tr(m + "prep_types", () -> {
        PreparedStatement s = c.prepareStatement("SELECT id, hash FROM users_auth WHERE id = ?");
        s.setInt(1, id);
        ok(m + "p_int", s.executeQuery().next(), "");
        s.setLong(1, id);
        ok(m + "p_long", s.executeQuery().next(), "");
        s.setString(1, "" + id);
        ok(m + "p_str", s.executeQuery().next(), "");
        s.setObject(1, new java.math.BigDecimal(id));
        ok(m + "p_decimal", s.executeQuery().next(), "");
        ResultSet r = s.executeQuery();
        r.next();
        eq(m + "auth_sel_prep", id + " it=s", r.getInt(1) + " " + r.getString(2));
        PreparedStatement i = c.prepareStatement("SELECT hash FROM users_auth WHERE id IN (?, ?)");
        eq(m + "prep_in", "it=s", one(i, id, id + 1));
        ok(m + "getParameterMetaData", i.getParameterMetaData().getParameterCount() == 2, "");
        ok(m + "prep_getMetaData", s.getMetaData() != null, "");
      });
      tr(m + "batch", () -> {
        PreparedStatement s = c.prepareStatement("INSERT INTO users_data (id, data) VALUES (?, ?)");
        for (int i = 0; i < 50; i++) {
          s.setInt(1, id + 1000 + i);
          s.setString(2, "d" + i);
          s.addBatch();
        }
        int[] r = s.executeBatch();
        eq(m + "batch", 50, r.length);
        Statement q = c.createStatement();
        ResultSet g =
            q.executeQuery("SELECT data FROM users_data WHERE id IN (" + (id + 1000) + ", " + (id + 1049) + ")");
        Set<String> z = new TreeSet<>();
        while (g.next())
          z.add(g.getString(1));
        eq(m + "batch_rt", "[d0, d49]", z.toString());
        for (int i = 0; i < 50; i++)
          q.addBatch("DELETE FROM users_data WHERE id = " + (id + 1000 + i));
        eq(m + "stmt_batch", 50, q.executeBatch().length);
      });
      tr(m + "time_in", () -> {
        ResultSet r = c.createStatement().executeQuery("select * from users_time where id in (2,3,145)");
        eq(m + "time_in", "time", r.getMetaData().getColumnName(2));
        while (r.next())
          r.getLong(2);
        ResultSet k = c.createStatement().executeQuery("select * from pipes where name in ('a','b')");
        eq(m + "pipes_in", 2, k.getMetaData().getColumnCount());
        ok(m + "empty_result",
            !c.createStatement().executeQuery("SELECT * FROM users_auth WHERE id = " + (id + 999)).next(), "");
      });
      String[][] es = {{"err_table", "SELECT * FROM no_such_table WHERE id = 1", "EXPECT_NOTABLE"},
          {"err_syntax", "SELEKT x", "EXPECT_SYNTAX"}};
      for (String[] e : es) {
        int k = 0;
        String st = "";
        try {
          c.createStatement().executeQuery(e[1]);
        } catch (SQLException z) {
          k = z.getErrorCode();
          st = z.getSQLState();
        }
        code(m + e[0], k, e[2]);
        ok(m + e[0] + "_state", st != null && st.length() == 5, st);
        k = 0;
        try {
          c.prepareStatement(e[1]).executeQuery();
        } catch (SQLException z) {
          k = z.getErrorCode();
        }
        code(m + e[0] + "_prep", k, e[2]);
        tr(m + e[0],
            ()
                -> ok(m + e[0] + "_usable",
                    c.createStatement().executeQuery("SELECT * FROM users_auth WHERE id = " + id).next(), ""));
      }
      tr(m + "isValid", () -> ok(m + "isValid_ping", c.isValid(3), ""));
      if (mi == 0)
        tr(m + "multi", () -> {
          Statement s = c.createStatement();
          boolean rs = s.execute("INSERT INTO users_data (id, data) VALUES (" + id
              + ", 'm1'); SELECT * FROM users_data WHERE id = " + id + "; DELETE FROM users_data WHERE id = " + id);
          int k = 1;
          while (s.getMoreResults() || s.getUpdateCount() != -1)
            k++;
          eq(m + "multi", 3, k);
        });
      tr(m + "fetchsize", () -> {
        Statement s = c.createStatement();
        s.setFetchSize(1);
        ResultSet r = s.executeQuery("SELECT * FROM users_auth WHERE id = " + id);
        int k = 0;
        while (r.next())
          k++;
        eq(m + "streaming", 1, k);
        s.setMaxRows(5);
        s.setQueryTimeout(0);
        s.executeQuery("select * from users_time where id = 2");
        ok(m + "maxrows", true, "");
      });
      tr(m + "many", () -> {
        PreparedStatement s = c.prepareStatement("INSERT INTO pipes_messages (name, event, message) VALUES (?, ?, ?)");
        for (int i = 0; i < N; i++) {
          s.setString(1, S + "m");
          s.setString(2, "ev");
          s.setString(3, "m" + i);
          s.executeUpdate();
        }
        ok(m + "many", true, "");
        c.createStatement().executeUpdate("DELETE FROM pipes_messages WHERE name = '" + S + "m'");
      });
      tr(m + "tx", () -> {
        c.setAutoCommit(false);
        c.commit();
        c.createStatement().executeQuery("select * from users_time where id = 2");
        c.commit();
        c.rollback();
        c.setAutoCommit(true);
        ok(m + "tx", true, "");
      });
      tr(m + "isolation", () -> {
        ok(m + "getTransactionIsolation", c.getTransactionIsolation() >= 0, "");
        c.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
        ok(m + "setTransactionIsolation", true, "");
      });
      tr(m + "setReadOnly", () -> {
        c.setReadOnly(true);
        c.setReadOnly(false);
        c.setCatalog(DB);
        ok(m + "setReadOnly_setCatalog", true, "");
        ok(m + "getWarnings", true, c.getWarnings());
      });
      tr(m + "generated_keys", () -> {
        PreparedStatement s =
            c.prepareStatement("INSERT INTO users_data (id, data) VALUES (?, ?)", Statement.RETURN_GENERATED_KEYS);
        s.setInt(1, id + 3);
        s.setString(2, "g");
        s.executeUpdate();
        s.getGeneratedKeys().next();
        ok(m + "generated_keys", true, "");
        c.createStatement().executeUpdate("DELETE FROM users_data WHERE id = " + (id + 3));
      });
      tr(m + "call", () -> {
        c.nativeSQL("select {d '2001-01-01'}");
        ok(m + "nativeSQL", true, "");
      });
      tr(m + "del", () -> {
        Statement s = c.createStatement();
        eq(m + "del_affected", 1, s.executeUpdate("DELETE FROM users_auth WHERE id = " + id));
        for (String k : new String[] {"p", "c", "b", "d"}) {
          s.executeUpdate("DELETE FROM pipes_messages WHERE name = '" + S + k + "'");
          s.executeUpdate("DELETE FROM pipes_settings WHERE name = '" + S + k + "'");
        }
      });
      for (String q : new String[] {"SHOW TABLES", "SHOW DATABASES", "SELECT @@version_comment", "SELECT DATABASE()",
               "SELECT VERSION()", "SHOW VARIABLES LIKE 'version'", "DESCRIBE users_auth"})
        tr(m + "q[" + q + "]", () -> ok(m + "q[" + q + "]", c.prepareStatement(q).executeQuery().next(), ""));
      c.close();
    }
    tr("opts", () -> {
      Connection c = conn(W,
          "&useCompression=true&sessionVariables=wait_timeout=28800&autoReconnect=true&allowLocalInfile=false&useAffectedRows=true&rewriteBatchedStatements=true");
      PreparedStatement s = c.prepareStatement("INSERT INTO users_data (id, data) VALUES (?, ?)");
      for (int i = 0; i < 3; i++) {
        s.setInt(1, ID + i);
        s.setString(2, "r" + i);
        s.addBatch();
      }
      s.executeBatch();
      ok("rewrite_batch",
          c.createStatement().executeUpdate(
              "DELETE FROM users_data WHERE id IN (" + ID + ", " + (ID + 1) + ", " + (ID + 2) + ")")
              == 3,
          "");
      c.close();
    });
    for (String[] k : new String[][] {{"wrong_password", W + "x"}, {"empty_password", ""}}) {
      int z = 0;
      String st = null;
      try {
        conn(k[1], "");
      } catch (SQLException e) {
        z = e.getErrorCode();
        st = e.getSQLState();
      }
      code(k[0], z, "EXPECT_AUTH");
    }
    tr("tls", () -> {
      Connection c = conn(W, "&useSsl=true&trustServerCertificate=true");
      c.createStatement().executeQuery("select * from users_time where id = 2");
      ok("tls_connect", true, "");
      c.close();
    });
    out.println("done");
    System.exit(0);
  }
}
