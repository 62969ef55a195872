<?php require __DIR__ . '/../lib/cq.php';
$dsn = "mysql:host=$H;port=$P;dbname=$DB;charset=utf8mb4";
foreach (['emul' => true, 'native' => false] as $mode => $emul) {
    $S = '_' . substr($mode, 0, 2);
    $id = $ID + ($emul ? 0 : 10);
    $d = tr(
        "$mode.connect",
        fn() => new PDO($dsn, $U, $W, [
            PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION,
            PDO::ATTR_EMULATE_PREPARES => $emul,
        ]),
    );
    if (!$d) {
        continue;
    }
    ok("$mode.connect", true);
    ok("$mode.server_version", $d->getAttribute(PDO::ATTR_SERVER_VERSION) != '');
    tr("$mode.server_info", fn() => ok("$mode.server_info", (string) $d->getAttribute(PDO::ATTR_SERVER_INFO) != ''));
    ok("$mode.connection_status", $d->getAttribute(PDO::ATTR_CONNECTION_STATUS) != '');
    $get = function ($n) use ($d) {
        $s = $d->prepare('SELECT * FROM pipes_messages WHERE name = ?');
        $s->execute([$n]);
        return $s->fetchAll(PDO::FETCH_ASSOC);
    };
    $set = fn($n) => $d->exec('INSERT INTO pipes_settings (name, length) VALUES (' . $d->quote($n) . ', 10)');
    tr("$mode.quote", function () use ($d, $set, $get, $TAG, $S, $T, $mode) {
        $n = "$TAG{$S}e";
        eq("$mode.settings_affected", 1, $set($n));
        eq(
            "$mode.ins_escaped_affected",
            1,
            $d->exec(
                'INSERT INTO pipes_messages (name, event, message) VALUES (' .
                    $d->quote($n) .
                    ", 'ev', " .
                    $d->quote($T) .
                    ')',
            ),
        );
        $a = $get($n);
        eq("$mode.sel_rowcount", 1, count($a));
        eq("$mode.rt_escaped", $T, $a[0]['message'] ?? null);
    });
    tr("$mode.prep", function () use ($d, $set, $get, $TAG, $S, $T, $C, $mode) {
        $n = "$TAG{$S}p";
        $set($n);
        $s = $d->prepare('INSERT INTO pipes_messages (name, event, message) VALUES (:name, :event, :message)');
        $s->execute([':name' => $n, ':event' => 'ev', ':message' => $T]);
        eq("$mode.prep_rowCount", 1, $s->rowCount());
        eq("$mode.rt_prep", $T, $get($n)[0]['message'] ?? null);
        $n = "$TAG{$S}c";
        $set($n);
        $s = $d->prepare('INSERT INTO pipes_messages (name, event, message) VALUES (?, ?, ?)');
        $s->bindValue(1, $n);
        $s->bindValue(2, 'ev', PDO::PARAM_STR);
        $s->bindValue(3, $C, PDO::PARAM_LOB);
        $s->execute();
        eq("$mode.rt_ctrl_lob", $C, $get($n)[0]['message'] ?? null);
    });
    tr("$mode.auth", function () use ($d, $id, $mode) {
        $h = md5("h$id");
        $s = $d->prepare('INSERT INTO users_auth (id, hash) VALUES (?, ?)');
        $s->bindValue(1, $id, PDO::PARAM_INT);
        $s->bindValue(2, $h);
        $s->execute();
        ok("$mode.auth_ins", true);
        $s = $d->prepare('SELECT * FROM users_auth WHERE id = ?');
        $s->bindValue(1, $id, PDO::PARAM_INT);
        $s->execute();
        eq("$mode.rowCount_select", 1, $s->rowCount());
        eq("$mode.columnCount", 2, $s->columnCount());
        $m0 = $s->getColumnMeta(0);
        $m1 = $s->getColumnMeta(1);
        eq("$mode.meta_names", ['id', 'hash'], [$m0['name'], $m1['name']]);
        ok(
            "$mode.meta_type",
            in_array($m0['native_type'] ?? '', ['LONG', 'LONGLONG']) &&
                in_array($m1['native_type'] ?? '', ['VAR_STRING', 'BLOB', 'STRING']),
            [$m0, $m1],
        );
        $a = $s->fetch(PDO::FETCH_ASSOC);
        eq("$mode.auth_sel", ['id' => $id, 'hash' => $h], $a);
        $s->closeCursor();
        $s = $d->prepare('SELECT hash FROM users_auth WHERE id IN (?, ?)');
        $s->execute([$id, $id + 1]);
        eq("$mode.in_params_as_strings", $h, $s->fetchColumn());
        $s = $d->query("SELECT id, hash FROM users_auth WHERE id = $id");
        eq("$mode.query_text", [$id, $h], $s->fetch(PDO::FETCH_NUM));
    });
    tr("$mode.time_in", function () use ($d, $mode) {
        $s = $d->query('select * from users_time where id in (2,3,145)');
        eq("$mode.time_in", ['id', 'time'], [$s->getColumnMeta(0)['name'], $s->getColumnMeta(1)['name']]);
        $g = true;
        foreach ($s as $r) {
            $g = $g && is_int($r['id']) && is_int($r['time']);
        }
        ok("$mode.time_ints", $g);
    });
    tr("$mode.pipes_in", function () use ($d, $mode) {
        $s = $d->query("select * from pipes where name in ('a','b')");
        eq("$mode.pipes_in", 2, $s->columnCount());
        $s->fetchAll();
    });
    tr("$mode.empty", function () use ($d, $mode, $id) {
        $s = $d->query('SELECT * FROM users_auth WHERE id = ' . ($id + 999));
        eq("$mode.empty_result", [false, 2], [$s->fetch(), $s->columnCount()]);
    });
    foreach (
        [
            'err_table' => ['SELECT * FROM no_such_table WHERE id = 1', 'EXPECT_NOTABLE'],
            'err_syntax' => ['SELEKT bogus', 'EXPECT_SYNTAX'],
        ]
        as $k => [$q, $env]
    ) {
        tr("$mode.$k", function () use ($d, $mode, $k, $q, $env, $id) {
            $c = 0;
            $st = '';
            try {
                $d->query($q);
            } catch (PDOException $e) {
                $c = $e->errorInfo[1] ?? 0;
                $st = $e->errorInfo[0];
            }
            code("$mode.$k", $c, $env);
            ok("$mode.{$k}_sqlstate", strlen($st) === 5, $st);
            eq("$mode.{$k}_usable", 1, $d->query("SELECT * FROM users_auth WHERE id = $id")->rowCount());
        });
    }
    tr("$mode.err_prep", function () use ($d, $mode, $id) {
        $c = 0;
        try {
            $s = $d->prepare('SELECT * FROM no_such_table WHERE id = ?');
            $s->execute([1]);
        } catch (PDOException $e) {
            $c = $e->errorInfo[1] ?? 0;
        }
        code("$mode.err_prep", $c, 'EXPECT_NOTABLE');
        $s = $d->prepare('SELECT * FROM users_auth WHERE id = ?');
        $s->execute([$id]);
        eq("$mode.err_prep_usable", 1, count($s->fetchAll()));
    });
    tr("$mode.big", function () use ($d, $set, $get, $TAG, $S, $BIG, $mode) {
        $n = "$TAG{$S}b";
        $set($n);
        $s = $d->prepare("INSERT INTO pipes_messages (name, event, message) VALUES (?, 'ev', ?)");
        $s->execute([$n, $BIG]);
        eq("$mode.big_rt", md5($BIG), md5($get($n)[0]['message'] ?? ''));
    });
    tr("$mode.multi", function () use ($d, $mode, $id) {
        $k = $id + 1;
        if ($mode === 'emul') {
            $s = $d->query(
                "INSERT INTO users_data (id, data) VALUES ($k, 'm1'); SELECT * FROM users_data WHERE id = $k; DELETE FROM users_data WHERE id = $k",
            );
            $o = [$s->rowCount()];
            $s->nextRowset();
            $o[] = $s->fetchAll(PDO::FETCH_ASSOC)[0]['data'] ?? null;
            $s->nextRowset();
            $o[] = $s->rowCount();
            eq("$mode.multi", [1, 'm1', 1], $o);
        } else {
            ok(
                "$mode.multi_exec",
                $d->exec(
                    "INSERT INTO users_data (id, data) VALUES ($k, 'm1'); DELETE FROM users_data WHERE id = $k",
                ) !== false,
            );
        }
    });
    tr("$mode.unbuffered", function () use ($d, $mode, $id) {
        $d->setAttribute(PDO::MYSQL_ATTR_USE_BUFFERED_QUERY, false);
        $s = $d->prepare('SELECT * FROM users_auth WHERE id = ?');
        $s->execute([$id]);
        $n = 0;
        while ($s->fetch()) {
            $n++;
        }
        eq("$mode.unbuffered", 1, $n);
        $s = null;
        $d->setAttribute(PDO::MYSQL_ATTR_USE_BUFFERED_QUERY, true);
    });
    tr("$mode.many", function () use ($d, $mode, $TAG, $N) {
        $s = $d->prepare('INSERT INTO pipes_messages (name, event, message) VALUES (?, ?, ?)');
        for ($i = 0; $i < $N; $i++) {
            $s->execute(["{$TAG}_many", 'ev', "m$i"]);
        }
        ok("$mode.many", true);
        $d->exec("DELETE FROM pipes_messages WHERE name = '{$TAG}_many'");
    });
    tr("$mode.tx", function () use ($d, $mode, $id) {
        $d->beginTransaction();
        $d->exec("INSERT INTO users_data (id, data) VALUES ($id, 't')");
        ok("$mode.commit", $d->commit());
        $d->beginTransaction();
        ok("$mode.rollback", $d->rollBack());
        $d->exec("DELETE FROM users_data WHERE id = $id");
    });
    tr("$mode.lastInsertId", fn() => ok("$mode.lastInsertId", is_string($d->lastInsertId())));
    tr(
        "$mode.autocommit",
        fn() => ok(
            "$mode.autocommit",
            $d->setAttribute(PDO::ATTR_AUTOCOMMIT, 0) && $d->setAttribute(PDO::ATTR_AUTOCOMMIT, 1),
        ),
    );
    tr("$mode.del", function () use ($d, $mode, $id, $TAG, $S) {
        $s = $d->prepare('DELETE FROM users_auth WHERE id = ?');
        $s->execute([$id]);
        eq("$mode.del_affected", 1, $s->rowCount());
        eq("$mode.del_check", 0, $d->query("SELECT * FROM users_auth WHERE id = $id")->rowCount());
        foreach (['e', 'p', 'c', 'b'] as $x) {
            $d->exec("DELETE FROM pipes_messages WHERE name = '$TAG{$S}$x'");
            $d->exec("DELETE FROM pipes_settings WHERE name = '$TAG{$S}$x'");
        }
    });
    foreach (
        [
            'SHOW TABLES' => 1,
            'SHOW DATABASES' => 1,
            'SELECT @@version_comment' => 1,
            'SELECT DATABASE()' => 1,
            "SHOW VARIABLES LIKE 'version'" => 2,
            'DESCRIBE users_auth' => 0,
        ]
        as $q => $nc
    ) {
        tr("$mode.q[$q]", function () use ($d, $q, $nc, $mode) {
            $s = $d->prepare($q);
            $s->execute();
            $n = count($s->fetchAll());
            ok("$mode.q[$q]", $n >= 1 && (!$nc || $s->columnCount() == $nc), [$s->columnCount(), $n]);
        });
    }
    $d = null;
}
tr('init_command', function () use ($dsn, $U, $W) {
    $d = new PDO($dsn, $U, $W, [
        PDO::MYSQL_ATTR_INIT_COMMAND => "SET NAMES 'utf8mb4' COLLATE 'utf8mb4_unicode_ci'",
        PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION,
        PDO::MYSQL_ATTR_FOUND_ROWS => true,
    ]);
    $d->exec("SET SESSION sql_mode='STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION'");
    $d->exec('set session transaction isolation level read committed');
    ok('init_command', $d->query('select * from users_time where id = 2')->columnCount() === 2);
});
tr('persistent', function () use ($dsn, $U, $W) {
    for ($i = 0; $i < 2; $i++) {
        $d = new PDO($dsn, $U, $W, [PDO::ATTR_PERSISTENT => true]);
        $d->query('select * from users_time where id = 2');
        $d = null;
    }
    ok('persistent', true);
});
tr('compress', function () use ($dsn, $U, $W) {
    $d = new PDO($dsn, $U, $W, [PDO::MYSQL_ATTR_COMPRESS => true]);
    ok('compress', $d->query('select * from users_time where id = 2')->columnCount() === 2);
});
foreach (['wrong_password' => $W . 'x', 'empty_password' => ''] as $k => $pw) {
    $c = 0;
    try {
        new PDO($dsn, $U, $pw);
    } catch (PDOException $e) {
        $c = $e->getCode();
    }
    code($k, $c, 'EXPECT_AUTH');
}
tr('tls_connect', function () use ($dsn, $U, $W) {
    $d = new PDO($dsn, $U, $W, [
        PDO::MYSQL_ATTR_SSL_CA => '',
        PDO::MYSQL_ATTR_SSL_CIPHER => 'DEFAULT',
        PDO::MYSQL_ATTR_SSL_VERIFY_SERVER_CERT => false,
    ]);
    $d->setAttribute(PDO::ATTR_ERRMODE, PDO::ERRMODE_EXCEPTION);
    ok('tls_connect', $d->query('select * from users_time where id = 2')->columnCount() === 2);
});
echo "done\n";
