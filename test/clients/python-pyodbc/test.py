from cq import *
import pyodbc

NAME = TAG + '_odbc'


def connect(password=W, **more):
    parts = dict(DRIVER='libmaodbc.so', SERVER=H, PORT=P, UID=U, PWD=password, DATABASE=DB, CHARSET='utf8mb4', **more)
    connection = pyodbc.connect(';'.join('%s={%s}' % part for part in parts.items()))
    for kind in (pyodbc.SQL_CHAR, pyodbc.SQL_WCHAR):
        connection.setdecoding(kind, encoding='utf-8')
    connection.setencoding(encoding='utf-8')
    return connection


def number_of(run):
    """The native error number, which ODBC puts into the text: "[…] text (15) (SQLExecDirectW)"."""
    try:
        run()
    except pyodbc.Error as error:
        return int(str(error).rsplit('(', 2)[1].split(')')[0])


connection = connect()
cursor = connection.cursor()


def stored():
    return [row.message for row in cursor.execute('SELECT message FROM pipes_messages WHERE name = ?', NAME).fetchall()]


def round_trips():
    cursor.execute('INSERT INTO pipes_settings (name, length) VALUES (?, ?)', NAME, 10)
    for text in (T, C, BIG):
        cursor.execute('INSERT INTO pipes_messages (name, event, message) VALUES (?, ?, ?)', NAME, 'ev', text)
    connection.commit()
    eq('round_trips', [md5(T), md5(C), md5(BIG)], [md5(text) for text in stored()])
    cursor.execute('DELETE FROM pipes_messages WHERE name = ?', NAME)
    eq('affected', 3, cursor.rowcount)
    connection.commit()


def users():
    cursor.executemany('INSERT INTO users_auth (id, hash) VALUES (?, ?)', [(ID, 'one'), (ID + 1, 'two')])
    connection.commit()
    cursor.execute('SELECT * FROM users_auth WHERE id IN (?, ?) ORDER BY id', ID, ID + 1)
    eq('columns', [('id', int), ('hash', str)], [tuple(column[:2]) for column in cursor.description])
    eq('rows', [(ID, 'one'), (ID + 1, 'two')], [tuple(row) for row in cursor.fetchall()])
    cursor.execute('SELECT * FROM users_auth WHERE id = ?', ID + 2)
    eq('no_rows', None, cursor.fetchone())
    cursor.execute('DELETE FROM users_auth WHERE id IN (?, ?)', ID, ID + 1)
    eq('deleted_rows', 2, cursor.rowcount)
    connection.commit()


def many():
    for i in range(N):
        cursor.execute('INSERT INTO pipes_messages (name, event, message) VALUES (?, ?, ?)', NAME, 'ev', 'm%d' % i)
    connection.commit()
    eq('many', ['m%d' % i for i in range(N - 10, N)], stored())
    cursor.execute('DELETE FROM pipes_messages WHERE name = ?', NAME)
    connection.commit()


def transactions():
    cursor.execute('INSERT INTO pipes_messages (name, event, message) VALUES (?, ?, ?)', NAME, 'ev', 'rolled back')
    connection.rollback()
    eq('rolled_back', [], stored())
    connection.autocommit = True
    cursor.execute('INSERT INTO pipes_messages (name, event, message) VALUES (?, ?, ?)', NAME, 'ev', 'at once')
    eq('autocommit', ['at once'], stored())
    cursor.execute('DELETE FROM pipes_messages WHERE name = ?', NAME)
    cursor.execute('DELETE FROM pipes_settings WHERE name = ?', NAME)


def errors():
    code('err_table', number_of(lambda: cursor.execute('SELECT * FROM no_such_table WHERE id = 1')), 'EXPECT_NOTABLE')
    code('err_syntax', number_of(lambda: cursor.execute('SELEKT')), 'EXPECT_SYNTAX')
    eq('usable', 1, cursor.execute('SELECT 1').fetchval())


def catalog():
    ok('tables', {'users_auth', 'pipes'} <= {row.table_name for row in cursor.tables(catalog=DB)})
    eq('columns_of', ['id', 'hash'], [row.column_name for row in cursor.columns('users_auth', catalog=DB)])
    eq('primary_keys', ['id'], [row.column_name for row in cursor.primaryKeys('users_auth', catalog=DB)])


def logins():
    code('wrong_password', number_of(lambda: connect(W + 'x')), 'EXPECT_AUTH')
    encrypted = connect(SSLCA=E['CQ_TLS_CA'], SSLVERIFY=1, FORCETLS=1)
    eq('tls', 1, encrypted.execute('SELECT 1').fetchval())


for check in (round_trips, users, many, transactions, errors, catalog, logins):
    tr(check.__name__, check)
out('done')
