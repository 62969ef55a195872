import java.sql.{Connection, DriverManager, PreparedStatement, SQLException}
import scala.io.Source
import scala.util.control.NonFatal

object Test {
  private def ok(name: String, right: Boolean, why: Any = ""): Unit =
    println(if (right) s"ok $name" else s"not ok $name # ${why.toString.replace('\n', ' ')}")

  private def check(name: String)(run: => Unit): Unit =
    try run catch { case NonFatal(e) => ok(name, right = false, e) }

  private def env(name: String): String = System.getenv(name)

  private def text(variable: String): String = Source.fromFile(env(variable), "UTF-8").mkString

  private def connect(password: String, more: String = ""): Connection =
    DriverManager.getConnection(s"jdbc:mariadb://${env("CQ_HOST")}:${env("CQ_PORT")}/${env("CQ_DB")}$more", env("CQ_USER"), password)

  private def prepared[T](comet: Connection, sql: String, values: Seq[Any])(use: PreparedStatement => T): T = {
    val statement = comet.prepareStatement(sql)
    try {
      for ((value, index) <- values.zipWithIndex) statement.setObject(index + 1, value)
      use(statement)
    } finally statement.close()
  }

  private def update(comet: Connection, sql: String, values: Any*): Int = prepared(comet, sql, values)(_.executeUpdate())

  private def strings(comet: Connection, sql: String, values: Any*): Seq[String] =
    prepared(comet, sql, values) { statement =>
      val rows = statement.executeQuery()
      Iterator.continually(rows).takeWhile(_.next()).map(_.getString(1)).toList
    }

  private def numberOf(run: => Any): String =
    try { run; "none" } catch { case e: SQLException => e.getErrorCode.toString }

  def main(arguments: Array[String]): Unit = {
    val comet = connect(env("CQ_PASS"))
    val pipe = env("CQ_TAG") + "_scala"
    val id = env("CQ_ID").toInt
    val insert = "INSERT INTO pipes_messages (name, event, message) VALUES (?, 'ev', ?)"
    val select = "SELECT message FROM pipes_messages WHERE name = ?"

    check("texts") {
      update(comet, "INSERT INTO pipes_settings (name, length) VALUES (?, ?)", pipe, 10)
      for (message <- Seq("CQ_TRICKY", "CQ_CTRL", "CQ_BIG").map(text)) {
        ok("affected", update(comet, insert, pipe, message) == 1)
        ok("round_trip", strings(comet, select, pipe) == Seq(message))
        update(comet, "DELETE FROM pipes_messages WHERE name = ?", pipe)
      }
      for (i <- 1 to env("CQ_N").toInt) update(comet, insert, pipe, s"m$i")
      ok("many", strings(comet, select, pipe).last == "m" + env("CQ_N"))
      update(comet, "DELETE FROM pipes_settings WHERE name = ?", pipe)
    }
    check("users") {
      update(comet, "INSERT INTO users_auth (id, hash) VALUES (?, ?)", id, "one")
      ok("row", strings(comet, "SELECT hash FROM users_auth WHERE id = ?", id) == Seq("one"))
      comet.setAutoCommit(false)
      update(comet, "DELETE FROM users_auth WHERE id = ?", id)
      comet.rollback()
      comet.setAutoCommit(true)
      ok("deleted", update(comet, "DELETE FROM users_auth WHERE id = ?", id) == 1)
      ok("no_rows", strings(comet, "SELECT hash FROM users_auth WHERE id = ?", id).isEmpty)
    }
    ok("err_table", numberOf(strings(comet, "SELECT * FROM no_such_table WHERE id = 1")) == env("EXPECT_NOTABLE"))
    ok("err_syntax", numberOf(update(comet, "SELEKT")) == env("EXPECT_SYNTAX"))
    comet.close()
    ok("wrong_password", numberOf(connect(env("CQ_PASS") + "x")) == env("EXPECT_AUTH"))
    check("tls") {
      ok("tls", strings(connect(env("CQ_PASS"), s"?useSsl=true&serverSslCert=${env("CQ_TLS_CA")}"), "SELECT 1") == Seq("1"))
    }
    println("done")
  }
}
