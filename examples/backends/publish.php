<?php
// Publishes a message into the pipe "chat" and tells who is there. Run: php examples/backends/publish.php
// COMET_PASSWORD is that of the server; PDO comes with Debian's packages php-cli and php-mysql.
$host = getenv('COMETQL_HOST') ?: '127.0.0.1';
$port = getenv('COMETQL_PORT') ?: 3307;
$password = getenv('COMET_PASSWORD') ?: '';

$comet = new PDO("mysql:host=$host;port=$port;dbname=CometQL_v1;charset=utf8mb4", 'root', $password);

$publish = $comet->prepare('INSERT INTO pipes_messages (name, event, message) VALUES (?, ?, ?)');
$publish->execute(['chat', 'message', "hello from PHP, it's easy"]);

$present = $comet->prepare('SELECT user_id, user_agent FROM users_in_pipes WHERE name = ?');
$present->execute(['chat']);
$sessions = $present->fetchAll(PDO::FETCH_ASSOC);

echo count($sessions), " online\n";
foreach ($sessions as $session) {
    echo $session['user_id'] > 0 ? "user {$session['user_id']}" : 'a visitor', ', ', $session['user_agent'], "\n";
}
