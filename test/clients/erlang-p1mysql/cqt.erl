-module(cqt).
-export([main/0]).

main() ->
    io:setopts([{encoding, unicode}]),
    process_flag(trap_exit, true),
    {ok, _} = application:ensure_all_started(p1_mysql),
    {ok, Connection} = connect(os:getenv("CQ_PASS")),
    ok("connect", true, ""),
    Query = fun(Sql) -> p1_mysql_conn:fetch(Connection, iolist_to_binary(Sql), self(), 10000) end,
    Checks = [
        {"set_names", fun set_names/1},
        {"texts", fun texts/1},
        {"auth", fun users/1},
        {"selects", fun selects/1},
        {"errors", fun errors/1},
        {"many", fun many/1},
        {"tx", fun transactions/1},
        {"del", fun deletes/1}
    ],
    [check(Name, Run, Query) || {Name, Run} <- Checks],
    Refused = (catch connect(os:getenv("CQ_PASS") ++ "x")),
    ok("wrong_password", element(1, Refused) =/= ok, Refused),
    io:format("done~n"),
    halt(0).

connect(Password) ->
    [Host, Port, User, Database] = [os:getenv(Name) || Name <- ["CQ_HOST", "CQ_PORT", "CQ_USER", "CQ_DB"]],
    Silent = fun(_, _, _) -> ok end,
    p1_mysql_conn:start(Host, list_to_integer(Port), User, Password, Database, Silent).

ok(Name, true, _) -> io:format("ok ~ts~n", [Name]);
ok(Name, _, Why) -> io:format("not ok ~ts # ~P~n", [Name, Why, 40]).

check(Name, Run, Query) ->
    try
        Run(Query)
    catch
        Class:Reason:Stack -> ok(Name, false, {Class, Reason, hd(Stack)})
    end.

text(Variable) ->
    {ok, Text} = file:read_file(os:getenv(Variable)),
    Text.

rows({data, Result}) ->
    [[iolist_to_binary(Value) || Value <- Row] || Row <- p1_mysql:get_result_rows(Result)].

escaped(Text) ->
    <<<<(escaped_byte(Byte))/binary>> || <<Byte>> <= Text>>.

escaped_byte($') -> <<"\\'">>;
escaped_byte($\\) -> <<"\\\\">>;
escaped_byte(0) -> <<"\\0">>;
escaped_byte($\n) -> <<"\\n">>;
escaped_byte($\r) -> <<"\\r">>;
escaped_byte(26) -> <<"\\Z">>;
escaped_byte(Byte) -> <<Byte>>.

set_names(Query) ->
    {updated, _} = Query("SET NAMES utf8mb4"),
    ok("set_names", true, "").

texts(Query) ->
    Name = os:getenv("CQ_TAG") ++ "_e",
    Query(["INSERT INTO pipes_settings (name, length) VALUES ('", Name, "', 10)"]),
    [round_trip(Query, Name, Check, text(Variable)) || {Check, Variable} <- [{"rt_escaped", "CQ_TRICKY"}, {"big_rt", "CQ_BIG"}]],
    Query(["DELETE FROM pipes_settings WHERE name = '", Name, "'"]).

round_trip(Query, Name, Check, Text) ->
    Insert = ["INSERT INTO pipes_messages (name, event, message) VALUES ('", Name, "', 'ev', '", escaped(Text), "')"],
    {updated, Inserted} = Query(Insert),
    ok(Check ++ "_affected", p1_mysql:get_result_affected_rows(Inserted) == 1, Inserted),
    ok(Check, rows(Query(["SELECT message FROM pipes_messages WHERE name = '", Name, "'"])) == [[Text]], "differs"),
    Query(["DELETE FROM pipes_messages WHERE name = '", Name, "'"]).

users(Query) ->
    Id = os:getenv("CQ_ID"),
    {updated, _} = Query(["INSERT INTO users_auth (id, hash) VALUES (", Id, ", 'h')"]),
    {data, Result} = Selected = Query(["SELECT * FROM users_auth WHERE id = ", Id]),
    ok("auth_sel", rows(Selected) == [[list_to_binary(Id), <<"h">>]], Result),
    Columns = [{iolist_to_binary(element(1, Field)), iolist_to_binary(element(2, Field))} || Field <- p1_mysql:get_result_field_info(Result)],
    ok("meta_columns", Columns == [{<<"users_auth">>, <<"id">>}, {<<"users_auth">>, <<"hash">>}], Columns),
    ok("empty_result", rows(Query("SELECT * FROM users_auth WHERE id = 1999999999")) == [], "").

selects(Query) ->
    {data, Times} = Query("select * from users_time where id in (2,3,145)"),
    ok("time_in", length(p1_mysql:get_result_field_info(Times)) == 2, Times),
    {data, Pipes} = Query("select * from pipes where name in ('a','b')"),
    ok("pipes_in", length(p1_mysql:get_result_field_info(Pipes)) == 2, Pipes).

errors(Query) ->
    {error, NoTable} = Query("SELECT * FROM no_such_table"),
    ok("err_table", string:find(p1_mysql:get_result_reason(NoTable), "no_such_table") =/= nomatch, NoTable),
    {error, NoSyntax} = Query("SELEKT"),
    ok("err_syntax", string:find(p1_mysql:get_result_reason(NoSyntax), "SELEKT") =/= nomatch, NoSyntax),
    ok("err_usable", rows(Query("SELECT 1")) == [[<<"1">>]], "").

many(Query) ->
    Insert = ["INSERT INTO pipes_messages (name, event, message) VALUES ('", os:getenv("CQ_TAG"), "_m', 'ev', 'm"],
    [{updated, _} = Query([Insert, integer_to_list(I), "')"]) || I <- lists:seq(1, list_to_integer(os:getenv("CQ_N")))],
    ok("many", true, "").

transactions(Query) ->
    {updated, _} = Query("BEGIN"),
    {updated, _} = Query("COMMIT"),
    ok("tx", true, "").

deletes(Query) ->
    {updated, Deleted} = Query(["DELETE FROM users_auth WHERE id = ", os:getenv("CQ_ID")]),
    ok("del_affected", p1_mysql:get_result_affected_rows(Deleted) == 1, Deleted).
