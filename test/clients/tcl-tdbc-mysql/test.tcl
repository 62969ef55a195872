# tdbc::mysql runs everything as a prepared statement.
source ../lib/cq.tcl
package require tdbc::mysql

set login [list -host $H -port $P -user $U -database $DB]
if {[catch {tdbc::mysql::connection create c {*}$login -password $W} problem]} {
    ok connect 0 $problem
    exit 1
}
ok connect 1

# The error number that a script ends with.
proc number_of {script} {
    catch {uplevel 1 $script} problem options
    return [lindex [dict get $options -errorcode] end]
}

proc round_trip {check name text} {
    c allrows {INSERT INTO pipes_settings (name, length) VALUES (:name, 10)}
    set insert [c prepare {INSERT INTO pipes_messages (name, event, message) VALUES (:name, 'ev', :text)}]
    set result [$insert execute]
    eq ${check}_rowcount 1 [$result rowcount]
    $result close
    $insert close
    eq $check $text [lindex [c allrows -as lists {SELECT message FROM pipes_messages WHERE name = :name}] 0 0]
    c allrows {DELETE FROM pipes_messages WHERE name = :name}
    c allrows {DELETE FROM pipes_settings WHERE name = :name}
}

try_ configure {
    ok encoding [expr {[c configure -encoding] ne ""}]
    eq db_opt $DB [c configure -db]
}
try_ rt_prep {
    round_trip rt_prep ${TAG}_p $T
}
try_ big_rt {
    round_trip big_rt ${TAG}_b $BIG
}
try_ auth {
    set hash it=s
    c allrows {INSERT INTO users_auth (id, hash) VALUES (:ID, :hash)}
    set select [c prepare {SELECT * FROM users_auth WHERE id = :ID}]
    set result [$select execute]
    eq meta_columns {id hash} [$result columns]
    $result nextdict row
    eq auth_sel "$ID it=s" "[dict get $row id] [dict get $row hash]"
    $result close
    $select close
}
try_ typed {
    set select [c prepare {SELECT hash FROM users_auth WHERE id = :ID}]
    $select paramtype ID in integer
    eq typed_int it=s [lindex [$select allrows -as lists] 0 0]
    ok params [dict exists [$select params] ID]
    $select close
}
try_ time_in {
    set select [c prepare {select * from users_time where id in (2,3,145)}]
    set result [$select execute]
    eq time_in {id time} [$result columns]
    $result close
    $select close
}
try_ pipes_in {
    c allrows {select * from pipes where name in ('a','b')}
    ok pipes_in 1
}
code err_table [number_of {c allrows {SELECT * FROM no_such_table}}] EXPECT_NOTABLE
try_ err_usable {
    eq err_usable 1 [llength [c allrows {SELECT * FROM users_auth WHERE id = :ID}]]
}
try_ tables {
    ok qb_tables [dict exists [c tables] users_auth]
    eq qb_columns {id hash} [dict keys [c columns users_auth]]
}
try_ many {
    set name ${TAG}_m
    set insert [c prepare {INSERT INTO pipes_messages (name, event, message) VALUES (:name, 'ev', :i)}]
    for {set i 0} {$i < $N} {incr i} {
        [$insert execute] close
    }
    $insert close
    ok many 1
}
try_ tx {
    c transaction {
        c allrows {select * from users_time where id = 2}
    }
    ok tx 1
}
try_ evaldirect {
    c evaldirect {select * from users_time where id = 2}
    ok evaldirect 1
}
try_ del {
    set delete [c prepare {DELETE FROM users_auth WHERE id = :ID}]
    set result [$delete execute]
    eq del_affected 1 [$result rowcount]
    $result close
}
c close
code wrong_password [number_of {tdbc::mysql::connection create d {*}$login -password ${W}x}] EXPECT_AUTH
puts done
