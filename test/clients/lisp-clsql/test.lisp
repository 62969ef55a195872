(load "../lib/cq.lisp")

(defun load-quietly (system)
  (handler-bind ((warning #'muffle-warning))
    (let ((*standard-output* (make-broadcast-stream))
          (*error-output* (make-broadcast-stream)))
      (asdf:load-system system))))

(load-quietly :clsql-uffi)
(asdf:find-system :clsql-mysql)
;; Debian ships /usr/lib/clsql/clsql_mysql64.so ready-made: ASDF need not build it. The package exists only from here on.
(eval (read-from-string
       "(defmethod asdf:perform ((o asdf:compile-op) (c clsql-mysql-system::clsql-mysql-source-file)) t)"))
(load-quietly :clsql-mysql)
(set (find-symbol "*DEFAULT-ENCODING*" :clsql-sys) :utf-8)

(defun connect (password)
  (clsql:connect (list *h* *db* *u* password *p*)
                 :database-type :mysql :if-exists :new :make-default t :encoding :utf-8))

(defun run (text &rest values) (clsql:execute-command (apply #'f text values)))

(defun rows (text &rest values) (clsql:query (apply #'f text values)))

(defun quoted (text)
  (with-output-to-string (out)
    (loop for c across text
          do (case c
               (#\' (write-string "''" out))
               (#\\ (write-string "\\\\" out))
               (t (write-char c out))))))

(defun round-trip (check name text)
  (run "INSERT INTO pipes_settings (name, length) VALUES ('~a', 10)" name)
  (run "INSERT INTO pipes_messages (name, event, message) VALUES ('~a', 'ev', '~a')" name (quoted text))
  (ok check (equal text (caar (rows "SELECT message FROM pipes_messages WHERE name = '~a'" name))))
  (run "DELETE FROM pipes_messages WHERE name = '~a'" name)
  (run "DELETE FROM pipes_settings WHERE name = '~a'" name))

(defun number-of (thunk)
  (handler-case (progn (funcall thunk) 0)
    (clsql-sys::sql-error (e) (ignore-errors (clsql-sys::sql-error-error-id e)))))

(connect *w*)
(ok "connect" t)
(tr "set_names" (run "SET NAMES utf8mb4") (ok "set_names" t))
(tr "rt_escaped" (round-trip "rt_escaped" (f "~a_e" *tag*) *tr*))
(tr "big_rt" (round-trip "big_rt" (f "~a_b" *tag*) *big*))

(tr "auth"
  (run "INSERT INTO users_auth (id, hash) VALUES (~a, 'h')" *id*)
  (multiple-value-bind (rows columns) (rows "SELECT * FROM users_auth WHERE id = ~a" *id*)
    (ok "auth_sel" (equal rows (list (list *id* "h"))) rows)
    (ok "meta_columns" (equal columns '("id" "hash")) columns)))

(tr "time_in"
  (let ((columns (nth-value 1 (rows "select * from users_time where id in (2,3,145)"))))
    (ok "time_in" (equal columns '("id" "time")) columns)))

(tr "pipes_in"
  (let ((columns (nth-value 1 (rows "select * from pipes where name in ('a','b')"))))
    (ok "pipes_in" (equal columns '("name" "users")) columns)))

(code "err_table" (number-of (lambda () (rows "SELECT * FROM no_such_table"))) "EXPECT_NOTABLE")
(tr "err_usable" (ok "err_usable" (= 1 (length (rows "SELECT * FROM users_auth WHERE id = ~a" *id*)))))

(tr "many"
  (dotimes (i *n*)
    (run "INSERT INTO pipes_messages (name, event, message) VALUES ('~a_m', 'ev', 'm~a')" *tag* i))
  (ok "many" t))

(tr "qb"
  (ok "qb_list_tables" (member "users_auth" (clsql:list-tables) :test #'equalp) (clsql:list-tables))
  (ok "qb_list_attributes" (= 2 (length (clsql:list-attributes "users_auth")))))

(tr "tx"
  (clsql:with-transaction () (rows "select * from users_time where id = 2"))
  (ok "tx" t))

(tr "do_query"
  (let ((count 0))
    (clsql:do-query ((id hash) (f "SELECT id, hash FROM users_auth WHERE id = ~a" *id*)) (incf count))
    (ok "do_query" (= count 1))))

(tr "del"
  (run "DELETE FROM users_auth WHERE id IN (~a, ~a)" *id* (+ *id* 1))
  (ok "del" (null (rows "SELECT * FROM users_auth WHERE id = ~a" *id*))))

(tr "probe"
  (ok "probe" (member *db* (clsql:list-databases (list *h* "" *u* *w* *p*) :database-type :mysql) :test #'equal)))

(clsql:disconnect)
(code "wrong_password" (number-of (lambda () (connect (f "~ax" *w*)))) "EXPECT_AUTH")
(format t "done~%")
(finish-output)
(sb-ext:exit :code 0 :abort t)
