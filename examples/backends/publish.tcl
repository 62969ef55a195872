# Publishes a message into the pipe "chat" and tells who is there. Run: tclsh examples/backends/publish.tcl
# COMET_PASSWORD is that of the server; tdbc::mysql is Debian's package tcl8.6-tdbc-mysql.
package require tdbc::mysql

proc env {name otherwise} {
    return [expr {[info exists ::env($name)] ? $::env($name) : $otherwise}]
}

tdbc::mysql::connection create comet -host [env COMETQL_HOST 127.0.0.1] -port [env COMETQL_PORT 3307] \
    -user root -password [env COMET_PASSWORD ""] -database CometQL_v1

set pipe chat
set message "hello from Tcl, it's easy"
comet allrows {INSERT INTO pipes_messages (name, event, message) VALUES (:pipe, 'message', :message)}

set sessions [comet allrows -as lists {SELECT user_id, user_agent FROM users_in_pipes WHERE name = :pipe}]
puts "[llength $sessions] online"
foreach session $sessions {
    lassign $session user_id user_agent
    puts "[expr {$user_id > 0 ? "user $user_id" : "a visitor"}], $user_agent"
}
comet close
