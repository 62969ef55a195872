local X = require 'cq'
local DBI = require 'DBI'
local ok, eq, tr = X.ok, X.eq, X.tr
local name = X.TAG .. '_luadbi'

local function connect(password)
  return DBI.Connect('MySQL', X.DB, X.U, password, X.H, X.P)
end

local connection = assert(connect(X.W))
connection:autocommit(true)

-- Runs a prepared statement; returns it, for its rows.
local function run(sql, ...)
  local statement = assert(connection:prepare(sql))
  assert(statement:execute(...))
  return statement
end

local function rows(sql, ...)
  local found = {}
  for row in run(sql, ...):rows(true) do found[#found + 1] = row end
  return found
end

tr('round_trips', function()
  run('SET NAMES utf8mb4')
  run('INSERT INTO pipes_settings (name, length) VALUES (?, ?)', name, 10)
  for _, text in ipairs { X.T, X.BIG } do
    eq('affected', 1, run('INSERT INTO pipes_messages (name, event, message) VALUES (?, ?, ?)', name, 'ev', text):affected())
  end
  local found = rows('SELECT message FROM pipes_messages WHERE name = ?', name)
  eq('round_trip', X.T, found[1].message)
  eq('big_round_trip', X.BIG, found[2].message)
  eq('deleted', 2, run('DELETE FROM pipes_messages WHERE name = ?', name):affected())
end)

tr('quote', function() eq('quote', "it\\'s", connection:quote("it's")) end)

tr('users', function()
  run('INSERT INTO users_auth (id, hash) VALUES (?, ?)', X.ID, 'one')
  local found = rows('SELECT * FROM users_auth WHERE id = ?', X.ID)
  eq('row', X.ID .. ' one', found[1].id .. ' ' .. found[1].hash)
  eq('row_count', 1, run('SELECT * FROM users_auth WHERE id = ?', X.ID):rowcount())
  eq('columns', 'id,hash', table.concat(run('SELECT * FROM users_auth WHERE id = ?', X.ID):columns(), ','))
  eq('no_rows', 0, #rows('SELECT * FROM users_auth WHERE id = ?', X.ID + 2))
end)

tr('transactions', function()
  connection:autocommit(false)
  run('DELETE FROM users_auth WHERE id = ?', X.ID)
  connection:rollback()
  eq('rolled_back', 1, #rows('SELECT * FROM users_auth WHERE id = ?', X.ID))
  run('DELETE FROM users_auth WHERE id = ?', X.ID)
  connection:commit()
  connection:autocommit(true)
  eq('committed', 0, #rows('SELECT * FROM users_auth WHERE id = ?', X.ID))
end)

tr('errors', function()
  local statement, message = connection:prepare('SELECT * FROM no_such_table WHERE id = 1')
  ok('err_table', statement == nil and message:find('no_such_table', 1, true), message)
  statement, message = connection:prepare('SELEKT')
  ok('err_syntax', statement == nil and message:find('SELEKT', 1, true), message)
  ok('usable', connection:ping())
end)

tr('many', function()
  local insert = assert(connection:prepare('INSERT INTO pipes_messages (name, event, message) VALUES (?, ?, ?)'))
  for i = 1, X.N do assert(insert:execute(name, 'ev', 'm' .. i)) end
  local found = rows('SELECT message FROM pipes_messages WHERE name = ?', name)
  eq('many', 'm' .. X.N, found[10].message)
  run('DELETE FROM pipes_messages WHERE name = ?', name)
  run('DELETE FROM pipes_settings WHERE name = ?', name)
end)

local refused, message = connect(X.W .. 'x')
ok('wrong_password', not refused and message:find('Access denied', 1, true), message)
connection:close()
print 'done'
