require('reflect-metadata')
const { readFileSync } = require('node:fs')
const { DataSource, EntitySchema, In } = require('typeorm')
const { H, P, U, W, DB, TAG, ID, T, C, BIG, ok, eq, tr, code, md5, errOf, run } = require('../lib/cq.cjs')

const name = `${TAG}_typeorm`
const User = new EntitySchema({
  name: 'User',
  tableName: 'users_auth',
  columns: { id: { type: 'int', primary: true }, hash: { type: 'text' } },
})
const login = { type: 'mysql', host: H, port: P, username: U, password: W, database: DB, entities: [User] }
const stored = async (source) =>
  (await source.query('SELECT message FROM pipes_messages WHERE name = ?', [name])).map(({ message }) => message)

run(async () => {
  const source = await new DataSource(login).initialize()
  const users = source.getRepository(User)

  await tr('round_trips', async () => {
    await source.query('INSERT INTO pipes_settings (name, length) VALUES (?, 10)', [name])
    for (const text of [T, C, BIG]) {
      await source.query('INSERT INTO pipes_messages (name, event, message) VALUES (?, ?, ?)', [name, 'ev', text])
    }
    eq('round_trips', [T, C, BIG].map(md5), (await stored(source)).map(md5))
    eq('affected', 3, (await source.query('DELETE FROM pipes_messages WHERE name = ?', [name])).affectedRows)
  })

  await tr('repository', async () => {
    await users.insert([
      { id: ID, hash: 'one' },
      { id: ID + 1, hash: 'two' },
    ])
    eq('find', [{ id: ID + 1, hash: 'two' }, { id: ID, hash: 'one' }], await users.find({ where: { id: In([ID, ID + 1]) }, order: { id: 'DESC' } })) // prettier-ignore
    eq('findOneBy', { id: ID, hash: 'one' }, await users.findOneBy({ id: ID }))
    eq('missing', null, await users.findOneBy({ id: ID + 2 }))
    eq('count', 2, await users.countBy({ id: In([ID, ID + 1]) }))
    const built = users
      .createQueryBuilder('u')
      .select('u.hash', 'hash')
      .where('u.id = :id', { id: ID + 1 })
    eq('query_builder', [{ hash: 'two' }], await built.getRawMany())
    eq('delete', 2, (await users.delete([ID, ID + 1])).affected)
  })

  await tr('transactions', async () => {
    const insert = (manager) => manager.getRepository(User).insert({ id: ID, hash: 'x' })
    const failed = await errOf(() =>
      source.transaction(async (manager) => {
        await insert(manager)
        throw new RangeError('rolled back')
      }),
    )
    eq('thrown', 'RangeError', failed.name)
    eq('rolled_back', false, await users.existsBy({ id: ID }))
    await source.transaction(insert)
    eq('committed', true, await users.existsBy({ id: ID }))
    await users.delete(ID)
  })

  await tr('errors', async () => {
    const inTable = await errOf(() => source.query('SELECT * FROM no_such_table WHERE id = 1'))
    code('err_table', inTable.errno, 'EXPECT_NOTABLE')
    code('err_syntax', (await errOf(() => source.query('SELEKT'))).errno, 'EXPECT_SYNTAX')
    eq('usable', 0, await users.countBy({ id: ID }))
  })

  await tr('logins', async () => {
    const wrong = await errOf(() => new DataSource({ ...login, password: `${W}x` }).initialize())
    code('wrong_password', wrong.errno, 'EXPECT_AUTH')
    const encrypted = await new DataSource({ ...login, ssl: { ca: readFileSync(process.env.CQ_TLS_CA) } }).initialize()
    ok('tls', Boolean(await encrypted.query('SELECT 1')))
    await encrypted.destroy()
  })

  await source.query('DELETE FROM pipes_settings WHERE name = ?', [name])
  await source.destroy()
})
