# Publishes a message into the pipe "chat" and tells who is there. Run: perl examples/backends/publish.pl
# COMET_PASSWORD is that of the server; DBD::MariaDB is Debian's package libdbd-mariadb-perl.
use strict;
use warnings;
use DBI;

my $host = $ENV{COMETQL_HOST} // '127.0.0.1';
my $port = $ENV{COMETQL_PORT} // 3307;
my $password = $ENV{COMET_PASSWORD} // '';

my $comet = DBI->connect("dbi:MariaDB:host=$host;port=$port;database=CometQL_v1", 'root', $password, { RaiseError => 1 });

$comet->do(
    'INSERT INTO pipes_messages (name, event, message) VALUES (?, ?, ?)',
    undef, 'chat', 'message', "hello from Perl, it's easy",
);

my $sessions = $comet->selectall_arrayref(
    'SELECT user_id, user_agent FROM users_in_pipes WHERE name = ?',
    undef, 'chat',
);

printf "%d online\n", scalar @$sessions;
for my $session (@$sessions) {
    my ($user_id, $user_agent) = @$session;
    printf "%s, %s\n", $user_id > 0 ? "user $user_id" : 'a visitor', $user_agent;
}
