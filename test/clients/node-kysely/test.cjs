const { H, P, U, W, DB, TAG, ID, N, T, C, BIG, ok, skip, eq, tr, code, md5, errOf, run } = require('../lib/cq.cjs')
const { Kysely, MysqlDialect, sql } = require('kysely')
const { createPool } = require('mysql2')
run(async () => {
  const mk = (w, more) =>
    new Kysely({
      dialect: new MysqlDialect({
        pool: createPool({ host: H, port: P, user: U, password: w, database: DB, connectionLimit: 2, ...more }),
      }),
    })
  const k = mk(W)
  const n = TAG + 'k'
  await tr('rt', async () => {
    await sql`INSERT INTO pipes_settings (name, length) VALUES (${n}, 10)`.execute(k)
    const r = await sql`INSERT INTO pipes_messages (name, event, message) VALUES (${n}, ${'ev'}, ${T})`.execute(k)
    eq('affected', '1', String(r.numAffectedRows))
    eq('rt_param', T, (await sql`SELECT * FROM pipes_messages WHERE name = ${n}`.execute(k)).rows[0]?.message)
  })
  await tr('auth', async () => {
    await sql`INSERT INTO users_auth (id, hash) VALUES (${ID}, ${'it=s'})`.execute(k)
    eq('auth_sel', [{ id: ID, hash: 'it=s' }], (await sql`SELECT * FROM users_auth WHERE id = ${ID}`.execute(k)).rows)
  })
  await tr('err', async () => {
    const e = await errOf(() => sql`SELECT * FROM no_such_table`.execute(k))
    code('err_table', e.errno, 'EXPECT_NOTABLE')
    eq('err_usable', 1, (await sql`SELECT * FROM users_auth WHERE id = ${ID}`.execute(k)).rows.length)
  })
  await tr('qb', async () => {
    await k
      .insertInto('users_auth')
      .values({ id: ID + 1, hash: 'q' })
      .execute()
    eq(
      'qb_select',
      [{ id: ID + 1, hash: 'q' }],
      await k
        .selectFrom('users_auth')
        .selectAll()
        .where('id', 'in', [ID + 1, ID + 2])
        .execute(),
    )
    eq(
      'qb_delete',
      '1',
      String(
        (
          await k
            .deleteFrom('users_auth')
            .where('id', '=', ID + 1)
            .executeTakeFirst()
        ).numDeletedRows,
      ),
    )
  })
  await tr('del', async () => {
    await sql`DELETE FROM pipes_messages WHERE name = ${n}`.execute(k)
    await sql`DELETE FROM pipes_settings WHERE name = ${n}`.execute(k)
    eq('del_affected', '1', String((await sql`DELETE FROM users_auth WHERE id = ${ID}`.execute(k)).numAffectedRows))
  })
  await k.destroy()
  const e = await errOf(() => sql`SELECT 1`.execute(mk(W + 'x')))
  code('wrong_password', e.errno, 'EXPECT_AUTH')
  await tr('tls', async () => {
    const encrypted = mk(W, { ssl: { ca: require('node:fs').readFileSync(process.env.CQ_TLS_CA) } })
    eq('tls', 1, (await sql`SELECT 1 AS one`.execute(encrypted)).rows[0].one)
    await encrypted.destroy()
  })
})
