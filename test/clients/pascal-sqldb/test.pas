program test;

{$mode objfpc}{$H+}

uses
  cthreads, cwstring, Classes, SysUtils, DB, SQLDB, mysql57conn;

type
  TCheck = procedure;

var
  Comet: TMySQL57Connection;
  Query: TSQLQuery;
  Pipe, Id: string;

function Env(const Name: string): string;
begin
  Result := GetEnvironmentVariable(Name);
end;

procedure Ok(const Name: string; Right: Boolean; const Why: string = '');
begin
  if Right then
    WriteLn('ok ', Name)
  else
    WriteLn('not ok ', Name, ' # ', StringReplace(Copy(Why, 1, 250), #10, ' ', [rfReplaceAll]));
  Flush(Output);
end;

procedure Check(const Name: string; Run: TCheck);
begin
  try
    Query.Close;
    Run();
  except
    on E: Exception do Ok(Name, False, E.Message);
  end;
end;

function TextOf(const Variable: string): string;
var
  Stream: TFileStream;
begin
  Stream := TFileStream.Create(Env(Variable), fmOpenRead);
  SetLength(Result, Stream.Size);
  Stream.ReadBuffer(Result[1], Stream.Size);
  Stream.Free;
end;

function NewConnection(const Password: string): TMySQL57Connection;
begin
  Result := TMySQL57Connection.Create(nil);
  Result.SkipLibraryVersionCheck := True;
  Result.HostName := Env('CQ_HOST');
  Result.Port := StrToInt(Env('CQ_PORT'));
  Result.UserName := Env('CQ_USER');
  Result.Password := Password;
  Result.DatabaseName := Env('CQ_DB');
  Result.CharSet := 'utf8mb4';
  Result.Transaction := TSQLTransaction.Create(Result);
end;

procedure Exec(const Sql: string);
begin
  Query.Close;
  Query.SQL.Text := Sql;
  Query.ExecSQL;
end;

procedure Open(const Sql: string);
begin
  Query.Close;
  Query.SQL.Text := Sql;
  Query.Open;
end;

procedure RoundTrip(const Name, Text: string);
begin
  Query.Close;
  Query.SQL.Text := 'INSERT INTO pipes_messages (name, event, message) VALUES (:name, ''ev'', :message)';
  Query.Params.ParamByName('name').AsString := Pipe;
  Query.Params.ParamByName('message').AsString := Text;
  Query.ExecSQL;
  Ok(Name + '_affected', Query.RowsAffected = 1, IntToStr(Query.RowsAffected));
  Open('SELECT message FROM pipes_messages WHERE name = ''' + Pipe + '''');
  Ok(Name, (Query.RecordCount = 1) and (Query.Fields[0].AsString = Text), Query.Fields[0].AsString);
  Exec('DELETE FROM pipes_messages WHERE name = ''' + Pipe + '''');
end;

procedure Texts;
begin
  Exec('INSERT INTO pipes_settings (name, length) VALUES (''' + Pipe + ''', 10)');
  RoundTrip('rt_param', TextOf('CQ_TRICKY'));
  RoundTrip('big_rt', TextOf('CQ_BIG'));
  Exec('DELETE FROM pipes_settings WHERE name = ''' + Pipe + '''');
end;

procedure Users;
begin
  Exec('INSERT INTO users_auth (id, hash) VALUES (' + Id + ', ''it=s'')');
  Open('SELECT * FROM users_auth WHERE id = ' + Id);
  Ok('auth_sel', (Query.FieldByName('id').AsString = Id) and (Query.FieldByName('hash').AsString = 'it=s'));
  Ok('meta_columns', (Query.FieldCount = 2) and (Query.Fields[0].FieldName = 'id'));
  Ok('meta_types', Query.Fields[0].DataType in [ftInteger, ftLargeint, ftSmallint]);
  Ok('recordcount', Query.RecordCount = 1);
  Open('select * from users_time where id in (2,3,145)');
  Ok('time_in', Query.FieldCount = 2);
  Open('select * from pipes where name in (''a'',''b'')');
  Ok('pipes_in', Query.FieldCount = 2);
end;

procedure Refused(const Name, Sql, Variable: string);
begin
  try
    Comet.ExecuteDirect(Sql);
    Ok(Name, False, 'accepted');
  except
    on E: ESQLDatabaseError do Ok(Name, IntToStr(E.ErrorCode) = Env(Variable), IntToStr(E.ErrorCode));
  end;
end;

procedure Errors;
begin
  Refused('err_table', 'SELECT * FROM no_such_table WHERE id = 1', 'EXPECT_NOTABLE');
  Refused('err_syntax', 'SELEKT', 'EXPECT_SYNTAX');
  Open('SELECT id, hash FROM users_auth WHERE id = ' + Id);
  Ok('err_usable', Query.RecordCount = 1);
end;

procedure Many;
var
  I: Integer;
begin
  for I := 1 to StrToInt(Env('CQ_N')) do
    Comet.ExecuteDirect('INSERT INTO pipes_messages (name, event, message) VALUES (''' + Pipe + ''', ''ev'', ''m' +
      IntToStr(I) + ''')');
  Ok('many', True);
end;

procedure Catalog;
var
  Names: TStringList;
begin
  Names := TStringList.Create;
  Comet.GetTableNames(Names);
  Ok('qb_GetTableNames', Names.IndexOf('users_auth') >= 0, Names.CommaText);
  Comet.GetFieldNames('users_auth', Names);
  Ok('qb_GetFieldNames', Names.CommaText = 'id,hash', Names.CommaText);
  Names.Free;
  Ok('server_info', Comet.ServerInfo <> '');
  Ok('host_info', Comet.HostInfo <> '');
  Ok('GetConnectionInfo', Comet.GetConnectionInfo(citServerVersionString) <> '');
end;

procedure Transactions;
begin
  Comet.Transaction.Commit;
  Exec('DELETE FROM users_auth WHERE id = ' + Id);
  Ok('del_affected', Query.RowsAffected = 1);
  Comet.Transaction.Rollback;
  Open('SELECT * FROM users_auth WHERE id = ' + Id);
  Ok('rolled_back', Query.RecordCount = 1);
  Exec('DELETE FROM users_auth WHERE id = ' + Id);
  Comet.Transaction.Commit;
  Open('SELECT * FROM users_auth WHERE id = ' + Id);
  Ok('committed', Query.RecordCount = 0);
end;

procedure WrongPassword;
begin
  try
    NewConnection(Env('CQ_PASS') + 'x').Open;
    Ok('wrong_password', False, 'accepted');
  except
    on E: ESQLDatabaseError do Ok('wrong_password', True);
  end;
end;

begin
  SetMultiByteConversionCodePage(CP_UTF8);
  Pipe := Env('CQ_TAG');
  Id := Env('CQ_ID');
  Comet := NewConnection(Env('CQ_PASS'));
  Comet.Open;
  Ok('connect', Comet.Connected);
  Query := TSQLQuery.Create(nil);
  Query.DataBase := Comet;
  Query.Transaction := TSQLTransaction(Comet.Transaction);
  Query.ParseSQL := False;
  Query.ReadOnly := True;
  Query.UsePrimaryKeyAsKey := False;
  Check('texts', @Texts);
  Check('users', @Users);
  Check('errors', @Errors);
  Check('many', @Many);
  Check('catalog', @Catalog);
  Check('transactions', @Transactions);
  Comet.Close;
  WrongPassword;
  WriteLn('done');
end.
