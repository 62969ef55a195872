import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const { H, P, U, W, DB, TAG, ID, T, C, BIG, ok, eq, tr, code, md5, errOf, run } = createRequire(import.meta.url)(
  '../lib/cq.cjs',
)
const { EntitySchema, MikroORM } = createRequire(import.meta.url)('@mikro-orm/mysql')

const name = `${TAG}_mikro`
const User = new EntitySchema({
  name: 'User',
  tableName: 'users_auth',
  properties: { id: { type: 'integer', primary: true }, hash: { type: 'text' } },
})
const login = { host: H, port: P, user: U, password: W, dbName: DB, entities: [User], allowGlobalContext: true }

run(async () => {
  const orm = await MikroORM.init(login)
  const connection = orm.em.getConnection()
  const stored = async () =>
    (await connection.execute('SELECT message FROM pipes_messages WHERE name = ?', [name])).map((row) => row.message)

  await tr('connected', async () => ok('connected', await orm.isConnected()))

  await tr('round_trips', async () => {
    await connection.execute('INSERT INTO pipes_settings (name, length) VALUES (?, 10)', [name])
    for (const text of [T, C, BIG]) {
      await connection.execute('INSERT INTO pipes_messages (name, event, message) VALUES (?, ?, ?)', [name, 'ev', text])
    }
    eq('round_trips', [T, C, BIG].map(md5), (await stored()).map(md5))
    await connection.execute('DELETE FROM pipes_messages WHERE name = ?', [name])
    eq('deleted', [], await stored())
  })

  await tr('entities', async () => {
    const em = orm.em.fork()
    em.create(User, { id: ID, hash: 'one' })
    em.create(User, { id: ID + 1, hash: 'two' })
    await em.flush()
    em.clear()
    const found = await em.find(User, { id: { $in: [ID, ID + 1] } }, { orderBy: { id: 'DESC' } })
    eq('find', ['two', 'one'], found.map(({ hash }) => hash)) // prettier-ignore
    eq('findOne', 'one', (await em.findOne(User, ID))?.hash)
    eq('missing', null, await em.findOne(User, ID + 2))
    eq('count', 2, await em.count(User, { id: { $in: [ID, ID + 1] } }))
    eq('delete', 2, await em.nativeDelete(User, { id: { $in: [ID, ID + 1] } }))
  })

  await tr('transactions', async () => {
    const insert = (em) => em.insert(User, { id: ID, hash: 'x' })
    await errOf(() =>
      orm.em.fork().transactional(async (em) => {
        await insert(em)
        throw new RangeError('rolled back')
      }),
    )
    eq('rolled_back', 0, await orm.em.fork().count(User, { id: ID }))
    await orm.em.fork().transactional(insert)
    eq('committed', 1, await orm.em.fork().count(User, { id: ID }))
    await orm.em.fork().nativeDelete(User, { id: ID })
  })

  await tr('errors', async () => {
    const inTable = await errOf(() => connection.execute('SELECT * FROM no_such_table WHERE id = 1'))
    code('err_table', inTable.errno, 'EXPECT_NOTABLE')
    code('err_syntax', (await errOf(() => connection.execute('SELEKT'))).errno, 'EXPECT_SYNTAX')
  })

  await tr('logins', async () => {
    const refused = await MikroORM.init({ ...login, password: `${W}x`, connect: false })
    code('wrong_password', (await errOf(() => refused.em.getConnection().execute('SELECT 1'))).errno, 'EXPECT_AUTH')
    const ssl = { ca: readFileSync(process.env.CQ_TLS_CA, 'utf8') }
    const encrypted = await MikroORM.init({ ...login, driverOptions: { connection: { ssl }, ssl } })
    ok('tls', (await encrypted.em.getConnection().execute('SELECT 1')).length === 1)
    await Promise.all([refused.close(true), encrypted.close(true)])
  })

  await connection.execute('DELETE FROM pipes_settings WHERE name = ?', [name])
  await orm.close(true)
})
