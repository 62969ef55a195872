:- use_module(library(odbc)).
:- use_module(library(readutil)).
:- set_prolog_flag(encoding, utf8).
:- set_stream(user_output, encoding(utf8)).

ok(Name, Goal) :-
    (   catch(Goal, E, (format("not ok ~w # ~w~n", [Name, E]), fail))
    ->  format("ok ~w~n", [Name])
    ;   format("not ok ~w # failed~n", [Name])
    ).

env(Name, Value) :- getenv(Name, Value).

connect(Password, Connection) :- connect(Password, '', Connection).

connect(Password, More, Connection) :-
    env('CQ_HOST', Host), env('CQ_PORT', Port), env('CQ_USER', User), env('CQ_DB', Database),
    format(atom(Driver), 'DRIVER=libmaodbc.so;SERVER=~w;PORT=~w;UID=~w;PWD=~w;DATABASE=~w;CHARSET=utf8mb4~w',
           [Host, Port, User, Password, Database, More]),
    odbc_driver_connect(Driver, Connection, [encoding(utf8), silent(true)]).

text_of(Variable, Text) :-
    env(Variable, File),
    setup_call_cleanup(open(File, read, Stream, [encoding(utf8), newline(posix)]), read_string(Stream, _, Text), close(Stream)).

state(Goal, State) :- catch((Goal, State = none), error(odbc(State, _, _), _), true).

round_trip(Connection, Pipe, Text) :-
    odbc_prepare(Connection, 'INSERT INTO pipes_messages (name, event, message) VALUES (?, ?, ?)',
                 [varchar(64), varchar(64), longvarchar], Insert),
    odbc_execute(Insert, [Pipe, ev, Text], affected(1)),
    odbc_free_statement(Insert),
    odbc_prepare(Connection, 'SELECT message FROM pipes_messages WHERE name = ?', [varchar(64)], Select, [types([string])]),
    odbc_execute(Select, [Pipe], row(Text)),
    odbc_free_statement(Select),
    odbc_query(Connection, 'DELETE FROM pipes_messages WHERE name = \'~w\''-[Pipe], affected(1)).

many(Connection, Pipe) :-
    env('CQ_N', N0), atom_number(N0, N),
    odbc_prepare(Connection, 'INSERT INTO pipes_messages (name, event, message) VALUES (?, ?, ?)',
                 [varchar(64), varchar(64), varchar(64)], Insert),
    forall(between(1, N, I), (atom_concat(m, I, Text), odbc_execute(Insert, [Pipe, ev, Text], affected(1)))),
    odbc_free_statement(Insert).

users(Connection, Id) :-
    odbc_query(Connection, 'INSERT INTO users_auth (id, hash) VALUES (~w, \'one\')'-[Id], affected(1)),
    odbc_query(Connection, 'SELECT * FROM users_auth WHERE id = ~w'-[Id], row(Id, one)),
    \+ odbc_query(Connection, 'SELECT * FROM users_auth WHERE id = 999999'-[], row(_, _)),
    odbc_query(Connection, 'DELETE FROM users_auth WHERE id = ~w'-[Id], affected(1)).

catalog(Connection) :-
    findall(Table, odbc_current_table(Connection, Table), Tables), memberchk(users_auth, Tables),
    findall(Column, odbc_table_column(Connection, users_auth, Column), Columns), memberchk(hash, Columns).

transaction(Connection, Id) :-
    odbc_set_connection(Connection, auto_commit(false)),
    odbc_query(Connection, 'INSERT INTO users_auth (id, hash) VALUES (~w, \'x\')'-[Id], affected(_)),
    odbc_end_transaction(Connection, rollback),
    odbc_set_connection(Connection, auto_commit(true)),
    \+ odbc_query(Connection, 'SELECT * FROM users_auth WHERE id = ~w'-[Id], row(_, _)).

main :-
    env('CQ_PASS', Password), env('CQ_TAG', Tag), env('CQ_ID', Id0), atom_number(Id0, Id),
    atom_concat(Tag, '_prolog', Pipe), atom_concat(Password, x, Wrong),
    connect(Password, Connection),
    odbc_query(Connection, 'INSERT INTO pipes_settings (name, length) VALUES (\'~w\', 10)'-[Pipe], _),
    text_of('CQ_TRICKY', Tricky),
    ok(round_trip, round_trip(Connection, Pipe, Tricky)),
    ok(many, many(Connection, Pipe)),
    odbc_query(Connection, 'DELETE FROM pipes_settings WHERE name = \'~w\''-[Pipe], _),
    ok(users, users(Connection, Id)),
    ok(transaction, transaction(Connection, Id)),
    ok(catalog, catalog(Connection)),
    ok(err_table, state(odbc_query(Connection, 'SELECT * FROM no_such_table WHERE id = 1', _), '42S02')),
    ok(err_syntax, state(odbc_query(Connection, 'SELEKT', _), '42000')),
    ok(usable, odbc_query(Connection, 'SELECT 1', row(1))),
    odbc_disconnect(Connection),
    env('CQ_TLS_CA', Certificate),
    atomic_list_concat([';SSLCA=', Certificate, ';FORCETLS=1'], More),
    ok(tls, (connect(Password, More, Encrypted), odbc_query(Encrypted, 'SELECT 1', row(1)))),
    ok(wrong_password, state(connect(Wrong, _), '28000')),
    writeln(done).
