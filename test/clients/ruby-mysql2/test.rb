require_relative '../lib/cq'
require 'mysql2'
o = { host: H, port: P, username: U, password: W, database: DB, encoding: 'utf8mb4', ssl_mode: :disabled,
      connect_timeout: 8 }
c = begin Mysql2::Client.new(o.merge(flags: Mysql2::Client::MULTI_STATEMENTS)) rescue (ok('connect', false, $!.message)
                                                                                       exit 1) end
ok('connect', true)
ok('server_info', c.server_info[:version] != '')
ok('thread_id', c.thread_id > 0)
get = ->(n) { c.query("SELECT * FROM pipes_messages WHERE name = '#{c.escape(n)}'").first&.fetch('message', nil) }
set = ->(n) {
  c.query("INSERT INTO pipes_settings (name, length) VALUES ('#{n}', 10)")
}
tr('esc') {
  n = TAG + '_e'
  set.(n)
  c.query("INSERT INTO pipes_messages (name, event, message) VALUES ('#{n}', 'ev', '#{c.escape(T)}')")
  eq('ins_escaped_affected', 1, c.affected_rows)
  eq('rt_escaped', T, get.(n))
  n = TAG + '_c'
  set.(n)
  c.query("INSERT INTO pipes_messages (name, event, message) VALUES ('#{n}', 'ev', '#{c.escape(C)}')")
  eq('rt_ctrl', C, get.(n))
}
tr('prep') {
  n = TAG + '_p'
  set.(n)
  s = c.prepare("INSERT INTO pipes_messages (name, event, message) VALUES (?, ?, ?)")
  eq('param_count', 3, s.param_count)
  s.execute(n, 'ev', T)
  eq('prep_affected', 1, s.affected_rows)
  eq('rt_prep', T, get.(n))
  s.close
}
tr('auth') {
  s = c.prepare("INSERT INTO users_auth (id, hash) VALUES (?, ?)")
  s.execute(ID, "it=s")
  r = c.query("SELECT * FROM users_auth WHERE id = #{ID}")
  eq('meta_columns', %w(id hash), r.fields)
  eq('count', 1, r.count)
  eq('auth_sel', { 'id' => ID, 'hash' => "it=s" }, r.first)
  s = c.prepare("SELECT id, hash FROM users_auth WHERE id = ?")
  eq('prep_fields', %w(id hash), s.fields)
  r = s.execute(ID)
  eq('auth_sel_prep', [{ 'id' => ID, 'hash' => "it=s" }], r.to_a)
  r = s.execute(ID.to_s)
  eq('auth_sel_prep_str', 1, r.to_a.size)
  s.close
  (ok('field_types',
      c.query("SELECT * FROM users_auth WHERE id = #{ID}").field_types.first =~ /int/) if Mysql2::Result.method_defined?(:field_types))
}
tr('stream') {
  n = 0
  c.query("SELECT * FROM users_auth WHERE id = #{ID}", stream: true, cache_rows: false).each {
    n += 1
  }
  eq('stream', 1, n)
}
tr('time_in') {
  r = c.query('select * from users_time where id in (2,3,145)')
  eq('time_in', %w(id time), r.fields)
  ok('time_ints', r.all? { |x|
                    x.values.all?(Integer)
                  })
}
tr('pipes_in') { eq('pipes_in', %w(name users), c.query("select * from pipes where name in ('a','b')").fields) }
tr('empty') { eq('empty_result', 0, c.query("SELECT * FROM users_auth WHERE id = #{ID + 999}").count) }
[['err_table', 'SELECT * FROM no_such_table WHERE id = 1', 'EXPECT_NOTABLE'],
 ['err_syntax', 'SELEKT x', 'EXPECT_SYNTAX']].each { |k, q, e|
  x = nil
  begin
  c.query(q)
  rescue Mysql2::Error
    x = $! end
  code(
    k, x&.error_number, e
  )
  ok(
    k + '_state', x&.sql_state.to_s.size == 5, x&.sql_state
  )
  tr(k) {
    eq(
      k + '_usable', 1, c.query("SELECT * FROM users_auth WHERE id = #{ID}").count
    )
  }
}
tr('err_prep') {
  x = nil
  begin
  c.prepare('SELECT * FROM no_such_table WHERE id = ?').execute(1)
  rescue Mysql2::Error
    x = $! end
  code('err_prep', x&.error_number, 'EXPECT_NOTABLE')
  eq('err_prep_usable', 1, c.query("SELECT * FROM users_auth WHERE id = #{ID}").count)
}
tr('ping') { ok('ping', c.ping) }
tr('select_db') { ok('select_db', c.select_db(DB) == DB) }
tr('set_server_option') {
  c.set_server_option(Mysql2::Client::OPTION_MULTI_STATEMENTS_OFF)
  c.set_server_option(Mysql2::Client::OPTION_MULTI_STATEMENTS_ON)
  ok('set_server_option', true)
}
tr('big') {
  n = TAG + '_b'
  set.(n)
  c.prepare("INSERT INTO pipes_messages (name, event, message) VALUES (?, ?, ?)").execute(n, 'ev', BIG)
  eq('big_rt', md5(BIG), md5(get.(n)))
}
tr('multi') {
  i = ID + 5
  c.query("INSERT INTO users_data (id, data) VALUES (#{i}, 'm1'); SELECT * FROM users_data WHERE id = #{i}; DELETE FROM users_data WHERE id = #{i}")
  k = 1
  while c.next_result
    c.store_result
    k += 1
  end
  eq('multi', 3, k)
}
tr('many') {
  N.times { |i|
    c.query("INSERT INTO pipes_messages (name, event, message) VALUES ('#{TAG}_many', 'ev', 'm#{i}')")
  }
  ok('many', true)
  c.query("DELETE FROM pipes_messages WHERE name = '#{TAG}_many'")
}
tr('many_prep') {
  s = c.prepare("INSERT INTO pipes_messages (name, event, message) VALUES (?, ?, ?)")
  N.times { |i|
    s.execute(TAG + '_many', 'ev', "m#{i}")
  }
  s.close
  ok('many_prep', true)
  c.query("DELETE FROM pipes_messages WHERE name = '#{TAG}_many'")
}
tr('async') {
  c.query("select * from users_time where id = 2", async: true)
  r = c.async_result
  ok('async', r.fields.size == 2)
}
tr('del') {
  c.query("DELETE FROM users_auth WHERE id = #{ID}")
  eq('del_affected', 1, c.affected_rows)
  %w(e c p b).each { |x|
    c.query("DELETE FROM pipes_messages WHERE name = '#{TAG}_#{x}'")
    c.query("DELETE FROM pipes_settings WHERE name = '#{TAG}_#{x}'")
  }
}
['SHOW TABLES', 'SHOW DATABASES', 'SELECT @@version_comment', 'SELECT DATABASE()', 'SELECT VERSION()',
 'DESCRIBE users_auth'].each { |q|
  tr("q[#{q}]") {
    ok("q[#{q}]", c.query(q).count >= 1)
  }
}
c.close
tr('opts') {
  b = Mysql2::Client.new(o.merge(init_command: "SET autocommit=1", reconnect: true,
                                 flags: Mysql2::Client::COMPRESS | Mysql2::Client::FOUND_ROWS))
  b.query('select * from users_time where id = 2')
  b.close
  ok('opts_init_command_compress', true)
}
[['wrong_password', W + 'x'], ['empty_password', '']].each { |k, w|
  x = nil
  begin
  Mysql2::Client.new(o.merge(password: w))
  rescue Mysql2::Error
    x = $! end
  code(k, x&.error_number, 'EXPECT_AUTH')
}
tr('tls') {
  b = Mysql2::Client.new(o.merge(ssl_mode: :preferred, sslverify: false, sslcipher: 'DEFAULT'))
  b.query('select * from users_time where id = 2')
  ok('tls_connect', !!b.ssl_cipher, 'no cipher')
}
puts 'done'
