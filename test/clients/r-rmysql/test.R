suppressMessages({
  library(DBI)
  library(RMySQL)
})

env <- Sys.getenv
tag <- env("CQ_TAG")
id <- as.integer(env("CQ_ID"))
count <- as.integer(env("CQ_N"))

utf8 <- function(text) {
  Encoding(text) <- "UTF-8"
  text
}

text_of <- function(variable) utf8(readChar(env(variable), file.info(env(variable))$size, useBytes = TRUE))

ok <- function(name, right, why = "") {
  one_line <- substr(gsub("\n", " ", paste(why, collapse = " ")), 1, 250)
  cat(if (isTRUE(right)) paste0("ok ", name, "\n") else paste0("not ok ", name, " # ", one_line, "\n"))
}

check <- function(name, run) tryCatch(run, error = function(e) ok(name, FALSE, conditionMessage(e)))

connect <- function(password) {
  dbConnect(MySQL(), host = env("CQ_HOST"), port = as.integer(env("CQ_PORT")), user = env("CQ_USER"),
            password = password, dbname = env("CQ_DB"), client.flag = CLIENT_MULTI_STATEMENTS)
}

comet <- connect(env("CQ_PASS"))
execute <- function(sql, ...) dbExecute(comet, sprintf(sql, ...))
rows <- function(sql, ...) dbGetQuery(comet, sprintf(sql, ...))

round_trip <- function(name, pipe, text) {
  execute("INSERT INTO pipes_settings (name, length) VALUES ('%s', 10)", pipe)
  insert <- paste0("INSERT INTO pipes_messages (name, event, message) VALUES ('", pipe, "', 'ev', '",
                   dbEscapeStrings(comet, text), "')")
  ok(paste0(name, "_affected"), dbExecute(comet, insert) == 1)
  found <- rows("SELECT * FROM pipes_messages WHERE name = '%s'", pipe)
  ok(name, nrow(found) == 1 && identical(utf8(found$message[1]), text))
  execute("DELETE FROM pipes_messages WHERE name = '%s'", pipe)
  execute("DELETE FROM pipes_settings WHERE name = '%s'", pipe)
}

check("info", {
  ok("server_version", nchar(dbGetInfo(comet)$serverVersion) > 0)
  ok("thread_id", dbGetInfo(comet)$threadId > 0)
  execute("SET NAMES utf8mb4")
  ok("set_names", TRUE)
})

check("rt_escaped", round_trip("rt_escaped", paste0(tag, "_e"), text_of("CQ_TRICKY")))
check("big_rt", round_trip("big_rt", paste0(tag, "_b"), text_of("CQ_BIG")))

check("sqlInterpolate", {
  dbExecute(comet, sqlInterpolate(comet, "INSERT INTO users_data (id, data) VALUES (?id, ?data)", id = id, data = "it's"))
  ok("sqlInterpolate", rows("SELECT data FROM users_data WHERE id = %d", id)$data == "it's")
  execute("DELETE FROM users_data WHERE id = %d", id)
})

check("auth", {
  execute("INSERT INTO users_auth (id, hash) VALUES (%d, 'h')", id)
  result <- dbSendQuery(comet, sprintf("SELECT * FROM users_auth WHERE id = %d", id))
  columns <- dbColumnInfo(result)
  ok("meta_columns", identical(as.character(columns$name), c("id", "hash")), columns$name)
  ok("meta_types", columns$Sclass[1] %in% c("integer", "double") && columns$Sclass[2] == "character", columns$Sclass)
  row <- dbFetch(result)
  ok("auth_sel", row$id == id && row$hash == "h")
  ok("rowcount", dbGetRowCount(result) == 1)
  dbClearResult(result)
})

check("selects", {
  ok("time_in", identical(names(rows("select * from users_time where id in (2,3,145)")), c("id", "time")))
  ok("pipes_in", identical(names(rows("select * from pipes where name in ('a','b')")), c("name", "users")))
})

check("errors", {
  tryCatch(rows("SELECT * FROM no_such_table"), error = function(e) NULL)
  number <- dbGetException(comet)$errorNum
  ok("err_table", as.character(number) == env("EXPECT_NOTABLE"), number)
  ok("err_usable", nrow(rows("SELECT * FROM users_auth WHERE id = %d", id)) == 1)
})

check("lists", {
  ok("dbListTables", "users_auth" %in% dbListTables(comet), dbListTables(comet))
  ok("dbListFields", identical(dbListFields(comet, "users_auth"), c("id", "hash")), dbListFields(comet, "users_auth"))
  ok("dbExistsTable", dbExistsTable(comet, "users_auth"))
})

check("multi", {
  result <- dbSendQuery(comet, "select * from users_time where id = 2; select * from pipes where name = 'a'")
  results <- 1
  while (dbMoreResults(comet)) {
    dbClearResult(result)
    result <- dbNextResult(comet)
    results <- results + 1
  }
  dbClearResult(result)
  ok("multi", results == 2, results)
})

check("many", {
  for (i in seq_len(count)) execute("INSERT INTO pipes_messages (name, event, message) VALUES ('%s_m', 'ev', 'm%d')", tag, i)
  ok("many", TRUE)
})

check("tx", {
  dbBegin(comet)
  execute("DELETE FROM users_auth WHERE id = %d", id)
  dbRollback(comet)
  ok("rolled_back", nrow(rows("SELECT * FROM users_auth WHERE id = %d", id)) == 1)
  dbBegin(comet)
  ok("del_affected", execute("DELETE FROM users_auth WHERE id = %d", id) == 1)
  dbCommit(comet)
  ok("committed", nrow(rows("SELECT * FROM users_auth WHERE id = %d", id)) == 0)
})

invisible(dbDisconnect(comet))
wrong <- tryCatch(connect(paste0(env("CQ_PASS"), "x")), error = conditionMessage)
ok("wrong_password", is.character(wrong) && grepl("Access denied", wrong), wrong)
cat("done\n")
