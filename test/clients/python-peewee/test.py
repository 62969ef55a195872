from cq import *
import peewee

NAME = TAG + '_peewee'
LOGIN = dict(host=H, port=P, user=U, charset='utf8mb4')
database = peewee.MySQLDatabase(DB, password=W, **LOGIN)


class User(peewee.Model):
    id = peewee.IntegerField(primary_key=True)
    hash = peewee.TextField()

    class Meta:
        database = database
        table_name = 'users_auth'


class Message(peewee.Model):
    name = peewee.CharField(primary_key=True)
    event = peewee.CharField()
    message = peewee.TextField()

    class Meta:
        database = database
        table_name = 'pipes_messages'


class Settings(peewee.Model):
    name = peewee.CharField(primary_key=True)
    length = peewee.IntegerField()

    class Meta:
        database = database
        table_name = 'pipes_settings'


def stored():
    return [row.message for row in Message.select(Message.message).where(Message.name == NAME)]


def round_trips():
    Settings.insert(name=NAME, length=10).execute()
    for text in (T, C, BIG):
        Message.insert(name=NAME, event='ev', message=text).execute()
    eq('round_trips', [md5(T), md5(C), md5(BIG)], [md5(text) for text in stored()])
    Message.delete().where(Message.name == NAME).execute()
    eq('deleted', [], stored())


def users():
    User.insert_many([{'id': ID, 'hash': 'one'}, {'id': ID + 1, 'hash': 'two'}]).execute()
    found = User.select().where(User.id.in_([ID, ID + 1, ID + 2])).order_by(User.id.desc())
    eq('in_ordered', [(ID + 1, 'two'), (ID, 'one')], list(found.tuples()))
    eq('get', 'two', User.get(User.id == ID + 1).hash)
    eq('count', 2, found.count())
    eq('missing', None, User.get_or_none(User.id == ID + 2))
    eq('deleted_rows', 2, User.delete().where(User.id.in_([ID, ID + 1])).execute())


def transactions():
    with database.atomic():
        Message.insert(name=NAME, event='ev', message='committed').execute()
    with database.atomic() as transaction:
        Message.insert(name=NAME, event='ev', message='rolled back').execute()
        transaction.rollback()
    eq('transactions', ['committed'], stored())
    Message.delete().where(Message.name == NAME).execute()
    Settings.delete().where(Settings.name == NAME).execute()


def errors():
    number = fail_code(lambda: database.execute_sql('SELECT * FROM no_such_table WHERE id = 1'), peewee.DatabaseError)
    code('err_table', number, 'EXPECT_NOTABLE')
    number = fail_code(lambda: database.execute_sql('SELEKT'), peewee.DatabaseError)
    code('err_syntax', number, 'EXPECT_SYNTAX')
    eq('usable', [], list(User.select().where(User.id == ID).tuples()))


def reflection():
    ok('tables', {'users_auth', 'pipes'} <= set(database.get_tables()), database.get_tables())
    eq('columns', ['id', 'hash'], [column.name for column in database.get_columns('users_auth')])


def logins():
    wrong = peewee.MySQLDatabase(DB, password=W + 'x', **LOGIN)
    code('wrong_password', fail_code(wrong.connect, peewee.DatabaseError), 'EXPECT_AUTH')
    encrypted = peewee.MySQLDatabase(DB, password=W, ssl={'ca': E['CQ_TLS_CA']}, **LOGIN)
    ok('tls', encrypted.execute_sql('SELECT 1').fetchone() == (1,))


database.connect()
for check in (round_trips, users, transactions, errors, reflection, logins):
    tr(check.__name__, check)
out('done')
