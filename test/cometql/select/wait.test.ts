import assert from 'node:assert/strict'
import { describe, test, type TestContext } from 'node:test'
import type { Value } from '../../../lib/mysql-server-protocol-lite/index.ts'
import { backEnd, connectionInfo, testCometql, type BackEnd } from '../back-end.ts'

/** Begins to wait; `answer` is what it will be, `isDone` whether it is there. */
function wait(db: BackEnd, sql: string, ...params: Value[]) {
  const state = { isDone: false }
  const answer = db.rows(sql, ...params).finally(() => (state.isDone = true))
  answer.catch(() => undefined)
  return { answer, state }
}

/** Lets everything that is due happen. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** A tenant that nobody waits for any more has no watcher, and the clock no timer of ours. */
async function assertFreed(db: BackEnd): Promise<void> {
  await settle()
  assert.equal((await db.comet.tenant()).changes.isWatched, false)
}

async function keeping(t: TestContext, ...pipes: string[]): Promise<BackEnd> {
  const db = await backEnd(t)
  for (const pipe of pipes) await db.ok('INSERT INTO pipes_settings (name, length) VALUES (?, 10)', pipe)
  return db
}

const insert = 'INSERT INTO pipes_messages (name, event, message) VALUES (?, ?, ?)'

describe('SELECT … FROM pipes_messages … WAIT', () => {
  test('answers at once where there is a message behind the position', async (t) => {
    const db = await keeping(t, 'news')
    await db.ok(insert, 'news', '', 'old')
    const rows = await db.rows("SELECT message FROM pipes_messages WHERE name = 'news' AND `index` >= 0 WAIT 20")
    assert.deepEqual(rows, [{ message: 'old' }])
  })

  test('answers as soon as one comes, with all of that turn; messages of other pipes do not matter', async (t) => {
    const db = await keeping(t, 'news')
    await db.ok(insert, 'news', '', 'old')
    const [{ id = '' } = {}] = await db.rows("SELECT id FROM pipes_messages WHERE name = 'news'")
    const sql = 'SELECT message FROM pipes_messages WHERE name IN (?, ?) AND id > ? WAIT 20'
    const { answer, state } = wait(db, sql, 'news', 'sport', id)
    await db.ok(insert, 'other', '', 'x')
    await settle()
    assert.equal(state.isDone, false)
    const tenant = await db.comet.tenant()
    void tenant.publish({ pipe: 'news', event: '', text: 'a' })
    void tenant.publish({ pipe: 'news', event: '', text: 'b' })
    assert.deepEqual(await answer, [{ message: 'a' }, { message: 'b' }])
    await assertFreed(db)
  })

  test('sees what browsers send into a pipe that keeps nothing', async (t) => {
    const db = await backEnd(t)
    const { answer } = wait(db, "SELECT name, event, message FROM pipes_messages WHERE name = 'web_chat' WAIT 20")
    db.comet.connect().command('web_pipe2', 'web_chat', 'say', '*', '"hi"')
    assert.deepEqual(await answer, [{ name: 'web_chat', event: 'say', message: '"hi"' }])
  })

  test('answers with no rows when the time is over', async (t) => {
    const db = await keeping(t, 'news')
    const { answer, state } = wait(db, "SELECT * FROM pipes_messages WHERE name = 'news' WAIT 2")
    await settle()
    db.comet.clock.advance(1999)
    await settle()
    assert.equal(state.isDone, false)
    db.comet.clock.advance(1)
    assert.deepEqual(await answer, [])
    await assertFreed(db)
  })
})

describe('WAIT on presence', () => {
  test('users_in_pipes answers when somebody joins or leaves the pipe', async (t) => {
    const db = await backEnd(t)
    const sql = "SELECT name, user_id FROM users_in_pipes WHERE name = 'news' WAIT 20"
    const joined = wait(db, sql)
    const browser = db.comet.connect()
    await browser.subscribe('sport')
    await settle()
    assert.equal(joined.state.isDone, false)
    await browser.subscribe('news')
    assert.deepEqual(await joined.answer, [{ name: 'news', user_id: 0 }])
    const left = wait(db, sql)
    await browser.subscribe()
    assert.deepEqual(await left.answer, [])
  })

  test('users_time answers when a user comes online', async (t) => {
    const db = await backEnd(t)
    const { answer } = wait(db, 'SELECT * FROM users_time WHERE id IN (3, 4) WAIT 20')
    await db.comet.logIn(4)
    assert.deepEqual(await answer, [
      { id: 3, time: -1 },
      { id: 4, time: 0 },
    ])
    await assertFreed(db)
  })
})

describe('who waits is freed', () => {
  const sql = "SELECT * FROM pipes_messages WHERE name = 'news' WAIT 60"

  test('when the client disconnects', async (t) => {
    const db = await backEnd(t)
    const { answer } = wait(db, sql)
    await settle()
    db.cometql.handler.closed?.(db.session)
    await assert.rejects(answer, { code: 'COMET_ERR_INTERRUPTED' })
    await assertFreed(db)
  })

  test('when the client says good-bye', async (t) => {
    const db = await backEnd(t)
    const { answer } = wait(db, sql)
    await settle()
    db.cometql.handler.leaving?.(db.session)
    await assert.rejects(answer, { code: 'COMET_ERR_INTERRUPTED' })
    await assertFreed(db)
  })

  test("by KILL QUERY of another connection of the tenant, with MySQL's number; the connection stays", async (t) => {
    const db = await backEnd(t, { processes: [connectionInfo(7, { command: 'Query', sql })] })
    const { answer } = wait(db, sql)
    await settle()
    await db.cometql.query(await db.comet.tenant(), 'KILL QUERY 7', [])
    await assert.rejects(answer, { code: 'COMET_ERR_INTERRUPTED', number: 1317, sqlState: '70100' })
    assert.equal(await db.value('SELECT 1'), 1)
    await assertFreed(db)
  })

  test('when the server closes, also a program in this process', async (t) => {
    const db = await backEnd(t)
    const cometql = testCometql(db.comet, {})
    const answer = cometql.query(await db.comet.tenant(), sql, [])
    await settle()
    cometql.close()
    await assert.rejects(answer, { code: 'COMET_ERR_INTERRUPTED' })
    await assertFreed(db)
  })
})

test('WAIT takes 0 to 60 seconds, and tables on which one can wait', async (t) => {
  const db = await backEnd(t)
  assert.deepEqual(await db.rows("SELECT * FROM pipes_messages WHERE name = 'news' WAIT 0"), [])
  const tooLong = await db.error("SELECT * FROM pipes_messages WHERE name = 'news' WAIT 61")
  assert.match(tooLong.message, /WAIT "61" .* 0 to 60/)
  const notThere = await db.error('SELECT * FROM users_auth WHERE id = 1 WAIT 5')
  assert.match(notThere.message, /WAIT for the table users_auth .*pipes_messages, pipes, users_in_pipes, users_time/)
  assert.equal((await db.error("SELECT * FROM pipes_messages WHERE name = 'news' WAIT")).code, 'COMET_ERR_SYNTAX')
})
