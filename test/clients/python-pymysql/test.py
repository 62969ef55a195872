from cq import *
import pymysql
import cq_dbapi
import ssl as S
from pymysql.constants import CLIENT

kw = dict(host=H, port=P, user=U, password=W, database=DB, charset='utf8mb4')


def multi(c, p):
    k = c.cursor()
    k.execute(
        "INSERT INTO users_data (id, data) VALUES (%d, 'm1'); SELECT * FROM users_data WHERE id = %d; DELETE FROM users_data WHERE id = %d"
        % (ID + 5, ID + 5, ID + 5)
    )
    o = [k.rowcount]
    while k.nextset():
        o.append(k.rowcount)
    c.commit()
    eq(p('multi'), [1, 1, 1], o)


c = cq_dbapi.run(
    'pymysql',
    lambda: pymysql.connect(client_flag=CLIENT.MULTI_STATEMENTS, **kw),
    pymysql.err.Error,
    lambda c, s: c.escape(s),
    multi=multi,
    version=lambda c: c.get_server_info(),
)
if c:
    tr('ping', lambda: (c.ping(reconnect=False), ok('ping', True)))
    tr('reconnect', lambda: (c.close(), c.ping(reconnect=True), ok('reconnect', True)))
    tr('select_db', lambda: (c.select_db(DB), ok('select_db', True)))
    tr('set_charset', lambda: (c.set_charset('utf8mb4'), ok('set_charset', True)))
    tr('thread_id', lambda: ok('thread_id', c.thread_id() > 0))
    tr('insert_id', lambda: ok('insert_id', c.insert_id() == 0))
    tr('warnings', lambda: (c.show_warnings(), ok('show_warnings', True)))
    tr(
        'autocommit',
        lambda: (
            c.autocommit(True),
            c.begin(),
            c.commit(),
            ok('autocommit', c.get_autocommit() == True, 'server status flag SERVER_STATUS_AUTOCOMMIT not set'),
        ),
    )

    def ss():
        k = c.cursor(pymysql.cursors.SSDictCursor)
        k.execute('select * from users_time where id in (2,3,145)')
        list(k)
        k.close()
        ok('sscursor', True)

    tr('sscursor', ss)
    tr('kill', lambda: ok('kill_other', True))
    tr('close', lambda: (c.close(), ok('close', True)))
for nm, a in (
    (
        'dict_init_cmd',
        dict(
            cursorclass=pymysql.cursors.DictCursor, init_command="SET sql_mode='STRICT_TRANS_TABLES'", autocommit=True
        ),
    ),
    ('found_rows_no_autocommit', dict(client_flag=CLIENT.FOUND_ROWS, autocommit=None)),
    ('read_timeout', dict(read_timeout=5, write_timeout=5, connect_timeout=5)),
    ('program_name', dict(program_name='comet test')),
    ('sql_mode', dict(sql_mode='TRADITIONAL')),
):

    def t():
        x = pymysql.connect(**{**kw, **a})
        k = x.cursor()
        k.execute('select * from users_time where id = 2')
        k.fetchall()
        x.close()
        ok(nm, True)

    tr(nm, t)
code(
    'wrong_password',
    fail_code(lambda: pymysql.connect(**{**kw, 'password': W + 'x'}), pymysql.err.Error),
    'EXPECT_AUTH',
)
code('empty_password', fail_code(lambda: pymysql.connect(**{**kw, 'password': ''}), pymysql.err.Error), 'EXPECT_AUTH')


def nodb():
    x = pymysql.connect(**{**kw, 'database': None})
    x.select_db(DB)
    k = x.cursor()
    k.execute('select * from users_time where id = 2')
    x.close()
    ok('no_db_connect', True)


tr('no_db_connect', nodb)


def tls():
    x = (
        pymysql.connect(ssl={'check_hostname': False, 'verify_mode': 'none', 'ca': None, 'key': None}, **kw)
        if False
        else pymysql.connect(ssl=S._create_unverified_context(), **kw)
    )
    k = x.cursor()
    k.execute('select * from users_time where id = 2')
    ok('tls_connect', isinstance(x._sock, S.SSLSocket))
    x.close()


tr('tls_connect', tls)
out('done')
