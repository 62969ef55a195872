;;; What the Common Lisp clients share: the login, the texts and the checks.
(require :asdf)
(require :sb-posix)
(setf *default-pathname-defaults* (truename "./"))
(setf sb-impl::*default-external-format* :utf-8)
(setf *compile-verbose* nil *load-verbose* nil)
(declaim (sb-ext:muffle-conditions warning sb-ext:compiler-note))

(defun env (name) (or (sb-posix:getenv name) ""))

(defun text-of (variable)
  (with-open-file (file (env variable) :element-type '(unsigned-byte 8))
    (let ((bytes (make-array (file-length file) :element-type '(unsigned-byte 8))))
      (read-sequence bytes file)
      (sb-ext:octets-to-string bytes :external-format :utf-8))))

(defvar *h* (env "CQ_HOST"))
(defvar *p* (parse-integer (env "CQ_PORT")))
(defvar *u* (env "CQ_USER"))
(defvar *w* (env "CQ_PASS"))
(defvar *db* (env "CQ_DB"))
(defvar *tag* (env "CQ_TAG"))
(defvar *id* (parse-integer (env "CQ_ID")))
(defvar *n* (parse-integer (env "CQ_N")))
(defvar *tr* (text-of "CQ_TRICKY"))
(defvar *big* (text-of "CQ_BIG"))

(defun one-line (why)
  (let ((line (substitute #\Space #\Newline (princ-to-string why))))
    (subseq line 0 (min 250 (length line)))))

(defun ok (name right &optional (why ""))
  (if right
      (format t "ok ~a~%" name)
      (format t "not ok ~a # ~a~%" name (one-line why)))
  (finish-output)
  right)

(defmacro tr (name &body body)
  "An error in the body fails the check of that name."
  `(handler-case (progn ,@body)
     (error (e) (ok ,name nil (format nil "~a: ~a" (type-of e) e)))))

(defun code (name number variable)
  (ok name (equal (princ-to-string number) (env variable)) (format nil "~a, expected ~a" number (env variable))))

(defun f (text &rest values) (apply #'format nil text values))
