package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/ziutek/mymysql/mysql"
	_ "github.com/ziutek/mymysql/native"
)

func ok(name string, right bool, why interface{}) {
	if right {
		fmt.Println("ok " + name)
	} else {
		fmt.Println("not ok " + name + " # " + strings.ReplaceAll(fmt.Sprint(why), "\n", " "))
	}
}

func number(err error) string {
	if refused, is := err.(*mysql.Error); is {
		return strconv.Itoa(int(refused.Code))
	}
	return fmt.Sprint(err)
}

func text(variable string) string {
	bytes, _ := os.ReadFile(os.Getenv(variable))
	return string(bytes)
}

func open(password string) (mysql.Conn, error) {
	address := os.Getenv("CQ_HOST") + ":" + os.Getenv("CQ_PORT")
	connection := mysql.New("tcp", "", address, os.Getenv("CQ_USER"), password, os.Getenv("CQ_DB"))
	connection.Register("SET NAMES utf8mb4")
	return connection, connection.Connect()
}

func texts(connection mysql.Conn, name string) {
	connection.Query("INSERT INTO pipes_settings (name, length) VALUES ('%s', 10)", name)
	insert, err := connection.Prepare("INSERT INTO pipes_messages (name, event, message) VALUES (?, 'ev', ?)")
	ok("prepare", err == nil, err)
	for _, message := range []string{text("CQ_TRICKY"), text("CQ_CTRL"), text("CQ_BIG")} {
		_, result, err := insert.Exec(name, message)
		ok("affected", err == nil && result.AffectedRows() == 1, err)
		rows, _, err := connection.Query("SELECT message FROM pipes_messages WHERE name = '%s'", name)
		ok("round_trip", err == nil && len(rows) == 1 && rows[0].Str(0) == message, err)
		connection.Query("DELETE FROM pipes_messages WHERE name = '%s'", name)
		_, _, err = connection.Query("INSERT INTO pipes_messages (name, event, message) VALUES ('%s', 'ev', '%s')", name, connection.Escape(message))
		ok("escaped", err == nil, err)
		rows, _, err = connection.Query("SELECT message FROM pipes_messages WHERE name = '%s'", name)
		ok("escaped_round_trip", err == nil && len(rows) == 1 && rows[0].Str(0) == message, err)
		connection.Query("DELETE FROM pipes_messages WHERE name = '%s'", name)
	}
	connection.Query("DELETE FROM pipes_settings WHERE name = '%s'", name)
}

func users(connection mysql.Conn, id int) {
	insert, _ := connection.Prepare("INSERT INTO users_auth (id, hash) VALUES (?, ?)")
	_, _, err := insert.Exec(id, "one")
	ok("insert", err == nil, err)
	find, _ := connection.Prepare("SELECT * FROM users_auth WHERE id = ?")
	rows, result, err := find.Exec(id)
	ok("columns", err == nil && result.Map("id") == 0 && result.Map("hash") == 1, err)
	ok("row", len(rows) == 1 && rows[0].Int(0) == id && rows[0].Str(1) == "one", rows)
	rows, _, err = find.Exec(id + 2)
	ok("no_rows", err == nil && len(rows) == 0, err)
	ok("reset", find.Reset() == nil, "")
	transaction, err := connection.Begin()
	ok("begin", err == nil, err)
	_, result, err = transaction.Query("DELETE FROM users_auth WHERE id = %d", id)
	ok("deleted", err == nil && result.AffectedRows() == 1, err)
	ok("rollback", transaction.Rollback() == nil, "")
	rows, _, _ = find.Exec(id)
	ok("rolled_back", len(rows) == 1, rows)
	connection.Query("DELETE FROM users_auth WHERE id = %d", id)
}

func main() {
	id, _ := strconv.Atoi(os.Getenv("CQ_ID"))
	count, _ := strconv.Atoi(os.Getenv("CQ_N"))
	name := os.Getenv("CQ_TAG") + "_mymysql"
	connection, err := open(os.Getenv("CQ_PASS"))
	ok("connect", err == nil, err)
	texts(connection, name)
	users(connection, id)
	for i := 0; i < count && err == nil; i++ {
		_, _, err = connection.Query("INSERT INTO pipes_messages (name, event, message) VALUES ('%s', 'ev', 'm%d')", name, i)
	}
	ok("many", err == nil, err)
	_, _, err = connection.Query("SELECT * FROM no_such_table WHERE id = 1")
	ok("err_table", number(err) == os.Getenv("EXPECT_NOTABLE"), err)
	_, _, err = connection.Query("SELEKT")
	ok("err_syntax", number(err) == os.Getenv("EXPECT_SYNTAX"), err)
	ok("ping", connection.Ping() == nil, "")
	ok("use", connection.Use(os.Getenv("CQ_DB")) == nil, "")
	ok("close", connection.Close() == nil, "")
	_, err = open(os.Getenv("CQ_PASS") + "x")
	ok("wrong_password", number(err) == os.Getenv("EXPECT_AUTH"), err)
	fmt.Println("done")
}
