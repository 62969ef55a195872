const { H, P, U, W, DB, TAG, ID, N, T, C, BIG, ok, skip, eq, tr, code, md5, errOf, run } = require('../lib/cq.cjs')
const { drizzle } = require('drizzle-orm/mysql2')
const { sql, eq: deq, inArray } = require('drizzle-orm')
const { mysqlTable, int, text } = require('drizzle-orm/mysql-core')
const mysql = require('mysql2/promise')
run(async () => {
  const pool = (w, more) =>
    mysql.createPool({ host: H, port: P, user: U, password: w, database: DB, connectionLimit: 2, ...more })
  const pl = pool(W)
  const d = drizzle({ client: pl })
  const n = TAG + 'z'
  const ua = mysqlTable('users_auth', { id: int('id').primaryKey(), hash: text('hash') }),
    pm = mysqlTable('pipes_messages', { name: text('name'), event: text('event'), message: text('message') })
  await tr('rt', async () => {
    await d.execute(sql`INSERT INTO pipes_settings (name, length) VALUES (${n}, 10)`)
    const [r] = await d.execute(sql`INSERT INTO pipes_messages (name, event, message) VALUES (${n}, ${'ev'}, ${T})`)
    eq('affected', 1, r.affectedRows)
    eq('rt_param', T, (await d.execute(sql`SELECT * FROM pipes_messages WHERE name = ${n}`))[0][0]?.message)
  })
  await tr('auth', async () => {
    await d.execute(sql`INSERT INTO users_auth (id, hash) VALUES (${ID}, ${'it=s'})`)
    eq('auth_sel', [{ id: ID, hash: 'it=s' }], (await d.execute(sql`SELECT * FROM users_auth WHERE id = ${ID}`))[0])
  })
  await tr('err', async () => {
    const e = await errOf(() => d.execute(sql`SELECT * FROM no_such_table`))
    code('err_table', e.cause?.errno ?? e.errno, 'EXPECT_NOTABLE')
    eq('err_usable', 1, (await d.execute(sql`SELECT * FROM users_auth WHERE id = ${ID}`))[0].length)
  })
  await tr('qb', async () => {
    await d.insert(ua).values({ id: ID + 1, hash: 'q' })
    eq(
      'qb_select',
      [{ id: ID + 1, hash: 'q' }],
      await d
        .select()
        .from(ua)
        .where(inArray(ua.id, [ID + 1, ID + 2])),
    )
    eq('qb_delete', 1, (await d.delete(ua).where(deq(ua.id, ID + 1)))[0].affectedRows)
    await d.insert(pm).values({ name: n, event: 'ev', message: T })
    ok('qb_insert', true)
  })
  await tr('del', async () => {
    await d.execute(sql`DELETE FROM pipes_messages WHERE name = ${n}`)
    await d.execute(sql`DELETE FROM pipes_settings WHERE name = ${n}`)
    eq('del_affected', 1, (await d.execute(sql`DELETE FROM users_auth WHERE id = ${ID}`))[0].affectedRows)
  })
  await pl.end()
  const e = await errOf(() => drizzle({ client: pool(W + 'x') }).execute(sql`SELECT 1`))
  code('wrong_password', e.cause?.errno ?? e.errno, 'EXPECT_AUTH')
  await tr('tls', async () => {
    const encrypted = pool(W, { ssl: { ca: require('node:fs').readFileSync(process.env.CQ_TLS_CA) } })
    eq('tls', [{ one: 1 }], (await drizzle({ client: encrypted }).execute(sql`SELECT 1 AS one`))[0])
    await encrypted.end()
  })
})
