import groovy.sql.Sql
import java.sql.SQLException

def env = System.getenv()

def ok(name, right, why = '') {
    println(right ? "ok $name" : "not ok $name # ${why.toString().replace('\n', ' ')}")
}

def check(name, Closure run) {
    try { run() } catch (Throwable e) { ok(name, false, e) }
}

def connect(env, password, more = '') {
    Sql.newInstance("jdbc:mariadb://$env.CQ_HOST:$env.CQ_PORT/$env.CQ_DB$more", env.CQ_USER, password)
}

def numberOf(Closure run) {
    try { run(); 0 } catch (SQLException e) { e.errorCode }
}

def pipe = "${env.CQ_TAG}_groovy".toString()
def id = env.CQ_ID as int
def comet = connect(env, env.CQ_PASS)

check('texts') {
    comet.execute 'INSERT INTO pipes_settings (name, length) VALUES (?, 10)', [pipe]
    ['CQ_TRICKY', 'CQ_CTRL', 'CQ_BIG'].each { variable ->
        def text = new File(env[variable]).getText('UTF-8')
        ok('affected', comet.executeUpdate("INSERT INTO pipes_messages (name, event, message) VALUES ($pipe, 'ev', $text)") == 1)
        ok('round_trip', comet.firstRow("SELECT message FROM pipes_messages WHERE name = $pipe").message == text)
        comet.execute "DELETE FROM pipes_messages WHERE name = $pipe"
    }
    def counts = comet.withBatch(50, 'INSERT INTO pipes_messages (name, event, message) VALUES (?, ?, ?)') { batch ->
        (env.CQ_N as int).times { batch.addBatch(pipe, 'ev', "m$it".toString()) }
    }
    ok('batch', counts.size() == (env.CQ_N as int), counts.size())
    comet.execute "DELETE FROM pipes_settings WHERE name = $pipe"
}

check('users') {
    comet.dataSet('users_auth').add(id: id, hash: 'one')
    ok('row', comet.rows("SELECT * FROM users_auth WHERE id = $id") == [[id: id, hash: 'one']])
    comet.withTransaction { connection ->
        comet.execute "DELETE FROM users_auth WHERE id = $id"
        connection.rollback()
    }
    ok('rolled_back', comet.rows("SELECT * FROM users_auth WHERE id = $id").size() == 1)
    ok('deleted', comet.executeUpdate("DELETE FROM users_auth WHERE id = $id") == 1)
    ok('no_rows', comet.firstRow("SELECT * FROM users_auth WHERE id = $id") == null)
}

ok('err_table', numberOf { comet.rows('SELECT * FROM no_such_table WHERE id = 1') } == (env.EXPECT_NOTABLE as int))
ok('err_syntax', numberOf { comet.execute('SELEKT') } == (env.EXPECT_SYNTAX as int))
ok('wrong_password', numberOf { connect(env, env.CQ_PASS + 'x') } == (env.EXPECT_AUTH as int))
check('tls') {
    def encrypted = connect(env, env.CQ_PASS, "?useSsl=true&serverSslCert=$env.CQ_TLS_CA")
    ok('tls', encrypted.firstRow('SELECT 1 AS one').one == 1)
}
println 'done'
