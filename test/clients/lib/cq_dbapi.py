# shared DB-API 2.0 checks; driver specifics passed in
from cq import *


def run(
    name,
    connect,
    Err,
    esc,
    ph='%s',
    pfx='',
    int_types=(3, 8),
    text_types=(252, 253, 254, 251, 250, 249),
    multi=None,
    version=None,
    errno=lambda e: e.args[0],
    set_names=True,
):
    p = lambda s: pfx + s
    try:
        c = connect()
        ok(p('connect'), True)
    except Exception as e:
        ok(p('connect'), False, e)
        return
    S = TAG + ('_' + pfx.strip('.') if pfx else '')
    cur = c.cursor()
    if version:
        tr(p('server_version'), lambda: ok(p('server_version'), bool(version(c)), version(c)))

    def get(n):
        k = c.cursor()
        k.execute("SELECT * FROM pipes_messages WHERE name = " + ph, (n,))
        cols = [d[0] for d in k.description]
        r = [dict(zip(cols, x)) for x in k.fetchall()]
        k.close()
        return r

    def setl(n):
        cur.execute("INSERT INTO pipes_settings (name, length) VALUES (%s, %s)".replace('%s', ph), (n, 10))
        c.commit()

    def t_esc():
        n = S + '_e'
        setl(n)
        cur.execute("INSERT INTO pipes_messages (name, event, message) VALUES ('%s', 'ev', %s)" % (n, esc(c, T)))
        eq(p('ins_escaped_affected'), 1, cur.rowcount)
        c.commit()
        r = get(n)
        eq(p('sel_rowcount'), 1, len(r))
        eq(p('rt_escaped'), T, r[0]['message'] if r else None)

    if esc:
        tr(p('ins_escaped'), t_esc)

    def t_par():
        n = S + '_p'
        setl(n)
        cur.execute(
            "INSERT INTO pipes_messages (name, event, message) VALUES (%s, %s, %s)".replace('%s', ph), (n, 'ev', T)
        )
        eq(p('ins_param_affected'), 1, cur.rowcount)
        c.commit()
        r = get(n)
        eq(p('rt_param'), T, r[0]['message'] if r else None)
        n = S + '_c'
        setl(n)
        cur.execute(
            "INSERT INTO pipes_messages (name, event, message) VALUES (%s, %s, %s)".replace('%s', ph), (n, 'ev', C)
        )
        c.commit()
        r = get(n)
        eq(p('rt_ctrl'), C, r[0]['message'] if r else None)

    tr(p('ins_param'), t_par)

    def t_auth():
        h = md5('h%d' % ID)
        cur.execute("INSERT INTO users_auth (id, hash) VALUES (%s, %s)".replace('%s', ph), (ID, h))
        c.commit()
        ok(p('auth_ins'), True)
        cur.execute("SELECT * FROM users_auth WHERE id = " + ph, (ID,))
        d = cur.description
        eq(p('meta_columns'), ['id', 'hash'], [x[0] for x in d])
        if int_types:
            ok(p('meta_types'), d[0][1] in int_types and d[1][1] in text_types, (d[0][1], d[1][1]))
        eq(p('auth_sel'), [(ID, h)], [tuple(x) for x in cur.fetchall()])
        cur.execute("SELECT hash, id FROM users_auth WHERE id IN (%s, %s)".replace('%s', ph), (ID, ID + 1))
        eq(p('auth_sel_in'), (h, ID), tuple(cur.fetchone()))
        cur.fetchall()

    tr(p('auth'), t_auth)

    def t_time():
        cur.execute("select * from users_time where id in (2,3,145)")
        eq(p('time_in'), ['id', 'time'], [x[0] for x in cur.description])
        ok(p('time_ints'), all(isinstance(v, int) for r in cur.fetchall() for v in r))

    tr(p('time_in'), t_time)

    def t_pipes():
        cur.execute("select * from pipes where name in ('a','b')")
        eq(p('pipes_in'), ['name', 'users'], [x[0] for x in cur.description])
        cur.fetchall()

    tr(p('pipes_in'), t_pipes)

    def t_empty():
        cur.execute("SELECT * FROM users_auth WHERE id = %d" % (ID + 999))
        eq(p('empty_result'), (2, 0), (len(cur.description), len(cur.fetchall())))

    tr(p('empty_result'), t_empty)

    def t_many_in():
        cur.executemany(
            "INSERT INTO users_data (id, data) VALUES (%s, %s)".replace('%s', ph),
            [(ID + i, 'd%d' % i) for i in range(3)],
        )
        c.commit()
        k = c.cursor()
        k.execute("SELECT * FROM users_data WHERE id IN (%d, %d, %d)" % (ID, ID + 1, ID + 2))
        eq(p('executemany'), ['d0', 'd1', 'd2'], sorted(x[1] for x in k.fetchall()))
        cur.execute("DELETE FROM users_data WHERE id IN (%d, %d, %d)" % (ID, ID + 1, ID + 2))
        c.commit()

    tr(p('executemany'), t_many_in)
    for k, q, env in (
        ('err_table', 'SELECT * FROM no_such_table WHERE id = 1', 'EXPECT_NOTABLE'),
        ('err_ins_table', "INSERT INTO no_such_table (id) VALUES (1)", 'EXPECT_NOTABLE'),
        ('err_syntax', 'SELEKT bogus', 'EXPECT_SYNTAX'),
    ):

        def t_err():
            z = None
            try:
                cur.execute(q)
            except Err as e:
                z = errno(e)
            code(p(k), z, env)
            c.rollback()
            cur.execute("SELECT * FROM users_auth WHERE id = %d" % ID)
            eq(p(k + '_usable'), 1, len(cur.fetchall()))

        tr(p(k), t_err)

    def t_big():
        n = S + '_b'
        setl(n)
        cur.execute(
            "INSERT INTO pipes_messages (name, event, message) VALUES (%s, %s, %s)".replace('%s', ph), (n, 'ev', BIG)
        )
        c.commit()
        r = get(n)
        eq(p('big_rt'), md5(BIG), md5(r[0]['message']) if r else None)

    tr(p('big'), t_big)
    if multi:
        tr(p('multi'), lambda: multi(c, p))

    def t_many():
        for i in range(N):
            cur.execute(
                "INSERT INTO pipes_messages (name, event, message) VALUES (%s, %s, %s)".replace('%s', ph),
                (S + '_many', 'ev', 'm%d' % i),
            )
        c.commit()
        ok(p('many'), True)
        cur.execute("DELETE FROM pipes_messages WHERE name = " + ph, (S + '_many',))
        c.commit()

    tr(p('many'), t_many)

    def t_del():
        cur.execute("DELETE FROM users_auth WHERE id = " + ph, (ID,))
        eq(p('del_affected'), 1, cur.rowcount)
        c.commit()
        cur.execute("SELECT * FROM users_auth WHERE id = " + ph, (ID,))
        eq(p('del_check'), 0, len(cur.fetchall()))
        for x in 'epcb':
            cur.execute("DELETE FROM pipes_messages WHERE name = " + ph, (S + '_' + x,))
            cur.execute("DELETE FROM pipes_settings WHERE name = " + ph, (S + '_' + x,))
        c.commit()
        eq(p('del_msgs'), 0, len(get(S + '_p')))

    tr(p('del'), t_del)
    for q, nc in (
        ('SHOW TABLES', 1),
        ('SHOW DATABASES', 1),
        ('SHOW STATUS', 2),
        ("SHOW VARIABLES LIKE 'max_allowed_packet'", 2),
        ('SELECT @@version_comment', 1),
        ('SELECT DATABASE()', 1),
        ('SELECT VERSION()', 1),
        ('SELECT USER()', 1),
        ('DESCRIBE users_auth', None),
    ):

        def t_q():
            cur.execute(q)
            r = cur.fetchall()
            ok(
                p('q[%s]' % q),
                len(r) >= 1 and (nc is None or len(cur.description) == nc),
                (len(cur.description), len(r)),
            )

        tr(p('q[%s]' % q), t_q)

    def t_use():
        cur.execute('USE ' + DB)
        set_names and cur.execute("SET NAMES 'utf8mb4'")
        cur.execute("select * from users_time where id = 2")
        cur.fetchall()
        ok(p('use_db'), True)

    tr(p('use_db'), t_use)
    return c
