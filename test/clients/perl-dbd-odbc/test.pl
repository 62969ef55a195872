use strict;
use warnings;
use utf8;
use DBI;
use Encode qw(decode encode);
use CQ;

# Debian builds DBD::ODBC without Unicode: texts go in and come out as bytes.
my $name = "${TAG}_dbdodbc";

sub open_connection {
    my ($password, $more) = @_;
    my $driver = "dbi:ODBC:DRIVER=libmaodbc.so;SERVER=$H;PORT=$P;DATABASE=$DB;CHARSET=utf8mb4" . ($more // '');
    return DBI->connect("$driver;UID=$U;PWD=$password", undef, undef, { RaiseError => 1, PrintError => 0, LongReadLen => 1_000_000 });
}

# DBD::ODBC tells the SQLSTATE, and no number.
sub state_of {
    my ($run) = @_;
    return eval { $run->(); 1 } ? '' : $DBI::state;
}

my $connection = open_connection($W);

tr_('texts', sub {
    $connection->do('INSERT INTO pipes_settings (name, length) VALUES (?, 10)', undef, $name);
    my $insert = $connection->prepare("INSERT INTO pipes_messages (name, event, message) VALUES (?, 'ev', ?)");
    for my $text ($T, $BIG) {
        eq_('affected', 1, $insert->execute($name, encode('UTF-8', $text)));
        my ($stored) = $connection->selectrow_array('SELECT message FROM pipes_messages WHERE name = ?', undef, $name);
        eq_('round_trip', md5($text), md5(decode('UTF-8', $stored)));
        $connection->do('DELETE FROM pipes_messages WHERE name = ?', undef, $name);
    }
    $insert->execute($name, "m$_") for 1 .. $N;
    my $stored = $connection->selectcol_arrayref('SELECT message FROM pipes_messages WHERE name = ?', undef, $name);
    eq_('many', "m$N", $stored->[-1]);
    $connection->do('DELETE FROM pipes_settings WHERE name = ?', undef, $name);
});

tr_('users', sub {
    $connection->do('INSERT INTO users_auth (id, hash) VALUES (?, ?)', undef, $ID, 'one');
    my $select = $connection->prepare('SELECT * FROM users_auth WHERE id = ?');
    $select->execute($ID);
    eq_('columns', 'id,hash', join ',', @{ $select->{NAME_lc} });
    eq_('row', "$ID one", join ' ', @{ $select->fetchrow_arrayref });
    eq_('deleted', 1, $connection->do('DELETE FROM users_auth WHERE id = ?', undef, $ID));
    eq_('no_rows', 0, scalar @{ $connection->selectall_arrayref('SELECT * FROM users_auth WHERE id = ?', undef, $ID) });
});

tr_('transactions', sub {
    $connection->begin_work;
    $connection->do('INSERT INTO users_auth (id, hash) VALUES (?, ?)', undef, $ID, 'x');
    $connection->rollback;
    eq_('rolled_back', 0, scalar @{ $connection->selectall_arrayref("SELECT * FROM users_auth WHERE id = $ID") });
});

tr_('catalog', sub {
    my @tables = map { $_->[2] } @{ $connection->table_info($DB, undef, '%', 'TABLE')->fetchall_arrayref };
    ok('tables', (grep { $_ eq 'users_auth' } @tables), "@tables");
    my @columns = map { $_->[3] } @{ $connection->column_info($DB, undef, 'users_auth', '%')->fetchall_arrayref };
    eq_('columns_of', 'id hash', "@columns");
});

eq_('err_table', '42S02', state_of(sub { $connection->do('SELECT * FROM no_such_table WHERE id = 1') }));
eq_('err_syntax', '42000', state_of(sub { $connection->do('SELEKT') }));
eq_('wrong_password', '28000', state_of(sub { open_connection("${W}x") }));
tr_('usable', sub { eq_('usable', 1, ($connection->selectrow_array('SELECT 1'))[0]) });
tr_('tls', sub { eq_('tls', 1, (open_connection($W, ";SSLCA=$ENV{CQ_TLS_CA};FORCETLS=1")->selectrow_array('SELECT 1'))[0]) });
print "done\n";
