const { H, P, U, W, DB, TAG, ID, N, T, C, BIG, ok, skip, eq, tr, code, md5, errOf, run } = require('../lib/cq.cjs')
const { Sequelize, QueryTypes, DataTypes } = require('sequelize')
run(async () => {
  const s = new Sequelize(DB, U, W, {
    host: H,
    port: P,
    dialect: 'mysql',
    logging: false,
    dialectOptions: { charset: 'utf8mb4' },
  })
  const n = TAG + 's'
  await tr('authenticate', () => s.authenticate().then(() => ok('authenticate', true)))
  await tr('databaseVersion', async () => ok('databaseVersion', !!(await s.databaseVersion())))
  await tr('rt', async () => {
    await s.query('INSERT INTO pipes_settings (name, length) VALUES (?, 10)', { replacements: [n] })
    const r = await s.query('INSERT INTO pipes_messages (name, event, message) VALUES (:n, :e, :m)', {
      replacements: { n, e: 'ev', m: T },
      type: QueryTypes.INSERT,
    })
    eq('insert_affected', 1, r[1])
    eq(
      'rt_replacements',
      T,
      (await s.query('SELECT * FROM pipes_messages WHERE name = ?', { replacements: [n], type: QueryTypes.SELECT }))[0]
        ?.message,
    )
    await s.query('DELETE FROM pipes_messages WHERE name = ?', { replacements: [n] })
  })
  await tr('rt_bind', async () => {
    await s.query('INSERT INTO pipes_messages (name, event, message) VALUES ($n, $e, $m)', {
      bind: { n, e: 'ev', m: T },
      type: QueryTypes.INSERT,
    })
    eq(
      'rt_bind_prepared',
      T,
      (await s.query('SELECT * FROM pipes_messages WHERE name = $1', { bind: [n], type: QueryTypes.SELECT }))[0]
        ?.message,
    )
  })
  await tr('auth', async () => {
    await s.query('INSERT INTO users_auth (id, hash) VALUES ($1, $2)', { bind: [ID, 'it=s'] })
    eq(
      'auth_sel',
      [{ id: ID, hash: 'it=s' }],
      await s.query('SELECT * FROM users_auth WHERE id = :id', { replacements: { id: ID }, type: QueryTypes.SELECT }),
    )
  })
  await tr('err', async () => {
    const e = await errOf(() => s.query('SELECT * FROM no_such_table'))
    code('err_table', e.original?.errno, 'EXPECT_NOTABLE')
    eq(
      'err_usable',
      1,
      (await s.query('SELECT * FROM users_auth WHERE id = ?', { replacements: [ID], type: QueryTypes.SELECT })).length,
    )
  })
  const M = s.define(
    'UA',
    { id: { type: DataTypes.INTEGER, primaryKey: true }, hash: DataTypes.TEXT },
    { tableName: 'users_auth', timestamps: false },
  )
  await tr('qb_create', async () => {
    await M.create({ id: ID + 1, hash: 'q' })
    ok('qb_create', true)
    eq('qb_findAll', [{ id: ID + 1, hash: 'q' }], await M.findAll({ where: { id: [ID + 1, ID + 2] }, raw: true }))
    eq('qb_findOne_limit', 'q', (await M.findOne({ where: { hash: 'q', id: ID + 1 }, raw: true }))?.hash)
    eq('qb_destroy', 1, await M.destroy({ where: { id: ID + 1 } }))
  })
  await tr('qb_showTables', async () =>
    ok('qb_showAllTables', (await s.getQueryInterface().showAllTables()).length >= 1),
  )
  await tr('qb_describe', async () =>
    ok('qb_describeTable', !!(await s.getQueryInterface().describeTable('users_auth')).hash),
  )
  await tr('qb_tx', async () => {
    await s.transaction(async (t) => {
      await s.query('select * from users_time where id = 2', { transaction: t })
    })
    ok('qb_transaction', true)
  })
  await tr('del', async () => {
    await s.query('DELETE FROM pipes_messages WHERE name = ?', { replacements: [n] })
    await s.query('DELETE FROM pipes_settings WHERE name = ?', { replacements: [n] })
    eq(
      'del_affected',
      1,
      await s.query('DELETE FROM users_auth WHERE id = ?', { replacements: [ID], type: QueryTypes.BULKDELETE }),
    )
  })
  await s.close()
  const b = new Sequelize(DB, U, W + 'x', { host: H, port: P, dialect: 'mysql', logging: false })
  const e = await errOf(() => b.authenticate())
  code('wrong_password', e.original?.errno, 'EXPECT_AUTH')
  await b.close()
  await tr('tls', async () => {
    const dialectOptions = { ssl: { ca: require('node:fs').readFileSync(process.env.CQ_TLS_CA) } }
    const encrypted = new Sequelize(DB, U, W, { host: H, port: P, dialect: 'mysql', logging: false, dialectOptions })
    await encrypted.authenticate()
    ok('tls', true)
    await encrypted.close()
  })
})
