use strict;
use warnings;
use utf8;
use DBI;
use CQ;
my $maria = $ARGV[0] eq 'mariadb';
my $drv   = $maria ? 'MariaDB'  : 'mysql';
my $pf    = $maria ? 'mariadb_' : 'mysql_';
my $utf   = $maria ? {}         : { mysql_enable_utf8mb4 => 1 };

sub conn {
    my ( $w, $x, $db ) = @_;
    $db //= $DB;
    DBI->connect( "dbi:$drv:database=$db;host=$H;port=$P",
        $U, $w, { RaiseError => 1, PrintError => 0, AutoCommit => 1, %$utf, %{ $x || {} } } );
}
for my $mode ( 'emul', 'native' ) {
    my $p  = sub { "$mode.$_[0]" };
    my $id = $ID + ( $mode eq 'emul' ? 0 : 20 );
    my $S  = $TAG . '_' . substr( $mode, 0, 1 );
    my $c  = eval {
        conn(
            $W,
            {
                "${pf}server_prepare" => $mode eq 'native' ? 1 : 0,
                ( $maria            ? ( 'mariadb_multi_statements' => 1 ) : ( 'mysql_multi_statements' => 1 ) ),
                ( $mode eq 'native' ? ( "${pf}server_prepare_disable_fallback" => 1 ) : () )
            }
        );
    };
    ok( $p->('connect'),        $c,                         $@ ) or next;
    ok( $p->('server_version'), $c->{"${pf}serverinfo"},    '' );
    ok( $p->('serverversion'),  $c->{"${pf}serverversion"}, '' );
    ok( $p->('thread_id'),      $c->{"${pf}thread_id"},     '' );
    ok( $p->('dbms_ver'),       $c->get_info(18),           '' );
    my $get = sub {
        my $r = $c->selectrow_hashref( "SELECT * FROM pipes_messages WHERE name = ?", undef, $_[0] );
        $r && $r->{message};
    };
    my $set = sub { $c->do( "INSERT INTO pipes_settings (name, length) VALUES (?, 10)", undef, $_[0] ) };
    tr_(
        $p->('esc'),
        sub {
            my $n = "${S}e";
            $set->($n);
            eq_(
                $p->('ins_escaped_affected'),
                1,
                $c->do(
                        "INSERT INTO pipes_messages (name, event, message) VALUES ("
                      . $c->quote($n)
                      . ", 'ev', "
                      . $c->quote($T) . ")"
                )
            );
            eq_( $p->('rt_escaped'), $T, $get->($n) );
        }
    );
    tr_(
        $p->('prep'),
        sub {
            my $n = "${S}p";
            $set->($n);
            my $s = $c->prepare("INSERT INTO pipes_messages (name, event, message) VALUES (?, ?, ?)");
            eq_( $p->('num_params'),    3,  $s->{NUM_OF_PARAMS} );
            eq_( $p->('prep_affected'), 1,  $s->execute( $n, 'ev', $T ) );
            eq_( $p->('rt_prep'),       $T, $get->($n) );
            $n = "${S}c";
            $set->($n);
            $s->execute( $n, 'ev', $C );
            eq_( $p->('rt_ctrl'), $C, $get->($n) );
        }
    );
    tr_(
        $p->('auth'),
        sub {
            my $s = $c->prepare("INSERT INTO users_auth (id, hash) VALUES (?, ?)");
            $s->bind_param( 1, $id, DBI::SQL_INTEGER() );
            $s->bind_param( 2, "it=s" );
            $s->execute;
            ok( $p->('auth_ins'), 1 );
            $s = $c->prepare("SELECT * FROM users_auth WHERE id = ?");
            $s->execute($id);
            eq_( $p->('meta_columns'), 'id,hash', join ',', @{ $s->{NAME} } );
            eq_( $p->('rows'), 1, $s->rows );
            ok( $p->('meta_types'),      ( $s->{TYPE}[0] == 4 || $s->{TYPE}[0] == -5 ), "@{$s->{TYPE}}" );
            ok( $p->('mysql_type_name'), $s->{"${pf}type_name"}[0] =~ /int/i,           $s->{"${pf}type_name"}[0] );
            ok( $p->('is_num'),          $s->{"${pf}is_num"}[0] );
            eq_( $p->('mysql_table'), 'users_auth', $s->{"${pf}table"}[0] );
            my $r = $s->fetchrow_hashref;
            eq_( $p->('auth_sel'), "$id it=s", "$r->{id} $r->{hash}" );
            $s->finish;
        }
    );
    tr_(
        $p->('time_in'),
        sub {
            my $s = $c->prepare("select * from users_time where id in (2,3,145)");
            $s->execute;
            eq_( $p->('time_in'), 'id,time', join ',', @{ $s->{NAME} } );
            $s->fetchall_arrayref;
        }
    );
    tr_(
        $p->('pipes_in'),
        sub {
            my $s = $c->prepare("select * from pipes where name in ('a','b')");
            $s->execute;
            eq_( $p->('pipes_in'), 'name,users', join ',', @{ $s->{NAME} } );
            $s->fetchall_arrayref;
        }
    );
    tr_(
        $p->('empty'),
        sub {
            eq_( $p->('empty_result'), 0,
                scalar @{ $c->selectall_arrayref( "SELECT * FROM users_auth WHERE id = ?", undef, $id + 999 ) } );
        }
    );
    for ( [ 'err_table', 'SELECT * FROM no_such_table WHERE id = 1', 'EXPECT_NOTABLE' ],
        [ 'err_syntax', 'SELEKT x', 'EXPECT_SYNTAX' ] )
    {
        my ( $k, $q, $e ) = @$_;
        eval { $c->selectall_arrayref($q) };
        code( $p->($k), $c->err, $e );
        ok( $p->("${k}_state"), length( $c->state ) == 5, $c->state );
        tr_(
            $p->("${k}_usable"),
            sub {
                eq_( $p->("${k}_usable"), 1,
                    scalar @{ $c->selectall_arrayref("SELECT * FROM users_auth WHERE id = $id") } );
            }
        );
    }
    tr_(
        $p->('err_ins_table'),
        sub {
            eval { $c->do( "INSERT INTO no_such_table (id) VALUES (?)", undef, 1 ) };
            code( $p->('err_ins_table'), $c->err, 'EXPECT_NOTABLE' );
        }
    );
    ok( $p->('ping'), $c->ping );
    tr_(
        $p->('big'),
        sub {
            my $n = "${S}b";
            $set->($n);
            $c->do( "INSERT INTO pipes_messages (name, event, message) VALUES (?, 'ev', ?)", undef, $n, $BIG );
            eq_( $p->('big_rt'), md5($BIG), md5( $get->($n) ) );
        }
    );
    if ( $mode eq 'emul' ) {
        tr_(
            $p->('multi'),
            sub {
                my $s = $c->prepare(
                    "INSERT INTO users_data (id, data) VALUES ($id, 'm1'); SELECT * FROM users_data WHERE id = $id; DELETE FROM users_data WHERE id = $id"
                );
                $s->execute;
                my $k = 1;
                while ( $s->more_results ) { $k++ }
                eq_( $p->('multi'), 3, $k );
            }
        );
    }
    tr_(
        $p->('many'),
        sub {
            my $s = $c->prepare("INSERT INTO pipes_messages (name, event, message) VALUES (?, ?, ?)");
            $s->execute( "${S}m", 'ev', "m$_" ) for 1 .. $N;
            ok( $p->('many'), 1 );
            $c->do( "DELETE FROM pipes_messages WHERE name = ?", undef, "${S}m" );
        }
    );
    tr_(
        $p->('tx'),
        sub {
            $c->begin_work;
            $c->do( "INSERT INTO users_data (id, data) VALUES (?, ?)", undef, $id, 't' );
            $c->commit;
            $c->begin_work;
            $c->rollback;
            $c->do( "DELETE FROM users_data WHERE id = ?", undef, $id );
            ok( $p->('tx'), 1 );
        }
    );
    tr_( $p->('autocommit'),
        sub { $c->{AutoCommit} = 0; $c->commit; $c->{AutoCommit} = 1; ok( $p->('autocommit_attr'), 1 ) } );
    if ( !$maria && $mode eq 'emul' ) {
        tr_(
            $p->('use_result'),
            sub {
                my $s = $c->prepare( "SELECT * FROM users_auth WHERE id = $id", { "${pf}use_result" => 1 } );
                $s->execute;
                my $n = 0;
                $n++ while $s->fetchrow_arrayref;
                eq_( $p->('use_result'), 1, $n );
            }
        );
    }
    tr_(
        $p->('qb_tables'),
        sub {
            my @t = $c->tables( undef, $DB, '%', 'TABLE' );
            ok( $p->('qb_tables'), scalar( grep { /users_auth/ } @t ), "@t" );
        }
    );
    tr_(
        $p->('qb_column_info'),
        sub {
            my $s = $c->column_info( undef, $DB, 'users_auth', '%' );
            my $r = $s->fetchall_arrayref;
            eq_( $p->('qb_column_info'), 2, scalar @$r );
        }
    );
    tr_(
        $p->('del'),
        sub {
            eq_( $p->('del_affected'), 1, $c->do( "DELETE FROM users_auth WHERE id = ?", undef, $id ) );
            for (qw(e p c b)) {
                $c->do( "DELETE FROM pipes_messages WHERE name = ?", undef, "$S$_" );
                $c->do( "DELETE FROM pipes_settings WHERE name = ?", undef, "$S$_" );
            }
            ok( $p->('del_check'), !$get->("${S}e") );
        }
    );
    for my $q (
        'SHOW TABLES',
        'SHOW DATABASES',
        'SELECT @@version_comment',
        'SELECT DATABASE()',
        'SELECT VERSION()',
        "SHOW VARIABLES LIKE 'version'",
        'DESCRIBE users_auth'
      )
    {
        tr_( $p->("q[$q]"), sub { ok( $p->("q[$q]"), scalar @{ $c->selectall_arrayref($q) } >= 1 ) } );
    }
    $c->disconnect;
}
tr_(
    'opts',
    sub {
        my $c = conn(
            $W,
            {
                "${pf}auto_reconnect"    => 1,
                "${pf}init_command"      => "SET SESSION sql_mode=''",
                "${pf}connect_timeout"   => 5,
                "${pf}read_timeout"      => 5,
                "${pf}client_found_rows" => 1,
                "${pf}compression"       => 1
            }
        );
        ok( 'opts_reconnect_initcmd_compress',
            @{ $c->selectall_arrayref("select * from users_time where id = 2") } >= 0 );
        $c->disconnect;
    }
);
tr_(
    'data_sources',
    sub {
        my @d = DBI->data_sources( $drv, { host => $H, port => $P, user => $U, password => $W } );
        ok( 'data_sources', scalar( grep { /$DB/ } @d ), "@d" );
    }
);
for ( [ 'wrong_password', $W . 'x' ], [ 'empty_password', '' ] ) {
    my ( $k, $w ) = @$_;
    eval { conn($w) };
    code( $k, $DBI::err, 'EXPECT_AUTH' );
}
tr_(
    'tls_connect',
    sub {
        my $c = conn( $W, { "${pf}ssl" => 1, "${pf}ssl_verify_server_cert" => 0, "${pf}ssl_optional" => 1 } );
        my ($x) = $c->selectrow_array("select * from users_time where id = 2");
        ok( 'tls_connect', 1 );
    }
);
print "done\n";
