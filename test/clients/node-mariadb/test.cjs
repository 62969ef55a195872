const { H, P, U, W, DB, TAG, ID, N, T, C, BIG, ok, skip, eq, tr, code, md5, errOf, run } = require('../lib/cq.cjs')
const mariadb = require('mariadb')
const opt = {
  host: H,
  port: P,
  user: U,
  password: W,
  database: DB,
  multipleStatements: true,
  allowPublicKeyRetrieval: true,
}
run(async () => {
  const c = await tr('connect', () => mariadb.createConnection(opt))
  if (!c) return
  ok('connect', true)
  ok('thread_id', c.threadId > 0)
  ok('server_version', !!c.serverVersion(), c.serverVersion())
  const n = TAG + '_e'
  const get = async (m) => (await c[m]('SELECT * FROM pipes_messages WHERE name = ?', [n]))[0]?.message
  const clr = () => c.query('DELETE FROM pipes_messages WHERE name = ?', [n])
  await tr('esc', async () => {
    await c.query(`INSERT INTO pipes_settings (name, length) VALUES (${c.escape(n)}, 10)`)
    const r = await c.query(
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
    const r = await c.execute('INSERT INTO pipes_messages (name, event, message) VALUES (?, ?, ?)', [n, 'ev', T])
    eq('ins_prep_affected', 1, r.affectedRows)
    eq('rt_prep', T, await get('execute'))
    await clr()
    await c.execute('INSERT INTO pipes_messages (name, event, message) VALUES (?, ?, ?)', [n, 'ev', C])
    eq('rt_ctrl_prep', C, await get('execute'))
    await clr()
  })
  await tr('auth', async () => {
    await c.execute('INSERT INTO users_auth (id, hash) VALUES (?, ?)', [ID, 'it=s'])
    const g = await c.query('SELECT * FROM users_auth WHERE id = ?', [ID])
    eq('auth_sel', [{ id: ID, hash: 'it=s' }], [...g])
    eq(
      'meta_columns',
      ['id', 'hash'],
      g.meta.map((x) => x.name()),
    )
    ok(
      'meta_types',
      [3, 8].includes(g.meta[0].columnType) && [252, 253, 254].includes(g.meta[1].columnType),
      g.meta.map((x) => x.columnType),
    )
    const h = await c.execute('SELECT id, hash FROM users_auth WHERE id = ?', [ID])
    eq('auth_sel_prep', [{ id: ID, hash: 'it=s' }], [...h])
    eq('auth_in_prep', 1, (await c.execute('SELECT id FROM users_auth WHERE id IN (?, ?)', [ID, ID + 1])).length)
    eq(
      'named_ph',
      1,
      (await c.query({ sql: 'SELECT hash FROM users_auth WHERE id = :id', namedPlaceholders: true }, { id: ID }))
        .length,
    )
  })
  await tr('batch', async () => {
    const r = await c.batch('INSERT INTO users_data (id, data) VALUES (?, ?)', [
      [ID + 1, 'd1'],
      [ID + 2, 'd2'],
      [ID + 3, 'd3'],
    ])
    eq('batch_affected', 3, Array.isArray(r) ? r.reduce((a, x) => a + x.affectedRows, 0) : r.affectedRows)
    const g = await c.query('SELECT data FROM users_data WHERE id IN (?, ?, ?)', [ID + 1, ID + 2, ID + 3])
    eq('batch', ['d1', 'd2', 'd3'], g.map((x) => x.data).sort())
    await c.query('DELETE FROM users_data WHERE id IN (?, ?, ?)', [ID + 1, ID + 2, ID + 3])
  })
  await tr('time_in', async () => {
    const g = await c.query('select * from users_time where id in (2,3,145)')
    eq(
      'time_in',
      ['id', 'time'],
      g.meta.map((x) => x.name()),
    )
    ok(
      'time_numeric',
      g.every((r) => typeof r.id === 'number' && typeof r.time === 'number'),
    )
    const h = await c.execute('select * from users_time where id in (2,3,145)')
    eq('time_in_prep', [...g], [...h])
  })
  await tr('pipes_in', async () =>
    eq(
      'pipes_in',
      ['name', 'users'],
      (await c.query("select * from pipes where name in ('a','b')")).meta.map((x) => x.name()),
    ),
  )
  await tr('empty', async () => {
    for (const m of ['query', 'execute']) {
      const g = await c[m]('SELECT * FROM users_auth WHERE id = ?', [ID + 999])
      eq('empty_result_' + m, [0, 2], [g.length, g.meta.length])
    }
  })
  for (const [k, s, env] of [
    ['err_table', 'SELECT * FROM no_such_table WHERE id = 1', 'EXPECT_NOTABLE'],
    ['err_syntax', 'SELEKT bogus', 'EXPECT_SYNTAX'],
  ])
    for (const m of ['query', 'execute'])
      await tr(k, async () => {
        const e = await errOf(() => c[m](s))
        code(`${k}_${m}`, e.errno, env)
        ok(`${k}_${m}_sqlstate`, /^.{5}$/.test(e.sqlState || ''), e.sqlState)
        ok(`${k}_${m}_not_fatal`, e.fatal === false, e.fatal)
        eq(`${k}_${m}_usable`, 1, (await c[m]('SELECT * FROM users_auth WHERE id = ?', [ID])).length)
      })
  await tr('ping', async () => {
    await c.ping()
    ok('ping', true)
    ok('is_valid', c.isValid())
  })
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
    const r = await c.query(
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
    eq('multi_usable', 1, (await c.query('SELECT * FROM users_auth WHERE id = ?', [ID])).length)
  })
  for (const m of ['query', 'execute'])
    await tr('many_' + m, async () => {
      const a = []
      for (let i = 0; i < N; i++)
        a.push(
          c[m]('INSERT INTO pipes_messages (name, event, message) VALUES (?, ?, ?)', [TAG + '_many', 'ev', 'm' + i]),
        )
      await Promise.all(a)
      ok('many_pipelined_' + m, true)
      await c.query('DELETE FROM pipes_messages WHERE name = ?', [TAG + '_many'])
    })
  await tr('pipelined_err', async () => {
    const r = await Promise.allSettled([
      c.query('SELECT * FROM users_auth WHERE id = ?', [ID]),
      c.query('SELECT * FROM no_such_table'),
      c.query('SELECT * FROM users_auth WHERE id = ?', [ID]),
      c.query('SELEKT x'),
      c.query('SELECT * FROM users_auth WHERE id = ?', [ID]),
    ])
    eq(
      'pipelined_err',
      ['fulfilled', 'rejected', 'fulfilled', 'rejected', 'fulfilled'],
      r.map((x) => x.status),
    )
  })
  await tr('prepare', async () => {
    const s = await c.prepare('SELECT hash FROM users_auth WHERE id = ?')
    for (let i = 0; i < 3; i++) {
      const r = await s.execute([ID])
      if (i == 2) eq('prepare_reexec', 'it=s', r[0]?.hash)
    }
    s.close()
  })
  await tr('stream', async () => {
    let k = 0
    for await (const r of c.queryStream('select * from users_auth where id = ?', [ID])) k++
    eq('stream', 1, k)
  })
  await tr('tx', async () => {
    await c.beginTransaction()
    await c.commit()
    await c.beginTransaction()
    await c.rollback()
    ok('tx', true)
  })
  await tr('del', async () => {
    eq('del_affected', 1, (await c.execute('DELETE FROM users_auth WHERE id = ?', [ID])).affectedRows)
    eq('del_check', 0, (await c.query('SELECT * FROM users_auth WHERE id = ?', [ID])).length)
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
      ok(`q[${s}]`, (await c.query(s)).length >= 1)
    })
  await tr('end', () => c.end().then(() => ok('end', true)))
  await tr('pool', async () => {
    const p = mariadb.createPool({ ...opt, connectionLimit: 3, minDelayValidation: 0, resetAfterUse: true })
    await Promise.all([...Array(10)].map(() => p.query('select * from users_time where id = 2')))
    await p.execute('select * from users_time where id = ?', [2])
    const k = await p.getConnection()
    await k.release()
    ok('pool', true)
    await p.end()
  })
  await tr('opts', async () => {
    const b = await mariadb.createConnection({
      ...opt,
      compress: true,
      bulk: false,
      permitSetMultiParamEntries: true,
      initSql: 'SET NAMES utf8mb4',
      timezone: 'Z',
      sessionVariables: { wait_timeout: 10000 },
      connectAttributes: { app: 'x' },
    })
    await b.query('select * from users_time where id = 2')
    ok('compress_initsql_sessionvars_timezone', true)
    await b.end()
  })
  await tr('tz', async () => {
    const b = await mariadb.createConnection({ ...opt, timezone: 'auto' })
    await b.query('select * from users_time where id = 2')
    ok('timezone_auto', true)
    await b.end()
  })
  for (const [k, pw] of [
    ['wrong_password', W + 'x'],
    ['empty_password', ''],
  ]) {
    const e = await errOf(() => mariadb.createConnection({ ...opt, password: pw }))
    code(k, e.errno, 'EXPECT_AUTH')
  }
  await tr('tls_connect', async () => {
    const b = await mariadb.createConnection({ ...opt, ssl: { rejectUnauthorized: false } })
    await b.query('select * from users_time where id = 2')
    ok('tls_connect', true)
    await b.end()
  })
})
