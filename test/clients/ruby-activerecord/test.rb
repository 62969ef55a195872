require_relative '../lib/cq'
require 'active_record'

NAME = "#{TAG}_activerecord"
LOGIN = { adapter: 'mysql2', host: H, port: P, username: U, password: W, database: DB, encoding: 'utf8mb4' }.freeze

class User < ActiveRecord::Base
  self.table_name = 'users_auth'
  self.primary_key = 'id'

  # The column "hash" would hide a method of every object.
  def self.instance_method_already_implemented?(name)
    name == 'hash' || super
  end
end

class Message < ActiveRecord::Base
  self.table_name = 'pipes_messages'
  self.primary_key = 'id'
end

class Settings < ActiveRecord::Base
  self.table_name = 'pipes_settings'
  self.primary_key = 'name'
end

def number_of
  yield
  nil
rescue ActiveRecord::ActiveRecordError => e
  (e.cause || e).error_number
end

ActiveRecord::Base.establish_connection(LOGIN)
connection = ActiveRecord::Base.connection

tr('round_trips') do
  Settings.create!(name: NAME, length: 10)
  [T, C, BIG].each { |text| Message.insert!({ name: NAME, event: 'ev', message: text }) }
  eq('round_trips', [T, C, BIG].map { |text| md5(text) }, Message.where(name: NAME).pluck(:message).map { |text| md5(text) })
  eq('deleted', 3, Message.where(name: NAME).delete_all)
end

tr('users') do
  User.insert_all!([{ id: ID, hash: 'one' }, { id: ID + 1, hash: 'two' }])
  eq('where', [[ID + 1, 'two'], [ID, 'one']], User.where(id: [ID, ID + 1]).order(id: :desc).pluck(:id, :hash))
  eq('find', 'two', User.find(ID + 1)[:hash])
  eq('find_by', nil, User.find_by(id: ID + 2))
  eq('count', 2, User.where(id: [ID, ID + 1]).count)
  ok('exists', User.exists?(ID))
  eq('delete_all', 2, User.where(id: [ID, ID + 1]).delete_all)
end

tr('transactions') do
  User.transaction do
    User.insert!({ id: ID, hash: 'x' })
    raise ActiveRecord::Rollback
  end
  ok('rolled_back', !User.exists?(ID))
  User.transaction { User.insert!({ id: ID, hash: 'x' }) }
  ok('committed', User.exists?(ID))
  User.delete(ID)
end

tr('errors') do
  code('err_table', number_of { connection.select_all('SELECT * FROM no_such_table WHERE id = 1') }, 'EXPECT_NOTABLE')
  code('err_syntax', number_of { connection.execute('SELEKT') }, 'EXPECT_SYNTAX')
  eq('usable', 1, connection.select_value('SELECT 1'))
end

tr('schema') do
  ok('tables', (%w[users_auth pipes] - connection.tables).empty?, connection.tables)
  eq('columns', %w[id hash], connection.columns('users_auth').map(&:name))
  eq('primary_key', 'id', connection.primary_key('users_auth'))
end

tr('many') do
  N.times { |i| Message.insert!({ name: NAME, event: 'ev', message: "m#{i}" }) }
  eq('many', (N - 10...N).map { |i| "m#{i}" }, Message.where(name: NAME).pluck(:message))
  Settings.where(name: NAME).delete_all
end

tr('prepared') do
  ActiveRecord::Base.establish_connection(LOGIN.merge(prepared_statements: true))
  User.insert!({ id: ID, hash: 'prepared' })
  eq('prepared', 'prepared', User.find(ID)[:hash])
  User.delete(ID)
end

tr('tls') do
  ActiveRecord::Base.establish_connection(LOGIN.merge(ssl_mode: :verify_identity, sslca: ENV['CQ_TLS_CA']))
  eq('tls', 1, ActiveRecord::Base.connection.select_value('SELECT 1'))
end

tr('wrong_password') do
  ActiveRecord::Base.establish_connection(LOGIN.merge(password: "#{W}x"))
  code('wrong_password', number_of { ActiveRecord::Base.connection }, 'EXPECT_AUTH')
end
puts 'done'
