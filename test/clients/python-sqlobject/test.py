from urllib.parse import quote
from cq import *
from sqlobject import IN, IntCol, SQLObject, SQLObjectNotFound, StringCol, connectionForURI, dberrors, sqlhub


def uri(password, more=''):
    return 'mysql://%s:%s@%s:%d/%s?charset=utf8%s' % (U, quote(password), H, P, DB, more)


class User(SQLObject):
    class sqlmeta:
        table = 'users_auth'
        idType = int

    hash = StringCol()


class Data(SQLObject):
    class sqlmeta:
        table = 'users_data'
        idType = int

    data = StringCol()


connection = connectionForURI(uri(W))
sqlhub.processConnection = connection


def users():
    User(id=ID, hash='one')
    User(id=ID + 1, hash='two')
    User._connection.cache.clear()
    eq(
        'rows',
        [(ID, 'one'), (ID + 1, 'two')],
        [(u.id, u.hash) for u in User.select(IN(User.q.id, [ID, ID + 1])).orderBy('id')],
    )
    eq('count', 2, User.select(IN(User.q.id, [ID, ID + 1])).count())
    for user in list(User.select(IN(User.q.id, [ID, ID + 1]))):
        user.destroySelf()
    try:
        User.get(ID)
        ok('deleted', False)
    except SQLObjectNotFound:
        ok('deleted', True)


def texts():
    for text in (T, BIG):
        row = Data(id=ID, data=text)
        connection.cache.clear()
        eq('round_trip', md5(text), md5(Data.get(ID).data))
        row.destroySelf()


def statements():
    name = TAG + '_sqlobject'
    connection.query('INSERT INTO pipes_settings (name, length) VALUES (%s, 10)' % connection.sqlrepr(name))
    connection.query(
        'INSERT INTO pipes_messages (name, event, message) VALUES (%s, %s, %s)'
        % tuple(map(connection.sqlrepr, (name, 'ev', T)))
    )
    eq(
        'message',
        [(T,)],
        list(connection.queryAll('SELECT message FROM pipes_messages WHERE name = %s' % connection.sqlrepr(name))),
    )
    connection.query('DELETE FROM pipes_messages WHERE name = %s' % connection.sqlrepr(name))
    connection.query('DELETE FROM pipes_settings WHERE name = %s' % connection.sqlrepr(name))


def transactions():
    transaction = connection.transaction()
    User(id=ID + 2, hash='three', connection=transaction)
    transaction.rollback()
    eq('rolled_back', 0, User.select(User.q.id == ID + 2).count())


def number_in(error):
    return (
        getattr(error, 'code', None)
        if isinstance(getattr(error, 'code', None), int)
        else getattr(error.__cause__ or error.__context__, 'args', [None])[0]
    )


def number_of(run):
    try:
        run()
    except (dberrors.Error, Exception) as error:
        return number_in(error)


def errors():
    code('err_table', number_of(lambda: connection.query('SELECT * FROM no_such_table WHERE id = 1')), 'EXPECT_NOTABLE')
    code('err_syntax', number_of(lambda: connection.query('SELEKT')), 'EXPECT_SYNTAX')


def logins():
    code('wrong_password', number_of(lambda: connectionForURI(uri(W + 'x')).query('SELECT 1')), 'EXPECT_AUTH')
    encrypted = connectionForURI(uri(W, '&ssl_ca=' + quote(E['CQ_TLS_CA'])))
    eq('tls', [(1,)], list(encrypted.queryAll('SELECT 1')))


for check in (users, texts, statements, transactions, errors, logins):
    tr(check.__name__, check)
out('done')
