const { H, P, U, W, DB, TAG, ID, N, T, C, BIG, ok, skip, eq, tr, code, md5, errOf, run } = require('../lib/cq.cjs')
const mysql = require('mysql')
const opt = { host: H, port: P, user: U, password: W, database: DB, charset: 'utf8mb4', multipleStatements: true }
run(async () => {
  const c = mysql.createConnection(opt)
  const q = (sql, a) => new Promise((r, j) => c.query(sql, a, (e, rows, f) => (e ? j(e) : r({ rows, f }))))
  const pr = (f) => new Promise((r, j) => f((e, x) => (e ? j(e) : r(x))))
  if (!(await tr('connect', () => pr((cb) => c.connect(cb)).then(() => ok('connect', true))))) return
  ok('thread_id', c.threadId > 0, c.threadId)
  const n = TAG + '_e'
  await tr('esc', async () => {
    await q(`INSERT INTO pipes_settings (name, length) VALUES (${mysql.escape(n)}, 10)`)
    const r = await q(`INSERT INTO pipes_messages (name, event, message) VALUES (${c.escape(n)}, 'ev', ${c.escape(T)})`)
    eq('ins_escaped_affected', 1, r.rows.affectedRows)
    const g = await q('SELECT * FROM pipes_messages WHERE name = ?', [n])
    eq('sel_rowcount', 1, g.rows.length)
    eq('rt_escaped', T, g.rows[0]?.message)
    await q('DELETE FROM pipes_messages WHERE name = ?', [n])
  })
  await tr('emul', async () => {
    const r = await q('INSERT INTO pipes_messages (name, event, message) VALUES (?, ?, ?)', [n, 'ev', T])
    eq('rt_emul', T, (await q('SELECT * FROM pipes_messages WHERE name = ?', [n])).rows[0]?.message)
    await q('DELETE FROM pipes_messages WHERE name = ?', [n])
    await q('INSERT INTO pipes_messages (name, event, message) VALUES (?)', [[n, 'ev', C]])
    eq('rt_ctrl', C, (await q('SELECT * FROM pipes_messages WHERE name = ?', [n])).rows[0]?.message)
    await q('DELETE FROM pipes_messages WHERE name = ?', [n])
  })
  await tr('buf', async () => {
    await q('INSERT INTO pipes_messages (name, event, message) VALUES (?, ?, ?)', [n, 'ev', Buffer.from("hex'\\")])
    const r = (await q('SELECT * FROM pipes_messages WHERE name = ?', [n])).rows[0]?.message
    eq('buffer_param_hex_literal', "hex'\\", r)
    await q('DELETE FROM pipes_messages WHERE name = ?', [n])
  })
  await tr('auth', async () => {
    await q('INSERT INTO users_auth (id, hash) VALUES (?, ?)', [ID, 'it=s'])
    ok('auth_ins', true)
    const g = await q('SELECT * FROM users_auth WHERE id = ?', [ID])
    eq('auth_sel', [{ id: ID, hash: 'it=s' }], g.rows)
    eq(
      'meta_columns',
      ['id', 'hash'],
      g.f.map((x) => x.name),
    )
    ok(
      'meta_types',
      [3, 8].includes(g.f[0].type) && [252, 253, 254].includes(g.f[1].type),
      g.f.map((x) => x.type),
    )
    ok('meta_charset', g.f[1].charsetNr !== 63, g.f[1].charsetNr)
    eq('meta_table', 'users_auth', g.f[0].table)
    eq('auth_in', 1, (await q('SELECT id FROM users_auth WHERE id IN (?)', [[ID, ID + 1]])).rows.length)
    eq(
      'qmarks',
      'users_auth',
      (await q('SELECT ?? FROM ?? WHERE id = ?', [['id', 'hash'], 'users_auth', ID])).f[0].table,
    )
  })
  await tr('qb_set', async () => {
    await q('INSERT INTO users_auth SET ?', { id: ID + 3, hash: 's' })
    ok('qb_insert_set', true)
    await q('DELETE FROM users_auth WHERE id = ?', [ID + 3])
  })
  await tr('time_in', async () => {
    const g = await q('select * from users_time where id in (2,3,145)')
    eq(
      'time_in',
      ['id', 'time'],
      g.f.map((x) => x.name),
    )
    ok(
      'time_numeric',
      g.rows.every((r) => typeof r.id === 'number' && typeof r.time === 'number'),
    )
  })
  await tr('pipes_in', async () =>
    eq(
      'pipes_in',
      ['name', 'users'],
      (await q("select * from pipes where name in ('a','b')")).f.map((x) => x.name),
    ),
  )
  await tr('empty', async () => {
    const g = await q('SELECT * FROM users_auth WHERE id = ?', [ID + 999])
    eq('empty_result', [0, 2], [g.rows.length, g.f.length])
  })
  for (const [k, s, env] of [
    ['err_table', 'SELECT * FROM no_such_table WHERE id = 1', 'EXPECT_NOTABLE'],
    ['err_syntax', 'SELEKT bogus', 'EXPECT_SYNTAX'],
  ])
    await tr(k, async () => {
      const e = await errOf(() => q(s))
      code(k, e.errno, env)
      ok(k + '_code_string', typeof e.code === 'string', e.code)
      ok(k + '_sqlstate', /^.{5}$/.test(e.sqlState || ''), e.sqlState)
      eq(k + '_usable', 1, (await q('SELECT * FROM users_auth WHERE id = ?', [ID])).rows.length)
    })
  await tr('ping', () => pr((cb) => c.ping(cb)).then(() => ok('ping', true)))
  await tr('statistics', () => pr((cb) => c.statistics(cb)).then(() => ok('statistics', true)))
  await tr('changeUser', () =>
    pr((cb) => c.changeUser({ user: U, password: W, database: DB, charset: 'utf8mb4' }, cb)).then(() =>
      ok('change_user', true),
    ),
  )
  await tr('big', async () => {
    await q('INSERT INTO pipes_messages (name, event, message) VALUES (?, ?, ?)', [n, 'ev', BIG])
    eq('big_rt', md5(BIG), md5((await q('SELECT message FROM pipes_messages WHERE name = ?', [n])).rows[0]?.message))
  })
  await tr('multi', async () => {
    const r = await q(
      `INSERT INTO users_data (id, data) VALUES (?, 'm1'); SELECT * FROM users_data WHERE id = ?; DELETE FROM users_data WHERE id = ?`,
      [ID + 5, ID + 5, ID + 5],
    )
    eq('multi', [1, 1, 1], [r.rows[0].affectedRows, r.rows[1].length, r.rows[2].affectedRows])
    const e = await errOf(() =>
      q(
        `SELECT * FROM users_auth WHERE id = ${ID}; SELECT * FROM no_such_table; SELECT * FROM users_auth WHERE id = 1`,
      ),
    )
    code('multi_err', e.errno, 'EXPECT_NOTABLE')
    eq('multi_usable', 1, (await q('SELECT * FROM users_auth WHERE id = ?', [ID])).rows.length)
  })
  await tr('many', async () => {
    const a = []
    for (let i = 0; i < N; i++)
      a.push(q('INSERT INTO pipes_messages (name, event, message) VALUES (?, ?, ?)', [TAG + '_many', 'ev', 'm' + i]))
    await Promise.all(a)
    ok('many', true)
    await q('DELETE FROM pipes_messages WHERE name = ?', [TAG + '_many'])
  })
  await tr(
    'stream',
    () =>
      new Promise((r, j) => {
        let k = 0
        c.query('select * from users_auth where id = ?', [ID])
          .stream()
          .on('data', () => k++)
          .on('end', () => {
            eq('stream', 1, k)
            r()
          })
          .on('error', j)
      }),
  )
  await tr('tx', () =>
    pr((cb) => c.beginTransaction(cb))
      .then(() => pr((cb) => c.commit(cb)))
      .then(() => pr((cb) => c.beginTransaction(cb)))
      .then(() => pr((cb) => c.rollback(cb)))
      .then(() => ok('tx', true)),
  )
  await tr('del', async () => {
    eq('del_affected', 1, (await q('DELETE FROM users_auth WHERE id = ?', [ID])).rows.affectedRows)
    eq('del_check', 0, (await q('SELECT * FROM users_auth WHERE id = ?', [ID])).rows.length)
    await q('DELETE FROM pipes_messages WHERE name = ?', [n])
    await q('DELETE FROM pipes_settings WHERE name = ?', [n])
  })
  for (const s of [
    'SHOW TABLES',
    'SHOW DATABASES',
    'SELECT @@version_comment',
    'SELECT DATABASE()',
    'SELECT VERSION()',
    "SHOW VARIABLES LIKE 'version'",
    'DESCRIBE users_auth',
  ])
    await tr(`q[${s}]`, async () => ok(`q[${s}]`, (await q(s)).rows.length >= 1))
  await tr('end', () => pr((cb) => c.end(cb)).then(() => ok('end', true)))
  await tr('pool', async () => {
    const p = mysql.createPool({ ...opt, connectionLimit: 3 })
    const pq = (s) => new Promise((r, j) => p.query(s, (e, x) => (e ? j(e) : r(x))))
    await Promise.all([...Array(10)].map(() => pq('select * from users_time where id = 2')))
    await pq('select * from users_time where id = 2')
    ok('pool_reuse_ping', true)
    await pr((cb) => p.end(cb))
  })
  for (const [k, pw] of [
    ['wrong_password', W + 'x'],
    ['empty_password', ''],
  ]) {
    const b = mysql.createConnection({ ...opt, password: pw })
    const e = await errOf(() => pr((cb) => b.connect(cb)))
    code(k, e.errno, 'EXPECT_AUTH')
    b.destroy()
  }
  await tr('tls_connect', async () => {
    const b = mysql.createConnection({ ...opt, ssl: { rejectUnauthorized: false } })
    await pr((cb) => b.connect(cb))
    await pr((cb) => b.query('select * from users_time where id = 2', cb))
    ok('tls_connect', true)
    b.end()
  })
})
