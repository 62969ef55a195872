const { H, P, U, W, DB, TAG, ID, N, T, C, BIG, ok, skip, eq, tr, code, md5, errOf, run } = require('../lib/cq.cjs')
run(async () => {
  for (const d of ['mysql', 'mysql2']) {
    const p = (s) => d + '.' + s
    const k = require('knex')({
      client: d,
      connection: { host: H, port: P, user: U, password: W, database: DB, charset: 'utf8mb4' },
      pool: { min: 0, max: 3 },
    })
    const i = ID + (d === 'mysql' ? 0 : 20),
      n = TAG + d
    await tr(p('raw'), async () => {
      await k.raw('INSERT INTO pipes_settings (name, length) VALUES (?, 10)', [n])
      const [r] = await k.raw('INSERT INTO pipes_messages (name, event, message) VALUES (?, ?, ?)', [n, 'ev', T])
      eq(p('affected'), 1, r.affectedRows)
      const [g] = await k.raw('SELECT * FROM pipes_messages WHERE name = ?', [n])
      eq(p('rt_raw'), T, g[0]?.message)
    })
    await tr(p('auth'), async () => {
      await k.raw('INSERT INTO users_auth (id, hash) VALUES (:id, :h)', { id: i, h: 'it=s' })
      eq(p('auth_sel'), [{ id: i, hash: 'it=s' }], (await k.raw('SELECT * FROM users_auth WHERE id = ?', [i]))[0])
    })
    await tr(p('err'), async () => {
      const e = await errOf(() => k.raw('SELECT * FROM no_such_table'))
      code(p('err_table'), e.errno, 'EXPECT_NOTABLE')
      eq(p('err_usable'), 1, (await k.raw('SELECT * FROM users_auth WHERE id = ?', [i]))[0].length)
    })
    await tr(p('many'), async () => {
      await Promise.all(
        [...Array(N)].map((_, x) =>
          k.raw('INSERT INTO pipes_messages (name, event, message) VALUES (?, ?, ?)', [n + 'm', 'ev', 'm' + x]),
        ),
      )
      ok(p('many'), true)
      await k.raw('DELETE FROM pipes_messages WHERE name = ?', [n + 'm'])
    })
    await tr(p('qb_insert'), async () => {
      await k('users_auth').insert({ id: i + 1, hash: 'q' })
      eq(
        p('qb_select'),
        [{ id: i + 1, hash: 'q' }],
        await k('users_auth')
          .where({ id: i + 1 })
          .select('*'),
      )
      eq(
        p('qb_whereIn'),
        1,
        (
          await k
            .select('id', 'hash')
            .from('users_auth')
            .whereIn('id', [i + 1, i + 2])
        ).length,
      )
      eq(
        p('qb_del'),
        1,
        await k('users_auth')
          .where('id', i + 1)
          .del(),
      )
      await k('pipes_messages').insert({ name: n, event: 'ev', message: T })
      ok(p('qb_insert'), true)
    })
    await tr(p('qb_first'), async () =>
      eq(p('qb_first_limit'), 'it=s', (await k('users_auth').where('id', i).first())?.hash),
    )
    await tr(p('qb_tx'), async () => {
      await k.transaction(async (t) => {
        await t('users_data').insert({ id: i, data: 'x' })
        await t('users_data').where({ id: i }).del()
      })
      ok(p('qb_transaction'), true)
    })
    await tr(p('del'), async () => {
      await k.raw('DELETE FROM pipes_messages WHERE name = ?', [n])
      await k.raw('DELETE FROM pipes_settings WHERE name = ?', [n])
      eq(p('del_affected'), 1, (await k.raw('DELETE FROM users_auth WHERE id = ?', [i]))[0].affectedRows)
    })
    await k.destroy()
    const b = require('knex')({ client: d, connection: { host: H, port: P, user: U, password: W + 'x', database: DB } })
    const e = await errOf(() => b.raw('SELECT 1'))
    code(p('wrong_password'), e.errno, 'EXPECT_AUTH')
    await b.destroy()
    await tr(p('tls'), async () => {
      const ssl = { ca: require('node:fs').readFileSync(process.env.CQ_TLS_CA) }
      const connection = { host: H, port: P, user: U, password: W, database: DB, ssl }
      const encrypted = require('knex')({ client: d, connection })
      ok(p('tls'), Boolean(await encrypted.raw('SELECT 1')))
      await encrypted.destroy()
    })
  }
})
