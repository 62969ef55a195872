sysbench.cmdline.options = { tag = { 'Prefix of the pipe', 'bench' } }

function thread_init()
  connection = sysbench.sql.driver():connect()
  insert = connection:prepare("INSERT INTO pipes_messages (name, event, message) VALUES (?, 'ev', ?)")
  name, message = insert:bind_create(sysbench.sql.type.VARCHAR, 60), insert:bind_create(sysbench.sql.type.VARCHAR, 60)
  insert:bind_param(name, message)
  read = connection:prepare('SELECT users FROM pipes WHERE name = ?')
  asked = read:bind_create(sysbench.sql.type.VARCHAR, 60)
  read:bind_param(asked)
end

function event()
  name:set(sysbench.opt.tag .. '_bench')
  message:set('message ' .. sysbench.rand.unique())
  insert:execute()
  asked:set(sysbench.opt.tag .. '_bench')
  read:execute():free()
end

function thread_done()
  insert:close()
  read:close()
  connection:disconnect()
end
