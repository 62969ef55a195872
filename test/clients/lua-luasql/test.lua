local X = require 'cq'
local ok, eq, tr = X.ok, X.eq, X.tr
local driver = require 'luasql.mysql'.mysql()
local escaped, big = X.TAG .. '_e', X.TAG .. '_b'

local connection, problem = driver:connect(X.DB, X.U, X.W, X.H, X.P)
if not ok('connect', connection, problem) then os.exit(1) end

local function query(sql, ...)
  return assert(connection:execute(sql:format(...)))
end

local function rows(sql, ...)
  local cursor, found = query(sql, ...), {}
  local row = cursor:fetch({}, 'a')
  while row do
    found[#found + 1] = row
    row = cursor:fetch({}, 'a')
  end
  cursor:close()
  return found
end

local function columns(sql)
  local cursor = query(sql)
  local names = table.concat(cursor:getcolnames(), ',')
  cursor:close()
  return names
end

local function round_trip(check, name, text)
  query("INSERT INTO pipes_settings (name, length) VALUES ('%s', 10)", name)
  local insert = "INSERT INTO pipes_messages (name, event, message) VALUES ('%s', 'ev', '%s')"
  eq(check .. '_affected', 1, query(insert, name, connection:escape(text)))
  local found = rows("SELECT * FROM pipes_messages WHERE name = '%s'", name)
  eq(check .. '_rows', 1, #found)
  eq(check, text, found[1] and found[1].message)
end

tr('set_names', function()
  query 'SET NAMES utf8mb4'
  ok('set_names', true)
end)

tr('rt_escaped', function() round_trip('rt_escaped', escaped, X.T) end)

tr('auth', function()
  query("INSERT INTO users_auth (id, hash) VALUES (%d, 'h')", X.ID)
  local cursor = query('SELECT * FROM users_auth WHERE id = %d', X.ID)
  eq('numrows', 1, cursor:numrows())
  eq('meta_columns', 'id,hash', table.concat(cursor:getcolnames(), ','))
  ok('meta_types', cursor:getcoltypes()[1]:match 'number', table.concat(cursor:getcoltypes(), ','))
  local row = cursor:fetch({}, 'a')
  eq('auth_sel', X.ID .. ' h', row.id .. ' ' .. row.hash)
  cursor:close()
end)

tr('time_in', function() eq('time_in', 'id,time', columns 'select * from users_time where id in (2,3,145)') end)
tr('pipes_in', function() eq('pipes_in', 'name,users', columns "select * from pipes where name in ('a','b')") end)

local refused, why = connection:execute 'SELECT * FROM no_such_table'
ok('err_table', refused == nil and why:find('no_such_table', 1, true), why)
tr('err_usable', function() eq('err_usable', 1, #rows('SELECT * FROM users_auth WHERE id = %d', X.ID)) end)
if connection.ping then tr('ping', function() ok('ping', connection:ping()) end) end

tr('big_rt', function() round_trip('big_rt', big, X.BIG) end)

tr('many', function()
  for i = 1, X.N do
    query("INSERT INTO pipes_messages (name, event, message) VALUES ('%s_m', 'ev', 'm%d')", X.TAG, i)
  end
  ok('many', true)
end)

tr('tx', function()
  ok('setautocommit', connection:setautocommit(false))
  ok('commit', connection:commit())
  ok('rollback', connection:rollback())
  connection:setautocommit(true)
end)

tr('getlastautoid', function() ok('getlastautoid', connection:getlastautoid() ~= nil) end)

tr('del', function()
  eq('del_affected', 1, query('DELETE FROM users_auth WHERE id = %d', X.ID))
  for _, name in ipairs { escaped, big } do
    query("DELETE FROM pipes_messages WHERE name = '%s'", name)
    query("DELETE FROM pipes_settings WHERE name = '%s'", name)
  end
end)

connection:close()
refused, why = driver:connect(X.DB, X.U, X.W .. 'x', X.H, X.P)
ok('wrong_password', not refused and #tostring(why) > 5, why)
driver:close()
print 'done'
