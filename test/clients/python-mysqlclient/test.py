from cq import *
import MySQLdb
import MySQLdb.cursors
import cq_dbapi
from MySQLdb.constants import CLIENT

kw = dict(host=H, port=P, user=U, passwd=W, db=DB, charset='utf8mb4')


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
    'mysqldb',
    lambda: MySQLdb.connect(client_flag=CLIENT.MULTI_STATEMENTS, **kw),
    MySQLdb.Error,
    lambda c, s: "'" + c.escape_string(s.encode()).decode() + "'",
    multi=multi,
    version=lambda c: c.get_server_info(),
)
if c:
    tr('ping', lambda: (c.ping(), ok('ping', True)))
    tr('stat', lambda: ok('stat', bool(c.stat())))
    tr('select_db', lambda: (c.select_db(DB), ok('select_db', True)))
    tr('set_character_set', lambda: (c.set_character_set('utf8mb4'), ok('set_character_set', True)))
    tr('thread_id', lambda: ok('thread_id', c.thread_id() > 0))
    tr('host_info', lambda: ok('host_info', bool(c.get_host_info()) and c.get_proto_info() == 10))
    tr(
        'character_set_name',
        lambda: ok('character_set_name', c.character_set_name() == 'utf8mb4', c.character_set_name()),
    )
    tr('autocommit', lambda: (c.autocommit(True), ok('autocommit', c.get_autocommit() == True, 'status flag')))
    tr('change_user', lambda: (c.change_user(U, W, DB), ok('change_user', True)))
    tr(
        'set_server_option',
        lambda: (
            c.set_server_option(MySQLdb.constants.CLIENT.MULTI_STATEMENTS * 0),
            c.set_server_option(1),
            c.set_server_option(0),
            ok('set_server_option', True),
        ),
    )
    tr(
        'info',
        lambda: (
            c.query("INSERT INTO users_data (id, data) VALUES (%d, 'x')" % (ID + 7)),
            c.info(),
            c.query("DELETE FROM users_data WHERE id = %d" % (ID + 7)),
            ok('info_affected', c.affected_rows() == 1),
        ),
    )

    def ss():
        k = c.cursor(MySQLdb.cursors.SSDictCursor)
        k.execute('select * from users_time where id in (2,3,145)')
        k.fetchall()
        k.close()
        ok('sscursor', True)

    tr('sscursor', ss)
    tr('close', lambda: (c.close(), ok('close', True)))
for nm, a in (
    ('compress', dict(compress=True)),
    ('init_command', dict(init_command="SET sql_mode='STRICT_TRANS_TABLES'")),
    ('sql_mode', dict(sql_mode='TRADITIONAL')),
    ('autocommit_opt', dict(autocommit=True)),
    ('timeouts', dict(connect_timeout=5, read_timeout=5, write_timeout=5)),
    ('found_rows', dict(client_flag=CLIENT.FOUND_ROWS)),
):

    def t():
        x = MySQLdb.connect(**{**kw, **a})
        k = x.cursor()
        k.execute('select * from users_time where id = 2')
        k.fetchall()
        x.close()
        ok(nm, True)

    tr(nm, t)
code('wrong_password', fail_code(lambda: MySQLdb.connect(**{**kw, 'passwd': W + 'x'}), MySQLdb.Error), 'EXPECT_AUTH')
code('empty_password', fail_code(lambda: MySQLdb.connect(**{**kw, 'passwd': ''}), MySQLdb.Error), 'EXPECT_AUTH')


def tls():
    x = MySQLdb.connect(ssl={'cipher': 'DEFAULT'}, **kw)
    k = x.cursor()
    k.execute('select * from users_time where id = 2')
    ok('tls_connect', bool(x.get_ssl_cipher()) if hasattr(x, 'get_ssl_cipher') else True)
    x.close()


tr('tls_connect', tls)
out('done')
