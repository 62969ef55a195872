// The checks of Qt's driver QMYSQL, which Qt 5 and Qt 6 share.
#include "cq.h"
#include <QCoreApplication>
#include <QSqlDatabase>
#include <QSqlDriver>
#include <QSqlError>
#include <QSqlField>
#include <QSqlIndex>
#include <QSqlQuery>
#include <QSqlQueryModel>
#include <QSqlRecord>
#include <QSqlTableModel>
#include <QVariant>

static const QString name = QString("%1_qt").arg(getenv("CQ_TAG"));

static QSqlDatabase connection(const QString &key, const QString &password, const QString &options = "") {
  QSqlDatabase database = QSqlDatabase::addDatabase("QMYSQL", key);
  database.setHostName(CQ_H);
  database.setPort(CQ_P);
  database.setUserName(CQ_U);
  database.setPassword(password);
  database.setDatabaseName(CQ_DB);
  database.setConnectOptions(options);
  return database;
}

static bool is(const char *check, bool right, const QSqlQuery &query) {
  return ok(check, right, query.lastError().text().toUtf8().constData());
}

static void texts(const QSqlDatabase &database) {
  QSqlQuery query(database);
  query.exec(QString("INSERT INTO pipes_settings (name, length) VALUES ('%1', 10)").arg(name));
  for (const QString &text : {QString::fromUtf8(CQ_T, CQ_TL), QString::fromUtf8(CQ_B, CQ_BL)}) {
    query.prepare("INSERT INTO pipes_messages (name, event, message) VALUES (:name, :event, :message)");
    query.bindValue(":name", name);
    query.bindValue(":event", "ev");
    query.bindValue(":message", text);
    is("insert", query.exec() && query.numRowsAffected() == 1, query);
    query.prepare("SELECT message FROM pipes_messages WHERE name = ?");
    query.addBindValue(name);
    is("round_trip", query.exec() && query.next() && query.value(0).toString() == text, query);
    query.exec(QString("DELETE FROM pipes_messages WHERE name = '%1'").arg(name));
  }
  query.prepare("INSERT INTO pipes_messages (name, event, message) VALUES (?, 'ev', ?)");
  QVariantList names, messages;
  for (int i = 0; i < CQ_N; i++) {
    names << name;
    messages << QString("m%1").arg(i);
  }
  query.addBindValue(names);
  query.addBindValue(messages);
  is("batch", query.execBatch(), query);
  query.exec(QString("DELETE FROM pipes_settings WHERE name = '%1'").arg(name));
}

static void users(QSqlDatabase &database) {
  QSqlQuery query(database);
  query.prepare("INSERT INTO users_auth (id, hash) VALUES (?, ?)");
  query.addBindValue(qlonglong(CQ_ID));
  query.addBindValue("one");
  is("insert_user", query.exec(), query);
  is("select", query.exec(QString("SELECT * FROM users_auth WHERE id = %1").arg(CQ_ID)), query);
  const QSqlRecord record = query.record();
  is("columns", record.count() == 2 && record.fieldName(0) == "id" && record.fieldName(1) == "hash", query);
  is("row", query.size() == 1 && query.next() && query.value("id").toLongLong() == CQ_ID, query);
  is("text_is_a_string", query.value("hash").toString() == "one", query);
  QSqlQueryModel model;
  model.setQuery(QString("SELECT hash FROM users_auth WHERE id = %1").arg(CQ_ID), database);
  is("model", model.rowCount() == 1 && model.data(model.index(0, 0)).toString() == "one", query);
  database.transaction();
  query.exec(QString("DELETE FROM users_auth WHERE id = %1").arg(CQ_ID));
  is("rollback", database.rollback(), query);
  is("deleted", query.exec(QString("DELETE FROM users_auth WHERE id = %1").arg(CQ_ID)) && query.numRowsAffected() == 1, query);
}

static void catalog(const QSqlDatabase &database) {
  ok("record", database.record("users_auth").count() == 2 && database.record("users_auth").fieldName(1) == "hash", "");
  ok("primary_index", database.primaryIndex("users_auth").fieldName(0) == "id", "");
  ok("tables", database.tables().contains("users_auth"), database.tables().join(" ").toUtf8().constData());
}

static void errors(const QSqlDatabase &database) {
  QSqlQuery query(database);
  query.exec("SELECT * FROM no_such_table WHERE id = 1");
  code("err_table", query.lastError().nativeErrorCode().toUInt(), "EXPECT_NOTABLE");
  query.exec("SELEKT");
  code("err_syntax", query.lastError().nativeErrorCode().toUInt(), "EXPECT_SYNTAX");
  is("usable", query.exec("SELECT 1") && query.next() && query.value(0).toInt() == 1, query);
  is("multi", query.exec("SELECT 1; SELECT 2") && query.nextResult() && query.next() && query.value(0).toInt() == 2, query);
}

int main(int count, char **arguments) {
  QCoreApplication application(count, arguments);
  cq_init();
  QSqlDatabase database = connection("main", CQ_W);
  if (!ok("connect", database.open(), database.lastError().text().toUtf8().constData())) return 1;
  ok("prepared_queries", database.driver()->hasFeature(QSqlDriver::PreparedQueries), "");
  texts(database);
  users(database);
  catalog(database);
  errors(database);
  QSqlDatabase refused = connection("refused", QString(CQ_W) + "x");
  ok("wrong_password_refused", !refused.open(), "");
  code("wrong_password", refused.lastError().nativeErrorCode().toUInt(), "EXPECT_AUTH");
  QSqlDatabase encrypted = connection("encrypted", CQ_W, QString("SSL_CA=%1").arg(getenv("CQ_TLS_CA")));
  ok("tls", encrypted.open(), encrypted.lastError().text().toUtf8().constData());
  puts("done");
  return 0;
}
