(ns test
  (:require [clojure.string :as string])
  (:import (java.sql DriverManager SQLException)))

(defn env [name] (System/getenv name))

(defn ok
  ([name right] (ok name right ""))
  ([name right why]
   (println (if right (str "ok " name) (str "not ok " name " # " (string/replace (str why) "\n" " "))))))

(defmacro check [name & body]
  `(try ~@body (catch Throwable e# (ok ~name false e#))))

(defn connect
  ([password] (connect password ""))
  ([password more]
   (DriverManager/getConnection
    (str "jdbc:mariadb://" (env "CQ_HOST") ":" (env "CQ_PORT") "/" (env "CQ_DB") more) (env "CQ_USER") password)))

(defn prepared [connection sql params]
  (let [statement (.prepareStatement connection sql)]
    (doseq [[index value] (map-indexed vector params)]
      (.setObject statement (inc index) value))
    statement))

(defn execute [connection sql & params]
  (with-open [statement (prepared connection sql params)]
    (.executeUpdate statement)))

(defn rows [connection sql & params]
  (with-open [statement (prepared connection sql params)]
    (doall (resultset-seq (.executeQuery statement)))))

(defn number-of [run]
  (try (run) 0 (catch SQLException e (.getErrorCode e))))

(def pipe (str (env "CQ_TAG") "_clojure"))
(def id (Integer/parseInt (env "CQ_ID")))
(def insert "INSERT INTO pipes_messages (name, event, message) VALUES (?, ?, ?)")

(with-open [comet (connect (env "CQ_PASS"))]
  (check "texts"
    (execute comet "INSERT INTO pipes_settings (name, length) VALUES (?, ?)" pipe 10)
    (doseq [text (map (comp slurp env) ["CQ_TRICKY" "CQ_CTRL" "CQ_BIG"])]
      (ok "affected" (= 1 (execute comet insert pipe "ev" text)))
      (ok "round_trip" (= [{:message text}] (rows comet "SELECT message FROM pipes_messages WHERE name = ?" pipe)))
      (execute comet "DELETE FROM pipes_messages WHERE name = ?" pipe))
    (dotimes [i (Integer/parseInt (env "CQ_N"))]
      (execute comet insert pipe "ev" (str "m" i)))
    (ok "many" (= 10 (count (rows comet "SELECT message FROM pipes_messages WHERE name = ?" pipe))))
    (execute comet "DELETE FROM pipes_settings WHERE name = ?" pipe))
  (check "users"
    (execute comet "INSERT INTO users_auth (id, hash) VALUES (?, ?)" id "one")
    (ok "row" (= [{:id id :hash "one"}] (rows comet "SELECT * FROM users_auth WHERE id = ?" id)))
    (ok "no_rows" (empty? (rows comet "SELECT * FROM users_auth WHERE id = ?" (+ id 2))))
    (.setAutoCommit comet false)
    (execute comet "DELETE FROM users_auth WHERE id = ?" id)
    (.rollback comet)
    (.setAutoCommit comet true)
    (ok "rolled_back" (= 1 (count (rows comet "SELECT * FROM users_auth WHERE id = ?" id))))
    (ok "deleted" (= 1 (execute comet "DELETE FROM users_auth WHERE id = ?" id))))
  (check "metadata"
    (let [tables (resultset-seq (.getTables (.getMetaData comet) (env "CQ_DB") nil "%" nil))]
      (ok "tables" (some #(= "users_auth" (:table_name %)) tables))))
  (ok "err_table" (= (env "EXPECT_NOTABLE") (str (number-of #(rows comet "SELECT * FROM no_such_table WHERE id = 1")))))
  (ok "err_syntax" (= (env "EXPECT_SYNTAX") (str (number-of #(execute comet "SELEKT"))))))
(ok "wrong_password" (= (env "EXPECT_AUTH") (str (number-of #(connect (str (env "CQ_PASS") "x"))))))
(check "tls"
  (with-open [encrypted (connect (env "CQ_PASS") (str "?useSsl=true&serverSslCert=" (env "CQ_TLS_CA")))]
    (ok "tls" (= 1 (count (rows encrypted "SELECT 1 AS one"))))))
(println "done")
