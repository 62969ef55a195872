<?php
require __DIR__ . '/../lib/cq.php';
require 'Doctrine/DBAL/autoload.php';

use Doctrine\DBAL\ArrayParameterType;
use Doctrine\DBAL\Connection;
use Doctrine\DBAL\DriverManager;
use Doctrine\DBAL\Exception\DriverException;
use Doctrine\DBAL\ParameterType;

$login = ['host' => $H, 'port' => $P, 'user' => $U, 'password' => $W, 'dbname' => $DB, 'charset' => 'utf8mb4'];

function numberOf(callable $run): int
{
    try {
        $run();
        return 0;
    } catch (DriverException $e) {
        return $e->getCode();
    }
}

function checkTexts(Connection $db, string $name, array $texts): void
{
    $db->insert('pipes_settings', ['name' => $name, 'length' => 10]);
    foreach ($texts as $text) {
        eq('affected', 1, $db->insert('pipes_messages', ['name' => $name, 'event' => 'ev', 'message' => $text]));
    }
    $stored = $db->fetchFirstColumn('SELECT message FROM pipes_messages WHERE name = ?', [$name]);
    eq('round_trips', array_map('md5', $texts), array_map('md5', $stored));
    eq('deleted', count($texts), $db->delete('pipes_messages', ['name' => $name]));
    $db->delete('pipes_settings', ['name' => $name]);
}

function checkUsers(Connection $db, int $id): void
{
    $db->insert('users_auth', ['id' => $id, 'hash' => 'one']);
    $db->insert('users_auth', ['id' => $id + 1, 'hash' => 'two']);
    $rows = $db->fetchAllKeyValue('SELECT id, hash FROM users_auth WHERE id IN (?) ORDER BY id DESC', [[$id, $id + 1]], [ArrayParameterType::INTEGER]);
    eq('rows', [$id + 1 => 'two', $id => 'one'], $rows);
    $built = $db->createQueryBuilder()->select('u.hash')->from('users_auth', 'u')->where('u.id = :id');
    eq('query_builder', 'two', $built->setParameter('id', $id + 1, ParameterType::INTEGER)->fetchOne());
    eq('no_rows', false, $db->fetchAssociative('SELECT * FROM users_auth WHERE id = ?', [$id + 2]));
    $remove = $db->prepare('DELETE FROM users_auth WHERE id = ?');
    foreach ([$id, $id + 1] as $user) {
        $remove->bindValue(1, $user, ParameterType::INTEGER);
        eq('deleted_user', 1, $remove->executeStatement());
    }
}

function checkTransactions(Connection $db, int $id): void
{
    $count = fn() => (int) $db->fetchOne('SELECT COUNT(*) FROM users_auth WHERE id = ?', [$id]);
    $db->beginTransaction();
    $db->insert('users_auth', ['id' => $id, 'hash' => 'x']);
    $db->rollBack();
    eq('rolled_back', 0, $count());
    $db->transactional(fn() => $db->insert('users_auth', ['id' => $id, 'hash' => 'x']));
    eq('committed', 1, $count());
    $db->delete('users_auth', ['id' => $id]);
}

function checkSchema(Connection $db): void
{
    $schema = $db->createSchemaManager();
    ok('tables', !array_diff(['users_auth', 'pipes'], $schema->listTableNames()));
    eq('columns', ['id', 'hash'], array_keys($schema->listTableColumns('users_auth')));
    eq('primary_key', ['id'], $schema->introspectTable('users_auth')->getPrimaryKey()?->getColumns());
}

foreach (['pdo_mysql', 'mysqli'] as $driver) {
    $db = DriverManager::getConnection(['driver' => $driver] + $login);
    tr('texts', fn() => checkTexts($db, "{$TAG}_doctrine", [$T, $C, $BIG]));
    tr('users', fn() => checkUsers($db, $ID));
    tr('transactions', fn() => checkTransactions($db, $ID));
    tr('schema', fn() => checkSchema($db));
    code('err_table', numberOf(fn() => $db->executeQuery('SELECT * FROM no_such_table WHERE id = 1')), 'EXPECT_NOTABLE');
    code('err_syntax', numberOf(fn() => $db->executeStatement('SELEKT')), 'EXPECT_SYNTAX');
    $refused = DriverManager::getConnection(['driver' => $driver, 'password' => "{$W}x"] + $login);
    code('wrong_password', numberOf(fn() => $refused->connect()), 'EXPECT_AUTH');
}
$tls = [PDO::MYSQL_ATTR_SSL_CA => getenv('CQ_TLS_CA')];
$encrypted = DriverManager::getConnection(['driver' => 'pdo_mysql', 'driverOptions' => $tls] + $login);
tr('tls', fn() => eq('tls', '1', (string) $encrypted->fetchOne('SELECT 1')));
echo "done\n";
