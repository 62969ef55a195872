from cq import *
import sqlalchemy as sa
from sqlalchemy import (
    text,
    create_engine,
    MetaData,
    Table,
    Column,
    Integer,
    Text,
    String,
    select,
    insert,
    delete,
    inspect,
)
from urllib.parse import quote_plus as qp

for drv in ('pymysql', 'mysqldb'):
    p = lambda s: drv + '.' + s
    e = create_engine(
        'mysql+%s://%s:%s@%s:%d/%s?charset=utf8mb4' % (drv, qp(U), qp(W), H, P, DB),
        pool_pre_ping=True,
        pool_recycle=3600,
        future=True,
    )
    i = ID + (0 if drv == 'pymysql' else 10)
    n = TAG + '_' + drv[2]

    def t1():
        with e.connect() as c:
            ok(p('connect'), True)
            ok(p('server_version'), bool(e.dialect.server_version_info), e.dialect.server_version_info)
            c.execute(text("INSERT INTO pipes_settings (name, length) VALUES (:n, 10)"), {'n': n})
            r = c.execute(
                text("INSERT INTO pipes_messages (name, event, message) VALUES (:n, :e, :m)"),
                {'n': n, 'e': 'ev', 'm': T},
            )
            eq(p('affected'), 1, r.rowcount)
            c.commit()
            r = c.execute(text("SELECT * FROM pipes_messages WHERE name = :n"), {'n': n}).mappings().all()
            eq(p('rt_param'), T, r[0]['message'] if r else None)
            c.execute(
                text("INSERT INTO users_auth (id, hash) VALUES (:i, :h)"),
                [{'i': i, 'h': 'h1'}, {'i': i + 1, 'h': 'h2'}],
            )
            c.commit()
            r = c.execute(
                text("SELECT id, hash FROM users_auth WHERE id IN :ids").bindparams(
                    sa.bindparam('ids', expanding=True)
                ),
                {'ids': [i, i + 1]},
            )
            eq(p('keys'), ['id', 'hash'], list(r.keys()))
            eq(p('auth_sel'), [(i, 'h1'), (i + 1, 'h2')], sorted(tuple(x) for x in r))
            r = c.execute(text("select * from users_time where id in (2,3,145)"))
            eq(p('time_in'), ['id', 'time'], list(r.keys()))
            r.fetchall()
            r = c.execute(text("select * from pipes where name in ('a','b')"))
            eq(p('pipes_in'), ['name', 'users'], list(r.keys()))
            r.fetchall()

    tr(p('connect'), t1)

    def t2():
        with e.connect() as c:
            z = None
            try:
                c.execute(text("SELECT * FROM no_such_table WHERE id = 1"))
            except sa.exc.DBAPIError as x:
                z = x.orig.args[0]
            code(p('err_table'), z, 'EXPECT_NOTABLE')
            c.rollback()
            ok(p('err_usable'), len(c.execute(text("SELECT * FROM users_auth WHERE id = %d" % i)).fetchall()) == 1)

    tr(p('err_table'), t2)

    def t3():
        with e.begin() as c:
            c.execute(text("DELETE FROM pipes_messages WHERE name = :n"), {'n': n})
            c.execute(
                text("INSERT INTO pipes_messages (name, event, message) VALUES (:n, 'ev', :m)"), {'n': n, 'm': BIG}
            )
            r = c.execute(text("SELECT message FROM pipes_messages WHERE name = :n"), {'n': n}).scalar()
            eq(p('big_rt'), md5(BIG), md5(r or ''))
            for k in range(N):
                c.execute(
                    text("INSERT INTO pipes_messages (name, event, message) VALUES (:n, 'ev', :m)"),
                    {'n': n + 'm', 'm': 'm%d' % k},
                )
            ok(p('many'), True)
            for x in (n, n + 'm'):
                c.execute(text("DELETE FROM pipes_messages WHERE name = :n"), {'n': x})
                c.execute(text("DELETE FROM pipes_settings WHERE name = :n"), {'n': x})
            r = c.execute(text("DELETE FROM users_auth WHERE id IN (:a, :b)"), {'a': i, 'b': i + 1})
            eq(p('del_affected'), 2, r.rowcount)

    tr(p('big'), t3)

    def t4():
        with e.connect().execution_options(isolation_level='AUTOCOMMIT') as c:
            c.execute(text("select * from users_time where id = 2")).fetchall()
            ok(p('isolation_autocommit'), True)

    tr(p('isolation_autocommit'), t4)

    def t5():
        t = Table(
            'users_auth',
            MetaData(),
            Column('id', Integer, primary_key=True, autoincrement=False),
            Column('hash', Text),
        )
        with e.begin() as c:
            c.execute(insert(t).values(id=i + 2, hash="it=s"))
            r = c.execute(select(t).where(t.c.id == i + 2)).fetchall()
            eq(p('qb_core'), [(i + 2, "it=s")], [tuple(x) for x in r])
            r = c.execute(select(t.c.hash).where(t.c.id.in_([i + 2, i + 3]))).fetchall()
            eq(p('qb_in'), 1, len(r))
            eq(p('qb_delete'), 1, c.execute(delete(t).where(t.c.id == i + 2)).rowcount)

    tr(p('qb_core'), t5)
    tr(
        p('qb_has_table'),
        lambda: ok(p('qb_has_table'), inspect(e).has_table('users_auth') and not inspect(e).has_table('no_such_table')),
    )
    tr(
        p('qb_table_names'),
        lambda: ok(p('qb_table_names'), 'users_auth' in inspect(e).get_table_names(), inspect(e).get_table_names()),
    )

    def t6():
        cs = inspect(e).get_columns('users_auth')
        eq(p('qb_columns'), ['id', 'hash'], [x['name'] for x in cs])

    tr(p('qb_columns'), t6)
    b = create_engine('mysql+%s://%s:%s@%s:%d/%s' % (drv, qp(U), qp(W + 'x'), H, P, DB))
    z = None
    try:
        b.connect()
    except sa.exc.DBAPIError as x:
        z = x.orig.args[0]
    except Exception as x:
        z = repr(x)
    code(p('wrong_password'), z, 'EXPECT_AUTH')
    e.dispose()

    def tls():
        encrypted = create_engine(
            'mysql+%s://%s:%s@%s:%d/%s' % (drv, qp(U), qp(W), H, P, DB), connect_args={'ssl': {'ca': E['CQ_TLS_CA']}}
        )
        with encrypted.connect() as c:
            eq(p('tls'), 1, c.execute(text('SELECT 1')).scalar())

    tr(p('tls'), tls)
out('done')
