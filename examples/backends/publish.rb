# Publishes a message into the pipe "chat" and tells who is there. Run: ruby examples/backends/publish.rb
# COMET_PASSWORD is that of the server; the gem mysql2 is also Debian's package ruby-mysql2.
require 'mysql2'

comet = Mysql2::Client.new(
  host: ENV.fetch('COMETQL_HOST', '127.0.0.1'),
  port: ENV.fetch('COMETQL_PORT', '3307').to_i,
  username: 'root',
  password: ENV.fetch('COMET_PASSWORD', ''),
  database: 'CometQL_v1',
  encoding: 'utf8mb4'
)

comet.prepare('INSERT INTO pipes_messages (name, event, message) VALUES (?, ?, ?)')
     .execute('chat', 'message', "hello from Ruby, it's easy")

sessions = comet.prepare('SELECT user_id, user_agent FROM users_in_pipes WHERE name = ?').execute('chat').to_a

puts "#{sessions.size} online"
sessions.each do |session|
  who = session['user_id'].positive? ? "user #{session['user_id']}" : 'a visitor'
  puts "#{who}, #{session['user_agent']}"
end
