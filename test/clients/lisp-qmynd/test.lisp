(load "../lib/cq.lisp")
(handler-bind ((warning #'muffle-warning)) (asdf:load-system :qmynd))

(defun connect (password)
  (qmynd:mysql-connect :host *h* :port *p* :username *u* :password password :database *db*))

(defun run (connection format &rest values)
  (qmynd:mysql-query connection (apply #'f format values)))

(defun refusal (thunk)
  (handler-case (progn (funcall thunk) 0)
    (qmynd:mysql-error (e) (qmynd-impl::mysql-error-code e))))

(defun quoted (text)
  (with-output-to-string (out)
    (loop for c across text
          do (when (find c "\\'") (write-char #\\ out))
             (write-char c out))))

(defvar *comet* (connect *w*))
(defvar *name* (f "~a_qmynd" *tag*))
(defvar *insert* "INSERT INTO pipes_messages (name, event, message) VALUES ('~a', 'ev', '~a')")

(tr "texts"
  (run *comet* "SET NAMES utf8mb4")
  (run *comet* "INSERT INTO pipes_settings (name, length) VALUES ('~a', 10)" *name*)
  (dolist (text (list *tr* *big*))
    (run *comet* *insert* *name* (quoted text))
    (let ((rows (run *comet* "SELECT message FROM pipes_messages WHERE name = '~a'" *name*)))
      (ok "round_trip" (equalp rows (vector (vector text)))))
    (run *comet* "DELETE FROM pipes_messages WHERE name = '~a'" *name*))
  (dotimes (i *n*) (run *comet* *insert* *name* i))
  (ok "many" (= 10 (length (run *comet* "SELECT message FROM pipes_messages WHERE name = '~a'" *name*))))
  (run *comet* "DELETE FROM pipes_settings WHERE name = '~a'" *name*))

(tr "prepared"
  (let ((statement (qmynd:mysql-statement-prepare *comet* "INSERT INTO users_auth (id, hash) VALUES (?, ?)")))
    (qmynd:mysql-statement-execute statement :parameters (list *id* "one"))
    (qmynd:mysql-statement-close statement))
  (ok "prepared" t))

(tr "users"
  (ok "row" (equalp (run *comet* "SELECT * FROM users_auth WHERE id = ~a" *id*) (vector (vector *id* "one"))))
  (run *comet* "DELETE FROM users_auth WHERE id = ~a" *id*)
  (ok "no_rows" (equalp (run *comet* "SELECT * FROM users_auth WHERE id = ~a" *id*) #())))

(code "err_table" (refusal (lambda () (run *comet* "SELECT * FROM no_such_table WHERE id = 1"))) "EXPECT_NOTABLE")
(code "err_syntax" (refusal (lambda () (run *comet* "SELEKT"))) "EXPECT_SYNTAX")
(code "wrong_password" (refusal (lambda () (connect (f "~ax" *w*)))) "EXPECT_AUTH")
(qmynd:mysql-disconnect *comet*)
(format t "done~%")
