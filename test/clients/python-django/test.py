# Django raw cursor + (qb_) ORM on unmanaged models
from cq import *
import django
from django.conf import settings

settings.configure(
    DATABASES={
        'default': dict(
            ENGINE='django.db.backends.mysql',
            NAME=DB,
            USER=U,
            PASSWORD=W,
            HOST=H,
            PORT=P,
            OPTIONS={'charset': 'utf8mb4'},
        )
    },
    INSTALLED_APPS=[],
    DEFAULT_AUTO_FIELD='django.db.models.AutoField',
    USE_TZ=True,
)
django.setup()
from django.db import connection, models, utils, connections

n = TAG + '_d'


def a():
    with connection.cursor() as c:
        ok('connect', True)
        c.execute("INSERT INTO pipes_settings (name, length) VALUES (%s, 10)", [n])
        c.execute("INSERT INTO pipes_messages (name, event, message) VALUES (%s, %s, %s)", [n, 'ev', T])
        eq('affected', 1, c.rowcount)
        c.execute("SELECT message FROM pipes_messages WHERE name = %s", [n])
        eq('rt_param', T, c.fetchone()[0])
        c.execute("INSERT INTO users_auth (id, hash) VALUES (%s, %s)", [ID, 'hh'])
        c.execute("SELECT * FROM users_auth WHERE id = %s", [ID])
        eq('auth_sel', (ID, 'hh'), c.fetchone())
        eq('meta_columns', ['id', 'hash'], [x[0] for x in c.description])


tr('connect', a)


def e():
    with connection.cursor() as c:
        z = None
        try:
            c.execute("SELECT * FROM no_such_table WHERE id=1")
        except utils.DatabaseError as x:
            z = x.args[0]
        code('err_table', z, 'EXPECT_NOTABLE')
        c.execute("SELECT * FROM users_auth WHERE id = %s", [ID])
        ok('err_usable', len(c.fetchall()) == 1)


tr('err_table', e)
tr('server_version', lambda: ok('server_version', connection.mysql_version >= (5,), connection.mysql_version))
tr('is_usable', lambda: ok('ping_is_usable', connection.is_usable()))


class UA(models.Model):
    id = models.IntegerField(primary_key=True)
    hash = models.TextField()

    class Meta:
        app_label = 'x'
        managed = False
        db_table = 'users_auth'


class PM(models.Model):
    name = models.TextField(primary_key=True)
    event = models.TextField()
    message = models.TextField()

    class Meta:
        app_label = 'x'
        managed = False
        db_table = 'pipes_messages'


def q():
    UA(id=ID + 1, hash="it=s").save(force_insert=True)
    eq('qb_filter', [(ID + 1, "it=s")], list(UA.objects.filter(id__in=[ID + 1, ID + 2]).values_list('id', 'hash')))
    PM.objects.create(name=n + 'q', event='ev', message=T)
    ok('qb_create', True)
    PM.objects.filter(name=n + 'q').delete()
    eq('qb_delete', 1, UA.objects.filter(id=ID + 1).delete()[0])


tr('qb_orm', q)
tr('qb_introspect', lambda: ok('qb_introspect', 'users_auth' in connection.introspection.table_names()))


def d():
    with connection.cursor() as c:
        c.execute("DELETE FROM pipes_messages WHERE name = %s", [n])
        c.execute("DELETE FROM pipes_settings WHERE name = %s", [n])
        c.execute("DELETE FROM users_auth WHERE id = %s", [ID])
        eq('del_affected', 1, c.rowcount)


tr('del', d)
connection.close()
connections.databases['default']['PASSWORD'] = W + 'x'
z = None
try:
    connections['default'].settings_dict['PASSWORD'] = W + 'x'
    connections['default'].cursor()
except utils.DatabaseError as x:
    z = x.args[0]
code('wrong_password', z, 'EXPECT_AUTH')


def tls():
    default = connections['default']
    default.close()
    default.settings_dict['PASSWORD'] = W
    default.settings_dict['OPTIONS']['ssl'] = {'ca': E['CQ_TLS_CA']}
    with default.cursor() as c:
        c.execute('SELECT 1')
        eq('tls', (1,), c.fetchone())


tr('tls', tls)
out('done')
