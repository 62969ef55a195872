package main

import (
	"context"
	"crypto/tls"
	"database/sql"
	"fmt"
	"github.com/go-sql-driver/mysql"
	"io/ioutil"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

var E = os.Getenv

func ok(n string, c bool, d ...interface{}) bool {
	if c {
		fmt.Println("ok", n)
	} else {
		s := strings.Replace(fmt.Sprint(d...), "\n", " ", -1)
		if len(s) > 250 {
			s = s[:250]
		}
		fmt.Println("not ok", n, "#", s)
	}
	return c
}
func eq(n string, w, g interface{}) {
	a, b := fmt.Sprint(w), fmt.Sprint(g)
	if a == b {
		ok(n, true)
	} else {
		if len(a) > 80 {
			a = a[:80]
		}
		if len(b) > 100 {
			b = b[:100]
		}
		ok(n, false, "want "+a+" got "+b)
	}
}
func rd(k string) string { b, _ := ioutil.ReadFile(E(k)); return string(b) }
func code(n string, e error, env string) {
	c := 0
	if m, y := e.(*mysql.MySQLError); y {
		c = int(m.Number)
	}
	x := E(env)
	ok(n, c > 0 && (x == "" || x == strconv.Itoa(c)), "err=", e, " expected code ", x)
}
func try(n string, e error) bool {
	if e != nil {
		ok(n, false, e)
	}
	return e == nil
}
func main() {
	H, P, U, W, DB, TAG := E("CQ_HOST"), E("CQ_PORT"), E("CQ_USER"), E("CQ_PASS"), E("CQ_DB"), E("CQ_TAG")
	ID, _ := strconv.Atoi(E("CQ_ID"))
	N, _ := strconv.Atoi(E("CQ_N"))
	T, C, BIG := rd("CQ_TRICKY"), rd("CQ_CTRL"), rd("CQ_BIG")
	dsn := func(w, o string) string {
		return fmt.Sprintf("%s:%s@tcp(%s:%s)/%s?timeout=8s&charset=utf8mb4%s", U, w, H, P, DB, o)
	}
	for mi, mode := range []string{"native", "interp"} {
		m := mode + "."
		o := "&multiStatements=true"
		if mode == "interp" {
			o += "&interpolateParams=true"
		}
		id := ID + mi*20
		S := TAG + "_" + strconv.Itoa(mi)
		db, e := sql.Open("mysql", dsn(W, o))
		if !try(m+"open", e) {
			continue
		}
		db.SetMaxOpenConns(1)
		if e = db.Ping(); !ok(m+"connect_ping", e == nil, e) {
			continue
		}
		get := func(n string) string {
			var s string
			if e := db.QueryRow("SELECT message FROM pipes_messages WHERE name = ?", n).Scan(&s); e != nil {
				return "ERR " + e.Error()
			}
			return s
		}
		set := func(n string) { db.Exec("INSERT INTO pipes_settings (name, length) VALUES (?, ?)", n, 10) }
		for _, v := range [][2]string{{"p", T}, {"c", C}, {"b", BIG}} {
			set(S + v[0])
			r, e := db.Exec("INSERT INTO pipes_messages (name, event, message) VALUES (?, ?, ?)", S+v[0], "ev", v[1])
			if try(m+"ins_"+v[0], e) {
				a, _ := r.RowsAffected()
				eq(m+"affected_"+v[0], 1, a)
				_, e = r.LastInsertId()
				ok(m+"lastinsertid_"+v[0], e == nil, e)
			}
			eq(m+"rt_"+v[0], v[1], get(S+v[0]))
		}
		_, e = db.Exec("INSERT INTO users_auth (id, hash) VALUES (?, ?)", id, "it=s")
		try(m+"auth_ins", e)
		rows, e := db.Query("SELECT * FROM users_auth WHERE id = ?", id)
		if try(m+"auth_sel", e) {
			cs, _ := rows.Columns()
			eq(m+"meta_columns", "[id hash]", cs)
			ct, _ := rows.ColumnTypes()
			ok(m+"meta_types", strings.Contains(ct[0].DatabaseTypeName(), "INT") && (ct[1].DatabaseTypeName() == "TEXT" || ct[1].DatabaseTypeName() == "VARCHAR"), ct[0].DatabaseTypeName(), " ", ct[1].DatabaseTypeName())
			var i int
			var h string
			if rows.Next() {
				rows.Scan(&i, &h)
			}
			eq(m+"auth_sel", fmt.Sprint(id, " it=s"), fmt.Sprint(i, " ", h))
			rows.Close()
		}
		st, e := db.Prepare("SELECT id, hash FROM users_auth WHERE id IN (?, ?)")
		if try(m+"prepare", e) {
			for k := 0; k < 3; k++ {
				var i int64
				var h string
				e = st.QueryRow(int64(id), strconv.Itoa(id+1)).Scan(&i, &h)
				if k == 2 {
					ok(m+"prep_in_reexec", e == nil && i == int64(id), e)
				}
			}
			st.Close()
		}
		rows, e = db.Query("select * from users_time where id in (2,3,145)")
		if try(m+"time_in", e) {
			cs, _ := rows.Columns()
			eq(m+"time_in", "[id time]", cs)
			for rows.Next() {
				var a, b int
				if e := rows.Scan(&a, &b); e != nil {
					ok(m+"time_scan", false, e)
				}
			}
			rows.Close()
		}
		rows, e = db.Query("select * from pipes where name in ('a','b')")
		if try(m+"pipes_in", e) {
			cs, _ := rows.Columns()
			eq(m+"pipes_in", "[name users]", cs)
			rows.Close()
		}
		rows, e = db.Query("SELECT * FROM users_auth WHERE id = ?", id+999)
		if try(m+"empty", e) {
			ok(m+"empty_result", !rows.Next() && rows.Err() == nil, rows.Err())
			rows.Close()
		}
		_, e = db.Exec("SELECT * FROM no_such_table WHERE id = 1")
		code(m+"err_table", e, "EXPECT_NOTABLE")
		_, e = db.Query("SELECT * FROM no_such_table WHERE id = ?", 1)
		code(m+"err_table_prep", e, "EXPECT_NOTABLE")
		_, e = db.Exec("SELEKT x")
		code(m+"err_syntax", e, "EXPECT_SYNTAX")
		var h string
		e = db.QueryRow("SELECT hash FROM users_auth WHERE id = ?", id).Scan(&h)
		ok(m+"err_usable", e == nil && h == "it=s", e)
		_, e = db.Exec("INSERT INTO users_data (id, data) VALUES (7, 'm'); DELETE FROM users_data WHERE id = 7")
		ok(m+"multi_exec", e == nil, e)
		rows, e = db.Query("select * from users_time where id = 2; select * from pipes where name = 'a'")
		if try(m+"multi_query", e) {
			for rows.Next() {
			}
			ok(m+"multi_nextresultset", rows.NextResultSet(), rows.Err())
			rows.Close()
		}
		g := true
		for i := 0; i < N; i++ {
			if _, e = db.Exec("INSERT INTO pipes_messages (name, event, message) VALUES (?, ?, ?)", S+"m", "ev", "m"+strconv.Itoa(i)); e != nil {
				g = false
				break
			}
		}
		ok(m+"many", g, e)
		db.Exec("DELETE FROM pipes_messages WHERE name = ?", S+"m")
		tx, e := db.BeginTx(context.Background(), &sql.TxOptions{})
		if try(m+"begin", e) {
			tx.Exec("select * from users_time where id = 2")
			ok(m+"commit", tx.Commit() == nil)
		}
		tx, e = db.BeginTx(context.Background(), &sql.TxOptions{Isolation: sql.LevelReadCommitted})
		if try(m+"begin_iso", e) {
			ok(m+"rollback", tx.Rollback() == nil)
		}
		for _, q := range []string{"SHOW TABLES", "SHOW DATABASES", "SELECT @@version_comment", "SELECT DATABASE()", "SELECT VERSION()", "SHOW VARIABLES LIKE 'version'", "DESCRIBE users_auth"} {
			r, e := db.Query(q)
			ok(m+"q["+q+"]", e == nil && r.Next(), e)
			if e == nil {
				r.Close()
			}
		}
		r, e := db.Exec("DELETE FROM users_auth WHERE id = ?", id)
		if try(m+"del", e) {
			a, _ := r.RowsAffected()
			eq(m+"del_affected", 1, a)
		}
		for _, k := range []string{"p", "c", "b"} {
			db.Exec("DELETE FROM pipes_messages WHERE name = ?", S+k)
			db.Exec("DELETE FROM pipes_settings WHERE name = ?", S+k)
		}
		db.Close()
	}
	db, _ := sql.Open("mysql", dsn(W, ""))
	db.SetMaxOpenConns(5)
	var wg sync.WaitGroup
	var mu sync.Mutex
	bad := 0
	for i := 0; i < 20; i++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			r, e := db.Query("select * from users_time where id in (2,3,145)")
			if e != nil {
				mu.Lock()
				bad++
				mu.Unlock()
			} else {
				r.Close()
			}
		}()
	}
	wg.Wait()
	eq("pool_parallel", 0, bad)
	time.Sleep(50 * time.Millisecond)
	db.Close()
	for _, o := range []string{"&collation=utf8mb4_unicode_ci", "&maxAllowedPacket=0", "&parseTime=true&loc=Local&clientFoundRows=true&columnsWithAlias=true", "&autocommit=true&wait_timeout=28800&sql_mode=%27%27", "&allowNativePasswords=true&allowCleartextPasswords=true&allowOldPasswords=true"} {
		d, e := sql.Open("mysql", dsn(W, o))
		if e == nil {
			_, e = d.Exec("select * from users_time where id = 2")
			d.Close()
		}
		ok("opt["+o+"]", e == nil, e)
	}
	for k, w := range map[string]string{"wrong_password": W + "x", "empty_password": ""} {
		d, _ := sql.Open("mysql", dsn(w, ""))
		code(k, d.Ping(), "EXPECT_AUTH")
		d.Close()
	}
	d, _ := sql.Open("mysql", fmt.Sprintf("%s:%s@tcp(%s:%s)/", U, W, H, P))
	d.SetMaxOpenConns(1)
	_, e := d.Exec("USE " + DB)
	ok("no_db_use", e == nil, e)
	d.Close()
	mysql.RegisterTLSConfig("t", &tls.Config{InsecureSkipVerify: true})
	d, _ = sql.Open("mysql", dsn(W, "&tls=t"))
	ok("tls_connect", d.Ping() == nil, d.Ping())
	d.Close()
	d, _ = sql.Open("mysql", dsn(W, "&tls=preferred"))
	ok("tls_preferred", d.Ping() == nil)
	d.Close()
	fmt.Println("done")
}
