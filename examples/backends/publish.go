// Publishes a message into the pipe "chat" and tells who is there.
// Run: GO111MODULE=off GOPATH=/usr/share/gocode go run examples/backends/publish.go
// That is with Debian's package golang-github-go-sql-driver-mysql-dev; else: go get github.com/go-sql-driver/mysql
// COMET_PASSWORD is that of the server.
package main

import (
	"database/sql"
	"fmt"
	"log"
	"os"

	"github.com/go-sql-driver/mysql"
)

func env(name, otherwise string) string {
	if value, found := os.LookupEnv(name); found {
		return value
	}
	return otherwise
}

func main() {
	config := mysql.NewConfig()
	config.Net = "tcp"
	config.Addr = env("COMETQL_HOST", "127.0.0.1") + ":" + env("COMETQL_PORT", "3307")
	config.User = "root"
	config.Passwd = env("COMET_PASSWORD", "")
	config.DBName = "CometQL_v1"
	comet, err := sql.Open("mysql", config.FormatDSN())
	if err != nil {
		log.Fatal(err)
	}
	defer comet.Close()

	publish := "INSERT INTO pipes_messages (name, event, message) VALUES (?, ?, ?)"
	if _, err := comet.Exec(publish, "chat", "message", "hello from Go, it's easy"); err != nil {
		log.Fatal(err)
	}

	sessions, err := comet.Query("SELECT user_id, user_agent FROM users_in_pipes WHERE name = ?", "chat")
	if err != nil {
		log.Fatal(err)
	}
	count := 0
	for ; sessions.Next(); count++ {
		var id int64
		var agent string
		if err := sessions.Scan(&id, &agent); err != nil {
			log.Fatal(err)
		}
		fmt.Printf("user %d (0: a visitor), %s\n", id, agent)
	}
	fmt.Printf("%d online\n", count)
}
