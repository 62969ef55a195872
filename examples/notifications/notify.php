<?php
// Notifies a user, who may be away. Run: php examples/notifications/notify.php 1 'Build passed' 'All 512 tests are green'
if ($argc !== 4) exit("Use: php notify.php <user id> <title> <text>\n");
[, $user, $title, $text] = $argv;

$link = mysqli_connect('127.0.0.1', 'root', getenv('COMET_PASSWORD'), 'CometQL_v1', getenv('COMETQL_PORT') ?: 3307);
$message = json_encode(['title' => $title, 'text' => $text]);
$insert = mysqli_prepare($link, 'INSERT INTO users_messages (id, event, message) VALUES (?, ?, ?)');
$event = 'notice';
mysqli_stmt_bind_param($insert, 'iss', $user, $event, $message);
mysqli_stmt_execute($insert);
