use strict;
use warnings;
use utf8;
use CQ;

package Comet::User;
use base 'DBIx::Class::Core';
__PACKAGE__->table('users_auth');
__PACKAGE__->add_columns(id => { data_type => 'integer' }, hash => { data_type => 'text' });
__PACKAGE__->set_primary_key('id');

package Comet::Message;
use base 'DBIx::Class::Core';
__PACKAGE__->table('pipes_messages');
__PACKAGE__->add_columns(name => { data_type => 'text' }, event => { data_type => 'text' }, message => { data_type => 'text' });

package Comet;
use base 'DBIx::Class::Schema';
__PACKAGE__->register_class(User => 'Comet::User');
__PACKAGE__->register_class(Message => 'Comet::Message');

package main;

sub schema {
    my ($password, %more) = @_;
    return Comet->connect("dbi:MariaDB:database=$DB;host=$H;port=$P", $U, $password, { quote_char => '`', name_sep => '.', %more });
}

sub number_of {
    my ($run) = @_;
    return eval { $run->(); 1 } ? 0 : $DBI::err;
}

my $schema = schema($W);
my $users = $schema->resultset('User');
my $messages = $schema->resultset('Message');
my $name = "${TAG}_dbic";
my $do = sub {
    my @statement = @_;
    $schema->storage->dbh_do(sub { $_[1]->do(@statement) });
};

tr_('round_trips', sub {
    $do->('INSERT INTO pipes_settings (name, length) VALUES (?, 10)', undef, $name);
    $messages->create({ name => $name, event => 'ev', message => $_ }) for $T, $C, $BIG;
    my @stored = $messages->search({ name => $name })->get_column('message')->all;
    eq_('round_trips', join(' ', map { md5($_) } $T, $C, $BIG), join(' ', map { md5($_) } @stored));
    eq_('deleted', 3, 0 + $messages->search({ name => $name })->delete);
    $do->('DELETE FROM pipes_settings WHERE name = ?', undef, $name);
});

tr_('users', sub {
    $users->populate([[qw(id hash)], [$ID, 'one'], [$ID + 1, 'two']]);
    my @found = $users->search({ id => { -in => [$ID, $ID + 1] } }, { order_by => { -desc => 'id' } });
    eq_('search', 'two one', join(' ', map { $_->get_column('hash') } @found));
    eq_('find', 'one', $users->find($ID)->get_column('hash'));
    ok('missing', !defined $users->find($ID + 2));
    eq_('count', 2, $users->search({ id => [$ID, $ID + 1] })->count);
    eq_('deleted_users', 2, 0 + $users->search({ id => [$ID, $ID + 1] })->delete);
});

tr_('transactions', sub {
    my $insert = sub { $users->create({ id => $ID, hash => 'x' }) };
    eval { $schema->txn_do(sub { $insert->(); die "rolled back\n" }) };
    ok('rolled_back', !$users->find($ID));
    $schema->txn_do($insert);
    ok('committed', $users->find($ID));
    $users->find($ID)->delete;
});

code('err_table', number_of(sub { $do->('SELECT * FROM no_such_table WHERE id = 1') }), 'EXPECT_NOTABLE');
code('err_syntax', number_of(sub { $do->('SELEKT') }), 'EXPECT_SYNTAX');
code('wrong_password', number_of(sub { schema("${W}x")->storage->ensure_connected }), 'EXPECT_AUTH');
tr_('tls', sub {
    my $encrypted = schema($W, mariadb_ssl => 1, mariadb_ssl_ca_file => $ENV{CQ_TLS_CA});
    $encrypted->storage->ensure_connected;
    ok('tls', $encrypted->storage->dbh->{mariadb_ssl_cipher});
});
print "done\n";
