from cq import *
from pony import orm

LOGIN = dict(provider='mysql', host=H, port=P, user=U, db=DB, charset='utf8mb4')
database = orm.Database()


class User(database.Entity):
    _table_ = 'users_auth'
    id = orm.PrimaryKey(int)
    hash = orm.Required(str)


class Data(database.Entity):
    _table_ = 'users_data'
    id = orm.PrimaryKey(int)
    data = orm.Required(orm.LongStr, autostrip=False)


@orm.db_session
def inserts():
    User(id=ID, hash='one')
    User(id=ID + 1, hash='two')
    Data(id=ID, data=T)
    Data(id=ID + 1, data=BIG)


@orm.db_session
def selects():
    eq(
        'rows',
        [(ID, 'one'), (ID + 1, 'two')],
        [(u.id, u.hash) for u in User.select(lambda u: u.id in (ID, ID + 1)).order_by(User.id)],
    )
    eq('get', 'two', User[ID + 1].hash)
    eq('count', 1, orm.count(u for u in User if u.id == ID))
    eq('missing', None, User.get(id=ID + 2))
    eq('round_trip', T, Data[ID].data)
    eq('big_round_trip', md5(BIG), md5(Data[ID + 1].data))


@orm.db_session
def statements():
    name = TAG + '_pony'
    database.execute('INSERT INTO pipes_settings (name, length) VALUES ($name, 10)')
    database.execute("INSERT INTO pipes_messages (name, event, message) VALUES ($name, 'ev', $T)")
    orm.commit()
    eq('message', [T], database.select('message FROM pipes_messages WHERE name = $name'))
    database.execute('DELETE FROM pipes_messages WHERE name = $name')
    database.execute('DELETE FROM pipes_settings WHERE name = $name')


@orm.db_session
def rolled_back():
    User(id=ID + 2, hash='three')
    orm.flush()
    orm.rollback()
    eq('rolled_back', None, User.get(id=ID + 2))


def number_of(statement):
    with orm.db_session:
        return fail_code(lambda: database.execute(statement), orm.DBException)


def errors():
    code('err_table', number_of('SELECT * FROM no_such_table WHERE id = 1'), 'EXPECT_NOTABLE')
    code('err_syntax', number_of('SELEKT'), 'EXPECT_SYNTAX')


@orm.db_session
def deletes():
    for entity in (User, Data):
        for row in (entity[ID], entity[ID + 1]):
            row.delete()
    orm.commit()
    eq('deleted', 0, orm.count(u for u in User if u.id in (ID, ID + 1)))


def logins():
    code('wrong_password', fail_code(lambda: orm.Database(passwd=W + 'x', **LOGIN), orm.DBException), 'EXPECT_AUTH')
    encrypted = orm.Database(passwd=W, ssl={'ca': E['CQ_TLS_CA']}, **LOGIN)
    with orm.db_session:
        eq('tls', [1], encrypted.select('SELECT 1'))


database.bind(passwd=W, **LOGIN)
database.generate_mapping(check_tables=True)
for check in (inserts, selects, statements, rolled_back, errors, deletes, logins):
    tr(check.__name__, check)
out('done')
