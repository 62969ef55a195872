import asyncio
import ssl
from urllib.parse import quote
from cq import *
from databases import Database

NAME = TAG + '_databases'


def url(password):
    return 'mysql://%s:%s@%s:%d/%s?charset=utf8mb4' % (U, quote(password), H, P, DB)


async def texts(database):
    await database.execute('INSERT INTO pipes_settings (name, length) VALUES (:name, 10)', {'name': NAME})
    insert = "INSERT INTO pipes_messages (name, event, message) VALUES (:name, 'ev', :message)"
    await database.execute_many(insert, [{'name': NAME, 'message': text} for text in (T, C, BIG)])
    select = 'SELECT message FROM pipes_messages WHERE name = :name'
    rows = await database.fetch_all(select, {'name': NAME})
    eq('round_trips', [md5(T), md5(C), md5(BIG)], [md5(row['message']) for row in rows])
    eq('iterated', 3, len([row async for row in database.iterate(select, {'name': NAME})]))
    await database.execute('DELETE FROM pipes_messages WHERE name = :name', {'name': NAME})
    await database.execute('DELETE FROM pipes_settings WHERE name = :name', {'name': NAME})


async def users(database):
    eq(
        'insert_id',
        ID,
        await database.execute('INSERT INTO users_auth (id, hash) VALUES (:id, :hash)', {'id': ID, 'hash': 'one'}),
    )
    row = await database.fetch_one('SELECT id, hash FROM users_auth WHERE id = :id', {'id': ID})
    eq('row', (ID, 'one'), (row['id'], row['hash']))
    eq('value', 'one', await database.fetch_val('SELECT hash FROM users_auth WHERE id = :id', {'id': ID}))


async def transactions(database):
    transaction = await database.transaction()
    await database.execute('DELETE FROM users_auth WHERE id = :id', {'id': ID})
    await transaction.rollback()
    eq('rolled_back', 1, len(await database.fetch_all('SELECT * FROM users_auth WHERE id = :id', {'id': ID})))
    async with database.transaction():
        await database.execute('DELETE FROM users_auth WHERE id = :id', {'id': ID})
    eq('committed', 0, len(await database.fetch_all('SELECT * FROM users_auth WHERE id = :id', {'id': ID})))


async def number_of(statement):
    try:
        await statement
    except Exception as error:
        return error.args[0]


async def errors(database):
    code('err_table', await number_of(database.fetch_all('SELECT * FROM no_such_table WHERE id = 1')), 'EXPECT_NOTABLE')
    code('err_syntax', await number_of(database.execute('SELEKT')), 'EXPECT_SYNTAX')


async def logins(_):
    # aiomysql has 2003 for every login that fails.
    eq('wrong_password', 2003, await number_of(Database(url(W + 'x')).connect()))
    async with Database(url(W), ssl=ssl.create_default_context(cafile=E['CQ_TLS_CA'])) as encrypted:
        eq('tls', 1, await encrypted.fetch_val('SELECT 1'))


async def main():
    async with Database(url(W)) as database:
        for check in (texts, users, transactions, errors, logins):
            try:
                await check(database)
            except Exception as error:
                ok(check.__name__, False, repr(error))
    out('done')


asyncio.run(main())
