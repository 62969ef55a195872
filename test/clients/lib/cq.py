import os
import sys
import hashlib

E = os.environ
H = E['CQ_HOST']
P = int(E['CQ_PORT'])
U = E['CQ_USER']
W = E['CQ_PASS']
DB = E['CQ_DB']
TAG = E['CQ_TAG']
ID = int(E['CQ_ID'])
N = int(E['CQ_N'])
rd = lambda k: open(E[k], 'rb').read().decode('utf-8')
T = rd('CQ_TRICKY')
C = rd('CQ_CTRL')
BIG = rd('CQ_BIG')


def out(s):
    sys.stdout.write(s + '\n')
    sys.stdout.flush()


def ok(n, c, d=''):
    out('ok ' + n if c else 'not ok %s # %s' % (n, str(d).replace('\n', ' ')[:250]))
    return bool(c)


def skip(n, d):
    out('skip %s # %s' % (n, d))


def eq(n, w, g):
    return ok(
        n,
        w == g,
        'want %r got %r' % (w if len(repr(w)) < 90 else repr(w)[:90], g if len(repr(g)) < 120 else repr(g)[:120]),
    )


def tr(n, f):
    try:
        return f()
    except Exception as e:
        ok(n, False, '%s: %s' % (type(e).__name__, e))


def code(n, c, env):
    x = E.get(env, '')
    return ok(n, isinstance(c, int) and c > 0 and (not x or int(x) == c), 'code=%r expected %s' % (c, x or 'non-zero'))


def md5(s):
    return hashlib.md5(s.encode('utf-8') if isinstance(s, str) else s).hexdigest()


def fail_code(f, exc):
    try:
        f()
    except exc as e:
        return e.args[0] if e.args else None
    return None
