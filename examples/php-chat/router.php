<?php
// The page comes from another port, so the browser wants to hear that it may read the answer.
header('Access-Control-Allow-Origin: *');
require __DIR__ . '/sendMsgToChat.php';
