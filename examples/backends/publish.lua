-- Publishes a message into the pipe "chat" and tells who is there. Run: lua5.4 examples/backends/publish.lua
-- COMET_PASSWORD is that of the server; LuaDBI is Debian's package lua-dbi-mysql.
local DBI = require 'DBI'

local host = os.getenv 'COMETQL_HOST' or '127.0.0.1'
local port = tonumber(os.getenv 'COMETQL_PORT' or 3307)
local password = os.getenv 'COMET_PASSWORD' or ''

local comet = assert(DBI.Connect('MySQL', 'CometQL_v1', 'root', password, host, port))
comet:autocommit(true)

local publish = assert(comet:prepare 'INSERT INTO pipes_messages (name, event, message) VALUES (?, ?, ?)')
assert(publish:execute('chat', 'message', "hello from Lua, it's easy"))

local present = assert(comet:prepare 'SELECT user_id, user_agent FROM users_in_pipes WHERE name = ?')
assert(present:execute 'chat')
print(present:rowcount() .. ' online')
for session in present:rows(true) do
  print((session.user_id > 0 and 'user ' .. session.user_id or 'a visitor') .. ', ' .. session.user_agent)
end
comet:close()
