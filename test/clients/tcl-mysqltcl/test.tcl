source ../lib/cq.tcl
package require mysqltcl

set login [list -host $H -port $P -user $U -db $DB -encoding utf-8 -multistatement 1]
if {[catch {set c [mysql::connect {*}$login -password $W]} problem]} {
    ok connect 0 $problem
    exit 1
}
ok connect 1

proc round_trip {check name text} {
    mysql::exec $::c "INSERT INTO pipes_settings (name, length) VALUES ('$name', 10)"
    set insert "INSERT INTO pipes_messages (name, event, message) VALUES ('$name', 'ev', '[mysql::escape $::c $text]')"
    eq ${check}_affected 1 [mysql::exec $::c $insert]
    eq $check $text [lindex [mysql::sel $::c "SELECT message FROM pipes_messages WHERE name = '$name'" -flatlist] 0]
    mysql::exec $::c "DELETE FROM pipes_messages WHERE name = '$name'"
    mysql::exec $::c "DELETE FROM pipes_settings WHERE name = '$name'"
}

try_ set_names {
    mysql::exec $c "SET NAMES utf8mb4"
    ok set_names 1
}
try_ rt_escaped {
    round_trip rt_escaped ${TAG}_e $T
}
try_ big_rt {
    round_trip big_rt ${TAG}_b $BIG
}
try_ auth {
    mysql::exec $c "INSERT INTO users_auth (id, hash) VALUES ($ID, 'h')"
    eq auth_count 1 [mysql::sel $c "SELECT * FROM users_auth WHERE id = $ID"]
    eq meta_columns {id hash} [mysql::col $c -current name]
    ok meta_type [regexp -nocase {long|int} [lindex [mysql::col $c -current type] 0]] [mysql::col $c -current type]
    eq auth_sel [list $ID h] [mysql::fetch $c]
}
try_ time_in {
    mysql::sel $c "select * from users_time where id in (2,3,145)"
    eq time_in {id time} [mysql::col $c -current name]
}
try_ pipes_in {
    mysql::sel $c "select * from pipes where name in ('a','b')"
    eq pipes_in {name users} [mysql::col $c -current name]
}
catch {mysql::sel $c "SELECT * FROM no_such_table"}
code err_table $::mysqlstatus(code) EXPECT_NOTABLE
try_ err_usable {
    eq err_usable 1 [mysql::sel $c "SELECT * FROM users_auth WHERE id = $ID"]
}
try_ ping {
    ok ping [mysql::ping $c]
}
try_ use {
    mysql::use $c $DB
    ok use 1
}
try_ info {
    ok info_tables [expr {"users_auth" in [mysql::info $c tables]}]
    ok info_databases [expr {$DB in [mysql::info $c databases]}]
    ok serverversion [expr {[mysql::info $c serverversion] ne ""}]
}
try_ state {
    ok state [expr {[mysql::state $c] ne "NOT_A_HANDLE"}]
}
try_ fieldlist {
    eq col_table {id hash} [mysql::col $c users_auth name]
}
try_ many {
    for {set i 0} {$i < $N} {incr i} {
        mysql::exec $c "INSERT INTO pipes_messages (name, event, message) VALUES ('${TAG}_m', 'ev', 'm$i')"
    }
    ok many 1
}
try_ multi {
    set results [mysql::query $c "SELECT * FROM users_time WHERE id = 2; SELECT * FROM users_time WHERE id = 3"]
    set count 1
    while {[mysql::moreresult $results] && [mysql::nextresult $results] >= 0 && $count < 5} {
        incr count
    }
    mysql::endquery $results
    eq multi 2 $count
}
try_ tx {
    mysql::autocommit $c false
    mysql::commit $c
    mysql::rollback $c
    mysql::autocommit $c true
    ok tx 1
}
try_ changeuser {
    mysql::changeuser $c $U $W $DB
    ok changeuser 1
}
try_ del {
    eq del_affected 1 [mysql::exec $c "DELETE FROM users_auth WHERE id = $ID"]
}
mysql::close $c

ok wrong_password [catch {mysql::connect {*}$login -password ${W}x} problem]
ok wrong_password_text [expr {$problem ne ""}]
code wrong_password_code $::mysqlstatus(code) EXPECT_AUTH
try_ tls {
    set c [mysql::connect {*}$login -password $W -ssl 1]
    mysql::sel $c "select * from users_time where id = 2"
    ok tls_connect 1
}
puts done
