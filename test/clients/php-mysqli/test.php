<?php require __DIR__ . '/../lib/cq.php';
// ---- OO style
mysqli_report(MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT);
$m = tr('connect', fn() => new mysqli($H, $U, $W, $DB, $P));
if (!$m) {
    exit(1);
}
ok('connect', true);
ok('server_version', $m->server_info != '' && $m->server_version > 0, $m->server_info);
ok('host_info', $m->host_info != '');
ok('protocol_version', $m->protocol_version === 10);
ok('thread_id', $m->thread_id > 0, $m->thread_id);
tr('set_charset', fn() => ok('set_charset', $m->set_charset('utf8mb4') && $m->character_set_name() === 'utf8mb4'));
$esc = fn($s) => $m->real_escape_string($s);
$get = function ($name) use ($m) {
    $r = $m->query("SELECT * FROM pipes_messages WHERE name = '$name'");
    $a = $r->fetch_all(MYSQLI_ASSOC);
    return $a;
};
tr('settings', fn() => ok('settings', $m->query("INSERT INTO pipes_settings (name, length) VALUES ('{$TAG}_e', 10)")));
tr('ins_escaped', function () use ($m, $esc, $TAG, $T, $get) {
    $m->query("INSERT INTO pipes_messages (name, event, message) VALUES ('{$TAG}_e', 'ev', '" . $esc($T) . "')");
    eq('ins_escaped_affected', 1, $m->affected_rows);
    $a = $get("{$TAG}_e");
    eq('sel_rowcount', 1, count($a));
    eq('rt_escaped', $T, $a[0]['message'] ?? null);
    eq('rt_event', 'ev', $a[0]['event'] ?? null);
});
tr('rt_ctrl', function () use ($m, $esc, $TAG, $C, $get) {
    $m->query("INSERT INTO pipes_settings (name, length) VALUES ('{$TAG}_c', 10)");
    $m->query("INSERT INTO pipes_messages (name, event, message) VALUES ('{$TAG}_c', 'ev', '" . $esc($C) . "')");
    eq('rt_ctrl', $C, $get("{$TAG}_c")[0]['message'] ?? null);
});
tr('rt_prep', function () use ($m, $TAG, $T, $get) {
    $n = "{$TAG}_p";
    $m->query("INSERT INTO pipes_settings (name, length) VALUES ('$n', 10)");
    $s = $m->prepare('INSERT INTO pipes_messages (name, event, message) VALUES (?, ?, ?)');
    eq('prep_param_count', 3, $s->param_count);
    $e = 'ev';
    $t = $T;
    $s->bind_param('sss', $n, $e, $t);
    ok('prep_execute', $s->execute());
    eq('prep_affected', 1, $s->affected_rows);
    $s->close();
    eq('rt_prep', $T, $get($n)[0]['message'] ?? null);
    // reexecute the same statement with other values
    $s = $m->prepare('INSERT INTO users_data (id, data) VALUES (?, ?)');
    for ($i = 0; $i < 3; $i++) {
        $id = $GLOBALS['ID'] + 100 + $i;
        $d = "d$i";
        $s->bind_param('is', $id, $d);
        $s->execute();
    }
    $s->close();
    $r = $m->query(
        'SELECT * FROM users_data WHERE id IN (' .
            implode(',', [$GLOBALS['ID'] + 100, $GLOBALS['ID'] + 101, $GLOBALS['ID'] + 102]) .
            ')',
    );
    $a = array_column($r->fetch_all(MYSQLI_ASSOC), 'data');
    sort($a);
    eq('prep_reexecute', ['d0', 'd1', 'd2'], $a);
});
tr('prep_long_data', function () use ($m, $TAG, $BIG, $get) {
    $n = "{$TAG}_l";
    $m->query("INSERT INTO pipes_settings (name, length) VALUES ('$n', 10)");
    $s = $m->prepare("INSERT INTO pipes_messages (name, event, message) VALUES (?, 'ev', ?)");
    $null = null;
    $s->bind_param('sb', $n, $null);
    foreach (str_split($BIG, 50000) as $ch) {
        $s->send_long_data(1, $ch);
    }
    $s->execute();
    $s->close();
    eq('prep_long_data', md5($BIG), md5($get($n)[0]['message'] ?? ''));
});
tr('auth', function () use ($m, $ID) {
    $h = md5("h$ID");
    $m->query("INSERT INTO users_auth (id, hash) VALUES ($ID, '$h')");
    ok('auth_ins', true);
    $r = $m->query("SELECT * FROM users_auth WHERE id = $ID");
    eq('auth_num_rows', 1, $r->num_rows);
    $f = $r->fetch_fields();
    eq('meta_columns', ['id', 'hash'], array_map(fn($x) => $x->name, $f));
    ok('meta_int_type', in_array($f[0]->type, [MYSQLI_TYPE_LONG, MYSQLI_TYPE_LONGLONG]), $f[0]->type);
    ok(
        'meta_text_type',
        in_array($f[1]->type, [
            MYSQLI_TYPE_BLOB,
            MYSQLI_TYPE_VAR_STRING,
            MYSQLI_TYPE_STRING,
            MYSQLI_TYPE_MEDIUM_BLOB,
            MYSQLI_TYPE_LONG_BLOB,
        ]),
        $f[1]->type,
    );
    ok('meta_charset', $f[1]->charsetnr != 63, 'text column has binary charset ' . $f[1]->charsetnr);
    eq('meta_table', 'users_auth', $f[0]->table);
    $a = $r->fetch_assoc();
    eq('auth_sel', [(string) $ID, $h], [(string) $a['id'], $a['hash']]);
    // prepared select: binary protocol, get_result + bind_result
    $s = $m->prepare('SELECT id, hash FROM users_auth WHERE id = ?');
    $s->bind_param('i', $ID);
    $s->execute();
    $r = $s->get_result();
    eq('sel_prep_getresult', ['id' => $ID, 'hash' => $h], $r->fetch_assoc());
    $s->close();
    $s = $m->prepare('SELECT id, hash FROM users_auth WHERE id = ?');
    $s->bind_param('i', $ID);
    $s->execute();
    $s->bind_result($x, $y);
    $s->store_result();
    eq('sel_prep_num_rows', 1, $s->num_rows);
    $s->fetch();
    eq('sel_prep_bind', [$ID, $h], [$x, $y]);
    eq('prep_result_meta', 2, $s->result_metadata()->field_count);
    $s->reset();
    $s->close();
});
tr('time_in', function () use ($m) {
    $r = $m->query('select * from users_time where id in (2,3,145)');
    eq('time_in', ['id', 'time'], array_map(fn($x) => $x->name, $r->fetch_fields()));
    $good = true;
    while ($a = $r->fetch_row()) {
        $good = $good && is_numeric($a[0]) && is_numeric($a[1]);
    }
    ok('time_numeric', $good);
});
tr('pipes_in', function () use ($m) {
    $r = $m->query("select * from pipes where name in ('a','b')");
    eq('pipes_in', ['name', 'users'], array_map(fn($x) => $x->name, $r->fetch_fields()));
    $r->free();
});
tr('unbuffered', function () use ($m, $ID) {
    $r = $m->query("SELECT * FROM users_auth WHERE id = $ID", MYSQLI_USE_RESULT);
    $n = 0;
    while ($r->fetch_row()) {
        $n++;
    }
    $r->free();
    eq('unbuffered', 1, $n);
});
tr('empty_result', function () use ($m, $ID) {
    $r = $m->query('SELECT * FROM users_auth WHERE id = ' . ($ID + 999));
    eq('empty_result', [0, 2], [$r->num_rows, $r->field_count]);
});
tr('err_table', function () use ($m) {
    $c = 0;
    try {
        $m->query('SELECT * FROM no_such_table WHERE id = 1');
    } catch (mysqli_sql_exception $e) {
        $c = $e->getCode();
    }
    code('err_table', $c, 'EXPECT_NOTABLE');
    eq('err_errno_prop', $c, $m->errno);
    ok('err_sqlstate', strlen($m->sqlstate) === 5, $m->sqlstate);
    ok('err_text', $m->error != '');
});
tr('err_prep_table', function () use ($m) {
    $c = 0;
    try {
        $s = $m->prepare('SELECT * FROM no_such_table WHERE id = ?');
        $i = 1;
        $s->bind_param('i', $i);
        $s->execute();
    } catch (mysqli_sql_exception $e) {
        $c = $e->getCode();
    }
    code('err_prep_table', $c, 'EXPECT_NOTABLE');
});
tr('err_syntax', function () use ($m) {
    $c = 0;
    try {
        $m->query('SELEKT bogus FROM');
    } catch (mysqli_sql_exception $e) {
        $c = $e->getCode();
    }
    code('err_syntax', $c, 'EXPECT_SYNTAX');
});
tr('err_usable', function () use ($m, $ID) {
    eq('err_usable', 1, $m->query("SELECT * FROM users_auth WHERE id = $ID")->num_rows);
});
tr('ping', fn() => ok('ping', @$m->query('DO 1') || true));
tr('ping2', fn() => ok('ping2', $m->ping()));
tr('select_db', fn() => ok('select_db', $m->select_db($DB)));
tr('stat', fn() => ok('stat', is_string($m->stat()) && $m->stat() != ''));
tr('big', function () use ($m, $esc, $TAG, $BIG, $get) {
    $n = "{$TAG}_b";
    $m->query("INSERT INTO pipes_settings (name, length) VALUES ('$n', 10)");
    ok(
        'big_ins',
        $m->query("INSERT INTO pipes_messages (name, event, message) VALUES ('$n', 'ev', '" . $esc($BIG) . "')"),
    );
    eq('big_rt', md5($BIG), md5($get($n)[0]['message'] ?? ''));
});
tr('multi', function () use ($m, $ID) {
    $id = $ID + 1;
    ok(
        'multi_query',
        $m->multi_query(
            "INSERT INTO users_data (id, data) VALUES ($id, 'm1'); SELECT * FROM users_data WHERE id = $id; DELETE FROM users_data WHERE id = $id",
        ),
    );
    $out = [];
    do {
        $r = $m->store_result();
        $out[] = $r ? $r->num_rows : 'x' . $m->affected_rows;
        if ($r) {
            $r->free();
        }
    } while ($m->more_results() && $m->next_result());
    eq('multi', ['x1', 1, 'x1'], $out);
    $c = 0;
    $k = 0;
    try {
        $m->multi_query(
            "SELECT * FROM users_auth WHERE id = $ID; SELECT * FROM no_such_table WHERE id=1; SELECT * FROM users_auth WHERE id = $ID",
        );
        do {
            $r = $m->store_result();
            if ($r) {
                $k++;
                $r->free();
            }
        } while ($m->more_results() && $m->next_result());
    } catch (mysqli_sql_exception $e) {
        $c = $e->getCode();
    }
    eq('multi_err_first', 1, $k);
    code('multi_err', $c, 'EXPECT_NOTABLE');
    eq('multi_usable', 1, $m->query("SELECT * FROM users_auth WHERE id = $ID")->num_rows);
});
tr('many', function () use ($m, $TAG, $N) {
    for ($i = 0; $i < $N; $i++) {
        $m->query("INSERT INTO pipes_messages (name, event, message) VALUES ('{$TAG}_many', 'ev', 'm$i')");
    }
    ok('many_inserts', true);
    $m->query("DELETE FROM pipes_messages WHERE name = '{$TAG}_many'");
});
tr('many_prep', function () use ($m, $TAG, $N) {
    $s = $m->prepare("INSERT INTO pipes_messages (name, event, message) VALUES (?, 'ev', ?)");
    $n = "{$TAG}_many";
    $v = '';
    $s->bind_param('ss', $n, $v);
    for ($i = 0; $i < $N; $i++) {
        $v = "m$i";
        $s->execute();
    }
    $s->close();
    ok('many_prep_inserts', true);
    $m->query("DELETE FROM pipes_messages WHERE name = '{$TAG}_many'");
});
tr(
    'tx',
    fn() => ok(
        'commit',
        $m->autocommit(true) && $m->begin_transaction() && $m->commit() && $m->begin_transaction() && $m->rollback(),
    ),
);
tr('del', function () use ($m, $ID, $TAG, $get) {
    $m->query("DELETE FROM users_auth WHERE id = $ID");
    eq('del_affected', 1, $m->affected_rows);
    eq('del_check', 0, $m->query("SELECT * FROM users_auth WHERE id IN ($ID)")->num_rows);
    foreach (['e', 'c', 'p', 'l', 'b'] as $x) {
        $m->query("DELETE FROM pipes_messages WHERE name = '{$TAG}_$x'");
        $m->query("DELETE FROM pipes_settings WHERE name IN ('{$TAG}_$x')");
    }
    eq('del_msgs', 0, count($get("{$TAG}_e")));
    $m->query('DELETE FROM users_data WHERE id IN (' . implode(',', range($ID + 100, $ID + 102)) . ')');
});
foreach (
    [
        'SHOW TABLES' => 1,
        'SHOW DATABASES' => 1,
        'SHOW STATUS' => 2,
        "SHOW VARIABLES LIKE 'max_allowed_packet'" => 2,
        'SELECT @@version_comment' => 1,
        'SELECT DATABASE()' => 1,
        'SELECT VERSION()' => 1,
        'SELECT USER()' => 1,
    ]
    as $q => $nc
) {
    tr("q[$q]", function () use ($m, $q, $nc) {
        $r = $m->query($q);
        ok("q[$q]", $r->field_count == $nc && $r->num_rows >= 1, [$r->field_count, $r->num_rows]);
    });
}
tr('describe', function () use ($m) {
    $r = $m->query('DESCRIBE users_auth');
    $a = $r->fetch_all(MYSQLI_ASSOC);
    eq('describe', ['id', 'hash'], array_column($a, 'Field'));
});
tr('set_names', fn() => ok('set_names', $m->query("SET NAMES 'utf8mb4'") && $m->query('SET NAMES utf8')));
tr('use', fn() => ok('use_db', $m->query("USE $DB")));
tr('change_user', fn() => ok('change_user', $m->change_user($U, $W, $DB)));
tr(
    'change_user2',
    fn() => ok('after_change_user', $m->query('select * from users_time where id in (2)')->field_count == 2),
);
tr('async', function () use ($m, $ID) {
    $m->query('select * from users_time where id = 2', MYSQLI_ASYNC);
    $l = [$m];
    $e = [];
    $r = [];
    mysqli_poll($l, $e, $r, 3);
    $x = $m->reap_async_query();
    ok('async', $x->field_count == 2);
});
tr('kill_self_conn', function () use ($H, $U, $W, $DB, $P) {
    $a = new mysqli($H, $U, $W, $DB, $P);
    ok('close', $a->close());
});
tr('persistent', function () use ($H, $U, $W, $DB, $P) {
    $a = mysqli_connect("p:$H", $U, $W, $DB, $P);
    $t = $a->thread_id;
    $a->close();
    $a = mysqli_connect("p:$H", $U, $W, $DB, $P);
    ok('persistent', $a->query('select * from users_time where id = 2')->field_count == 2);
});
// ---- procedural style
mysqli_report(MYSQLI_REPORT_OFF);
$l = mysqli_connect($H, $U, $W, $DB, $P);
ok('proc_connect', (bool) $l, mysqli_connect_error() ?? '');
if ($l) {
    $id = $ID + 2;
    ok(
        'proc_ins',
        mysqli_query(
            $l,
            "INSERT INTO users_auth (id, hash) VALUES ($id, '" . mysqli_real_escape_string($l, 'it=s') . "')",
        ),
    );
    $r = mysqli_query($l, "SELECT hash FROM users_auth WHERE id = $id");
    ok('proc_sel', $r && mysqli_num_rows($r) === 1 && mysqli_fetch_row($r)[0] === 'it=s');
    ok('proc_err', mysqli_query($l, 'SELECT * FROM no_such_table') === false && mysqli_errno($l) > 0, mysqli_errno($l));
    ok('proc_usable', (bool) mysqli_query($l, "DELETE FROM users_auth WHERE id = $id"));
    eq('proc_affected', 1, mysqli_affected_rows($l));
    ok('proc_ping', mysqli_ping($l));
    ok('proc_stat', (string) mysqli_stat($l) != '');
    mysqli_close($l);
}
// ---- refused logins
$l = @mysqli_connect($H, $U, $W . 'x', $DB, $P);
ok('wrong_password', $l === false);
code('wrong_password_code', mysqli_connect_errno(), 'EXPECT_AUTH');
$l = @mysqli_connect($H, $U, '', $DB, $P);
ok('empty_password', $l === false);
code('empty_password_code', mysqli_connect_errno(), 'EXPECT_AUTH');
$l = @mysqli_connect($H, $U, $W, 'no_such_db', $P);
ok('wrong_db_refused_or_ok', true, mysqli_connect_error());
$l = mysqli_connect($H, $U, $W, '', $P);
ok('no_db_connect', (bool) $l);
if ($l) {
    ok('no_db_use', mysqli_select_db($l, $DB));
    $r = mysqli_query($l, 'select * from users_time where id = 2');
    ok('no_db_query', (bool) $r);
}
$l = mysqli_init();
if (@mysqli_real_connect($l, $H, $U, $W, $DB, $P, null, MYSQLI_CLIENT_COMPRESS)) {
    ok('compress_connect', true);
    $r = mysqli_query($l, 'select * from users_time where id = 2');
    ok('compress_query', $r && mysqli_num_fields($r) === 2);
    $n = "{$TAG}_z";
    mysqli_query($l, "INSERT INTO pipes_settings (name, length) VALUES ('$n', 10)");
    mysqli_query(
        $l,
        "INSERT INTO pipes_messages (name, event, message) VALUES ('$n', 'ev', '" .
            mysqli_real_escape_string($l, $BIG) .
            "')",
    );
    $r = mysqli_query($l, "SELECT message FROM pipes_messages WHERE name = '$n'");
    $x = $r ? mysqli_fetch_row($r) : null;
    eq('compress_big_rt', md5($BIG), md5($x[0] ?? ''));
    mysqli_query($l, "DELETE FROM pipes_messages WHERE name = '$n'");
    mysqli_query($l, "DELETE FROM pipes_settings WHERE name = '$n'");
} else {
    ok('compress_connect', false, mysqli_connect_error());
}
$l = mysqli_init();
mysqli_options($l, MYSQLI_OPT_SSL_VERIFY_SERVER_CERT, false);
$s = @mysqli_real_connect(
    $l,
    $H,
    $U,
    $W,
    $DB,
    $P,
    null,
    MYSQLI_CLIENT_SSL | MYSQLI_CLIENT_SSL_DONT_VERIFY_SERVER_CERT,
);
ok('tls_connect', $s, mysqli_connect_error() ?? '');
if ($s) {
    $r = mysqli_query($l, 'select * from users_time where id = 2');
    ok('tls_query', (bool) $r);
}
echo "done\n";
