#lang racket/base
(require db racket/file racket/list racket/string)

(define (ok name right [why ""])
  (if right
      (printf "ok ~a\n" name)
      (printf "not ok ~a # ~a\n" name (string-replace (format "~a" why) "\n" " ")))
  (flush-output))

(define-syntax-rule (check name body ...)
  (with-handlers ([exn:fail? (lambda (e) (ok name #f (exn-message e)))])
    body ...))

(define (env name) (getenv name))
(define id (string->number (env "CQ_ID")))
(define name (string-append (env "CQ_TAG") "_racket"))

(define (connect password)
  (mysql-connect #:server (env "CQ_HOST") #:port (string->number (env "CQ_PORT"))
                 #:user (env "CQ_USER") #:password password #:database (env "CQ_DB")))

;; The number and the SQLSTATE that the server refuses with.
(define (refusal run)
  (with-handlers ([exn:fail:sql? (lambda (e) (list (number->string (cdr (assq 'errno (exn:fail:sql-info e))))
                                                   (exn:fail:sql-sqlstate e)))])
    (run)
    #f))

(define comet (connect (env "CQ_PASS")))

(check "texts"
  (query-exec comet "INSERT INTO pipes_settings (name, length) VALUES (?, 10)" name)
  (for ([text (list (file->string (env "CQ_TRICKY")) (file->string (env "CQ_BIG")))])
    (query-exec comet "INSERT INTO pipes_messages (name, event, message) VALUES (?, 'ev', ?)" name text)
    (ok "round_trip" (equal? text (query-value comet "SELECT message FROM pipes_messages WHERE name = ?" name)))
    (query-exec comet "DELETE FROM pipes_messages WHERE name = ?" name))
  (define insert (prepare comet "INSERT INTO pipes_messages (name, event, message) VALUES (?, 'ev', ?)"))
  (for ([i (string->number (env "CQ_N"))])
    (query-exec comet insert name (format "m~a" i)))
  (ok "many" (= 10 (length (query-list comet "SELECT message FROM pipes_messages WHERE name = ?" name))))
  (query-exec comet "DELETE FROM pipes_settings WHERE name = ?" name))

(check "users"
  (define inserted (query comet "INSERT INTO users_auth (id, hash) VALUES (?, ?)" id "one"))
  (ok "affected" (equal? 1 (cdr (assq 'affected-rows (simple-result-info inserted)))))
  (ok "row" (equal? (vector id "one") (query-row comet "SELECT * FROM users_auth WHERE id = ?" id)))
  (ok "no_rows" (not (query-maybe-row comet "SELECT * FROM users_auth WHERE id = ?" (+ id 2))))
  (ok "fetched" (= 2 (for/sum ([row (in-query comet "SELECT id FROM users_time WHERE id IN (?, ?)" id (+ id 1) #:fetch 1)]) 1)))
  (call-with-transaction comet (lambda () (query-exec comet "DELETE FROM users_auth WHERE id = ?" id)))
  (ok "committed" (not (query-maybe-row comet "SELECT * FROM users_auth WHERE id = ?" id))))

(check "errors"
  (ok "err_table" (equal? (list (env "EXPECT_NOTABLE") "42S02") (refusal (lambda () (query comet "SELECT * FROM no_such_table WHERE id = 1")))))
  (ok "err_syntax" (equal? (env "EXPECT_SYNTAX") (first (refusal (lambda () (query comet "SELEKT"))))))
  (ok "usable" (= 1 (query-value comet "SELECT 1"))))

(check "list_tables"
  (ok "list_tables" (member "users_auth" (list-tables comet)))
  (ok "table_exists" (table-exists? comet "users_auth")))

(disconnect comet)
(check "wrong_password"
  (ok "wrong_password" (equal? (env "EXPECT_AUTH") (first (refusal (lambda () (connect (string-append (env "CQ_PASS") "x"))))))))
(displayln "done")
