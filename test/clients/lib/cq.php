<?php
$H = getenv('CQ_HOST');
$P = (int) getenv('CQ_PORT');
$U = getenv('CQ_USER');
$W = getenv('CQ_PASS');
$DB = getenv('CQ_DB');
$TAG = getenv('CQ_TAG');
$ID = (int) getenv('CQ_ID');
$N = (int) getenv('CQ_N');
$T = file_get_contents(getenv('CQ_TRICKY'));
$C = file_get_contents(getenv('CQ_CTRL'));
$BIG = file_get_contents(getenv('CQ_BIG'));
function ok($n, $c, $d = '')
{
    if ($c) {
        echo "ok $n\n";
    } else {
        echo "not ok $n # " . substr(str_replace("\n", ' ', is_string($d) ? $d : json_encode($d)), 0, 250) . "\n";
    }
    return $c;
}
function skip($n, $d)
{
    echo "skip $n # $d\n";
}
function eq($n, $want, $got)
{
    return ok(
        $n,
        $want === $got,
        'want ' .
            substr(json_encode($want, JSON_INVALID_UTF8_SUBSTITUTE), 0, 90) .
            ' got ' .
            substr(json_encode($got, JSON_INVALID_UTF8_SUBSTITUTE), 0, 120),
    );
}
function tr($n, $f)
{
    try {
        return $f();
    } catch (Throwable $e) {
        ok($n, false, get_class($e) . ' ' . $e->getCode() . ' ' . $e->getMessage());
        return null;
    }
}
function code($n, $code, $env)
{
    $x = getenv($env);
    return ok(
        $n,
        is_numeric($code) && $code > 0 && ($x === '' || $x === false || (int) $x == (int) $code),
        'code=' . var_export($code, true) . ' expected ' . ($x ?: 'non-zero'),
    );
}
