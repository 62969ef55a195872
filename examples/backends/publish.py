# Publishes a message into the pipe "chat" and tells who is there. Run: /usr/bin/python3 examples/backends/publish.py
# COMET_PASSWORD is that of the server; PyMySQL comes with pip or as Debian's package python3-pymysql.
import os

import pymysql

comet = pymysql.connect(
    host=os.environ.get('COMETQL_HOST', '127.0.0.1'),
    port=int(os.environ.get('COMETQL_PORT', '3307')),
    user='root',
    password=os.environ.get('COMET_PASSWORD', ''),
    database='CometQL_v1',
    charset='utf8mb4',
    autocommit=True,
)

with comet, comet.cursor() as cursor:
    cursor.execute(
        'INSERT INTO pipes_messages (name, event, message) VALUES (%s, %s, %s)',
        ('chat', 'message', "hello from Python, it's easy"),
    )
    cursor.execute('SELECT user_id, user_agent FROM users_in_pipes WHERE name = %s', ('chat',))
    sessions = cursor.fetchall()

print(f'{len(sessions)} online')
for user_id, user_agent in sessions:
    print(f'user {user_id}' if user_id > 0 else 'a visitor', user_agent, sep=', ')
