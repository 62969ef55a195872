require_relative '../lib/cq'
require 'sequel'
o = { adapter: 'mysql2', host: H, port: P, user: U, password: W, database: DB, encoding: 'utf8mb4' }
d = begin Sequel.connect(o) rescue (ok('connect', false, $!.message)
                                    exit 1) end
ok('connect', true)
n = TAG + '_s'
tr('server_version') { ok('server_version', d.server_version > 0) }
tr('test_connection') {
  ok('test_connection', d.test_connection)
}
tr('rt') {
  d.run(d.fetch("INSERT INTO pipes_settings (name, length) VALUES (?, 10)", n).sql)
  eq('affected', 1,
     d.execute_dui(d.fetch("INSERT INTO pipes_messages (name, event, message) VALUES (?, ?, ?)", n, 'ev', T).sql))
  eq('rt_fetch', T, d.fetch("SELECT * FROM pipes_messages WHERE name = ?", n).first&.fetch(:message))
}
tr('auth') {
  d.run("INSERT INTO users_auth (id, hash) VALUES (#{ID}, 'h')")
  eq('auth_sel', [{ id: ID, hash: 'h' }], d.fetch("SELECT * FROM users_auth WHERE id IN ?", [ID, ID + 1]).all)
}
tr('err') {
  x = nil
  begin
  d.fetch('SELECT * FROM no_such_table').all
  rescue Sequel::DatabaseError
    x = $!.wrapped_exception end
  code('err_table', x&.error_number, 'EXPECT_NOTABLE')
  eq('err_usable', 1, d.fetch("SELECT * FROM users_auth WHERE id = #{ID}").count)
  eq('err_usable2', 1, d.fetch("SELECT * FROM users_auth WHERE id = #{ID}").all.size)
}
tr('qb') {
  d[:users_auth].insert(id: ID + 1, hash: "it=s")
  eq('qb_where', [{ id: ID + 1, hash: "it=s" }], d[:users_auth].where(id: [ID + 1, ID + 2]).all)
  eq('qb_first_limit', "it=s", d[:users_auth].where(id: ID + 1).get(:hash))
  eq('qb_delete', 1, d[:users_auth].where(id: ID + 1).delete)
  d[:pipes_messages].insert(name: n + 'q', event: 'ev', message: T)
  ok('qb_insert', true)
  d[:pipes_messages].where(name: n + 'q').delete
}
tr('qb_prepared') {
  s = d[:users_auth].where(id: :$i).prepare(:first, :sel)
  eq('qb_prepared', 'h', s.call(i: ID)&.fetch(:hash))
}
tr('qb_tables') { ok('qb_tables', d.tables.include?(:users_auth)) }
tr('qb_schema') { eq('qb_schema', [:id, :hash], d.schema(:users_auth).map(&:first)) }
tr('qb_columns') { eq('qb_columns', [:id, :hash], d[:users_auth].columns) }
tr('qb_tx') {
  d.transaction { d.fetch('select * from users_time where id = 2').all }
  ok('qb_transaction', true)
}
tr('qb_table_exists') {
  ok('qb_table_exists', d.table_exists?(:users_auth) && !d.table_exists?(:no_such_table))
}
tr('del') {
  d.run("DELETE FROM pipes_messages WHERE name = '#{n}'")
  d.run("DELETE FROM pipes_settings WHERE name = '#{n}'")
  eq('del_affected', 1, d.execute_dui("DELETE FROM users_auth WHERE id = #{ID}"))
}
d.disconnect

x = nil
begin
  Sequel.connect(o.merge(password: W + 'x'))
rescue Sequel::DatabaseConnectionError
  x = $!.wrapped_exception
end
code('wrong_password', x&.error_number, 'EXPECT_AUTH')
tr('tls') {
  Sequel.connect(o.merge(sslmode: :verify_identity, sslca: ENV['CQ_TLS_CA'])) { |encrypted|
    eq('tls', 1, encrypted.fetch('SELECT 1 AS one').get(:one))
  }
}
puts 'done'
