const { H, P, U, W, DB, TAG, ID, N, T, C, BIG, ok, skip, eq, tr, code, md5, errOf, run } = require('../lib/cq.cjs')
const mysql = require('mysql2/promise')
const opt = { host: H, port: P, user: U, password: W, database: DB, multipleStatements: true }
run(async () => {
  const c = await tr('connect', () => mysql.createConnection(opt))
  if (!c) return
  ok('connect', true)
  ok('thread_id', c.threadId > 0, c.threadId)
  ok('server_version', !!c.connection._handshakePacket.serverVersion)
  const n = TAG + '_e'
  const get = async (m) => (await c[m]('SELECT * FROM pipes_messages WHERE name = ?', [n]))[0][0]?.message
  const clr = () => c.query('DELETE FROM pipes_messages WHERE name = ?', [n])
  await tr('esc', async () => {
    await c.query(`INSERT INTO pipes_settings (name, length) VALUES (${c.escape(n)}, 10)`)
    const [r] = await c.query(
      `INSERT INTO pipes_messages (name, event, message) VALUES (${c.escape(n)}, 'ev', ${c.escape(T)})`,
    )
    eq('ins_escaped_affected', 1, r.affectedRows)
    eq('rt_escaped', T, await get('query'))
    await clr()
  })
  await tr('emul', async () => {
    await c.query('INSERT INTO pipes_messages (name, event, message) VALUES (?, ?, ?)', [n, 'ev', T])
    eq('rt_emul', T, await get('query'))
    await clr()
    await c.query('INSERT INTO pipes_messages (name, event, message) VALUES (?, ?, ?)', [n, 'ev', C])
    eq('rt_ctrl', C, await get('query'))
    await clr()
  })
  await tr('prep', async () => {
    const [r] = await c.execute('INSERT INTO pipes_messages (name, event, message) VALUES (?, ?, ?)', [n, 'ev', T])
    eq('ins_prep_affected', 1, r.affectedRows)
    eq('rt_prep', T, await get('execute'))
    await clr()
    await c.execute('INSERT INTO pipes_messages (name, event, message) VALUES (?, ?, ?)', [n, 'ev', C])
    eq('rt_ctrl_prep', C, await get('execute'))
    await clr()
  })
  await tr('prep_buf', async () => {
    await c.execute('INSERT INTO pipes_messages (name, event, message) VALUES (?, ?, ?)', [
      n,
      'ev',
      Buffer.from("b'\\x"),
    ])
    eq('rt_prep_buffer', "b'\\x", await get('execute'))
    await clr()
  })
  await tr('auth', async () => {
    await c.execute('INSERT INTO users_auth (id, hash) VALUES (?, ?)', [ID, 'it=s'])
    ok('auth_ins_prep_number_param', true)
    const [g, f] = await c.query('SELECT * FROM users_auth WHERE id = ?', [ID])
    eq('auth_sel', [{ id: ID, hash: 'it=s' }], g)
    eq(
      'meta_columns',
      ['id', 'hash'],
      f.map((x) => x.name),
    )
    ok(
      'meta_types',
      [3, 8].includes(f[0].columnType) && [252, 253, 254].includes(f[1].columnType),
      f.map((x) => x.columnType),
    )
    const [g2] = await c.execute('SELECT id, hash FROM users_auth WHERE id = ?', [ID])
    eq('auth_sel_prep_number', [{ id: ID, hash: 'it=s' }], g2)
    const [g3] = await c.execute('SELECT id, hash FROM users_auth WHERE id = ?', [String(ID)])
    eq('auth_sel_prep_string', [{ id: ID, hash: 'it=s' }], g3)
    const [g4] = await c.execute('SELECT id FROM users_auth WHERE id IN (?, ?)', [ID, ID + 1])
    eq('auth_in_prep', 1, g4.length)
    const [g5] = await c.query({ sql: 'SELECT id, hash FROM users_auth WHERE id = ?', rowsAsArray: true }, [ID])
    eq('rows_as_array', [[ID, 'it=s']], g5)
    const [g6] = await c.query(
      { sql: 'SELECT hash FROM users_auth WHERE id = :id', namedPlaceholders: true },
      { id: ID },
    )
    eq('named_ph', 1, g6.length)
  })
  await tr('time_in', async () => {
    const [g, f] = await c.query('select * from users_time where id in (2,3,145)')
    eq(
      'time_in',
      ['id', 'time'],
      f.map((x) => x.name),
    )
    ok(
      'time_numeric',
      g.every((r) => typeof r.id === 'number' && typeof r.time === 'number'),
    )
    const [h] = await c.execute('select * from users_time where id in (2,3,145)')
    eq('time_in_prep', g, h)
  })
  await tr('pipes_in', async () => {
    eq(
      'pipes_in',
      ['name', 'users'],
      (await c.query("select * from pipes where name in ('a','b')"))[1].map((x) => x.name),
    )
    eq(
      'pipes_in_prep',
      ['name', 'users'],
      (await c.execute('select * from pipes where name in (?, ?)', ['a', 'b']))[1].map((x) => x.name),
    )
  })
  await tr('empty', async () => {
    const [g, f] = await c.query('SELECT * FROM users_auth WHERE id = ?', [ID + 999])
    eq('empty_result', [0, 2], [g.length, f.length])
    const [g2, f2] = await c.execute('SELECT * FROM users_auth WHERE id = ?', [ID + 999])
    eq('empty_result_prep', [0, 2], [g2.length, f2.length])
  })
  for (const [k, s, env] of [
    ['err_table', 'SELECT * FROM no_such_table WHERE id = 1', 'EXPECT_NOTABLE'],
    ['err_syntax', 'SELEKT bogus', 'EXPECT_SYNTAX'],
  ])
    for (const m of ['query', 'execute'])
      await tr(k, async () => {
        const e = await errOf(() => c[m](s))
        code(`${k}_${m}`, e.errno, env)
        ok(`${k}_${m}_code`, typeof e.code === 'string' && e.code !== '', e.code)
        ok(`${k}_${m}_sqlstate`, /^.{5}$/.test(e.sqlState || ''), e.sqlState)
        eq(`${k}_${m}_usable`, 1, (await c[m]('SELECT * FROM users_auth WHERE id = ?', [ID]))[0].length)
      })
  await tr('ping', async () => {
    await c.ping()
    ok('ping', true)
  })
  await tr('change_user', async () => {
    await c.changeUser({ user: U, password: W, database: DB })
    ok('change_user', true)
    await c.query('select * from users_time where id = 2')
  })
  if (c.reset)
    await tr('reset', async () => {
      await c.reset()
      ok('reset_connection', true)
      await c.query('select * from users_time where id = 2')
    })
  await tr('big', async () => {
    for (const m of ['query', 'execute']) {
      await c[m]('INSERT INTO pipes_messages (name, event, message) VALUES (?, ?, ?)', [n, 'ev', BIG])
      eq('big_rt_' + m, md5(BIG), md5(await get(m)))
      await clr()
    }
  })
  await tr('multi', async () => {
    const [r] = await c.query(
      `INSERT INTO users_data (id, data) VALUES (?, 'm1'); SELECT * FROM users_data WHERE id = ?; DELETE FROM users_data WHERE id = ?`,
      [ID + 5, ID + 5, ID + 5],
    )
    eq('multi', [1, 1, 1], [r[0].affectedRows, r[1].length, r[2].affectedRows])
    const e = await errOf(() =>
      c.query(
        `SELECT * FROM users_auth WHERE id = ${ID}; SELECT * FROM no_such_table; SELECT * FROM users_auth WHERE id = 1`,
      ),
    )
    code('multi_err', e.errno, 'EXPECT_NOTABLE')
    eq('multi_usable', 1, (await c.query('SELECT * FROM users_auth WHERE id = ?', [ID]))[0].length)
  })
  for (const m of ['query', 'execute'])
    await tr('many_' + m, async () => {
      const a = []
      for (let i = 0; i < N; i++)
        a.push(
          c[m]('INSERT INTO pipes_messages (name, event, message) VALUES (?, ?, ?)', [TAG + '_many', 'ev', 'm' + i]),
        )
      await Promise.all(a)
      ok('many_' + m, true)
      await c.query('DELETE FROM pipes_messages WHERE name = ?', [TAG + '_many'])
    })
  await tr('prepare', async () => {
    const s = await c.prepare('SELECT hash FROM users_auth WHERE id = ?')
    for (let i = 0; i < 3; i++) {
      const [r] = await s.execute([ID])
      if (i == 2) eq('prepare_reexec', 'it=s', r[0]?.hash)
    }
    await s.close()
    c.unprepare && c.unprepare('SELECT hash FROM users_auth WHERE id = ?')
  })
  await tr('stmt_cache_evict', async () => {
    for (let i = 0; i < 40; i++)
      await c.execute(`SELECT * FROM users_auth WHERE id = ? /* ${i} */`.replace(/ \/\*.*/, i % 2 ? '' : ' '), [ID + i])
    ok('stmt_many_prepares', true)
  })
  await tr('tx', async () => {
    await c.beginTransaction()
    await c.commit()
    await c.beginTransaction()
    await c.rollback()
    ok('tx', true)
  })
  await tr('del', async () => {
    eq('del_affected', 1, (await c.execute('DELETE FROM users_auth WHERE id = ?', [ID]))[0].affectedRows)
    eq('del_check', 0, (await c.query('SELECT * FROM users_auth WHERE id = ?', [ID]))[0].length)
    await clr()
    await c.query('DELETE FROM pipes_settings WHERE name = ?', [n])
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
    await tr(`q[${s}]`, async () => {
      ok(`q[${s}]`, (await c.query(s))[0].length >= 1)
      ok(`p[${s}]`, (await c.execute(s))[0].length >= 1)
    })
  await tr('end', () => c.end().then(() => ok('end', true)))
  await tr('pool', async () => {
    const p = mysql.createPool({ ...opt, connectionLimit: 3, enableKeepAlive: true })
    await Promise.all([...Array(10)].map(() => p.query('select * from users_time where id = 2')))
    await p.execute('select * from users_time where id = ?', [2])
    const k = await p.getConnection()
    k.release()
    ok('pool', true)
    await p.end()
  })
  await tr('compress', async () => {
    const b = await mysql.createConnection({ ...opt, compress: true })
    await b.query('select * from users_time where id = 2')
    ok('compress', true)
    await b.end()
  })
  await tr('flags', async () => {
    const b = await mysql.createConnection({
      ...opt,
      flags: ['-FOUND_ROWS', '-CONNECT_ATTRS', '-PLUGIN_AUTH'],
      charset: 'UTF8_GENERAL_CI',
      supportBigNumbers: true,
      bigNumberStrings: true,
      dateStrings: true,
    })
    const [r] = await b.query('select * from users_time where id = 2')
    ok('flags_no_plugin_auth', true)
    await b.end()
  })
  for (const [k, pw] of [
    ['wrong_password', W + 'x'],
    ['empty_password', ''],
  ]) {
    const e = await errOf(() => mysql.createConnection({ ...opt, password: pw }))
    code(k, e.errno, 'EXPECT_AUTH')
  }
  await tr('tls_connect', async () => {
    const b = await mysql.createConnection({ ...opt, ssl: { rejectUnauthorized: false } })
    await b.query('select * from users_time where id = 2')
    ok('tls_connect', true)
    await b.end()
  })
})
