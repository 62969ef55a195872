from cq import *
import asyncio
import aiomysql
import pymysql
import ssl


async def main():
    kw = dict(host=H, port=P, user=U, password=W, charset='utf8mb4')
    try:
        pool = await aiomysql.create_pool(db=DB, minsize=2, maxsize=5, autocommit=True, **kw)
    except Exception as e:
        ok('connect', False, e)
        return
    ok('connect', True)
    n = TAG + '_a'

    async def q(sql, a=None):
        async with pool.acquire() as c:
            async with c.cursor(aiomysql.DictCursor) as k:
                await k.execute(sql, a)
                return (await k.fetchall()) if k.description else k.rowcount

    async def step(name, f):
        try:
            await f()
        except Exception as e:
            ok(name, False, '%s %s' % (type(e).__name__, e))

    async def a1():
        await q("INSERT INTO pipes_settings (name, length) VALUES (%s, 10)", (n,))
        eq(
            'affected',
            1,
            await q("INSERT INTO pipes_messages (name, event, message) VALUES (%s, %s, %s)", (n, 'ev', T)),
        )
        r = await q("SELECT * FROM pipes_messages WHERE name = %s", (n,))
        eq('rt_param', T, r[0]['message'] if r else None)

    await step('rt_param', a1)

    async def a2():
        await q("INSERT INTO users_auth (id, hash) VALUES (%s, %s)", (ID, 'hh'))
        eq('auth_sel', [{'id': ID, 'hash': 'hh'}], list(await q("SELECT * FROM users_auth WHERE id = %s", (ID,))))

    await step('auth_sel', a2)

    async def par():
        r = await asyncio.gather(*[q("select * from users_time where id in (2,3,145)") for _ in range(20)])
        ok('parallel', len(r) == 20)

    await step('parallel', par)

    async def a3():
        z = None
        try:
            await q("SELECT * FROM no_such_table WHERE id=1")
        except pymysql.err.Error as e:
            z = e.args[0]
        code('err_table', z, 'EXPECT_NOTABLE')
        ok('err_usable', len(await q("SELECT * FROM users_auth WHERE id = %s", (ID,))) == 1)

    await step('err_table', a3)

    async def a4():
        await q("DELETE FROM pipes_messages WHERE name = %s", (n,))
        await q("INSERT INTO pipes_messages (name, event, message) VALUES (%s, 'ev', %s)", (n, BIG))
        r = await q("SELECT message FROM pipes_messages WHERE name = %s", (n,))
        eq('big_rt', md5(BIG), md5(r[0]['message']) if r else None)

    await step('big', a4)

    async def a5():
        async with pool.acquire() as c:
            k = await c.cursor()
            for i in range(N):
                await k.execute(
                    "INSERT INTO pipes_messages (name, event, message) VALUES (%s, 'ev', %s)", (n + 'm', 'm%d' % i)
                )
            ok('many', True)
            await c.ping()
            ok('ping', True)
            await c.select_db(DB)
            ok('select_db', True)
            await c.begin()
            await c.commit()
            ok('tx', True)
            ok('get_server_info', bool(c.get_server_info()))

    await step('many', a5)

    async def a6():
        for x in (n, n + 'm'):
            await q("DELETE FROM pipes_messages WHERE name = %s", (x,))
            await q("DELETE FROM pipes_settings WHERE name = %s", (x,))
        eq('del_affected', 1, await q("DELETE FROM users_auth WHERE id = %s", (ID,)))

    await step('del', a6)
    pool.close()
    await pool.wait_closed()
    for nm, pw in (('wrong_password', W + 'x'), ('empty_password', '')):
        z = None
        try:
            await aiomysql.connect(db=DB, **{**kw, 'password': pw})
        except pymysql.err.Error as e:
            z = (e.__cause__ or e).args[0]  # aiomysql wraps the server's error in a 2003
        except Exception as e:
            z = repr(e)
        code(nm, z, 'EXPECT_AUTH')

    async def t():
        c = await aiomysql.connect(db=DB, ssl=ssl._create_unverified_context(), **kw)
        k = await c.cursor()
        await k.execute("select * from users_time where id = 2")
        ok('tls_connect', True)
        c.close()

    await step('tls_connect', t)


asyncio.run(main())
out('done')
