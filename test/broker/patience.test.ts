import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { PatientSender } from '../../lib/broker/patience.ts'

/** An engine that answers when the test says so. */
class TestEngine {
  readonly texts: string[] = []
  #answers: (() => void)[] = []
  isThere = true

  readonly send = (text: string): Promise<void> => {
    this.texts.push(text)
    return this.isThere ? Promise.resolve() : new Promise((resolve) => this.#answers.push(resolve))
  }

  comeBack(): void {
    this.isThere = true
    for (const answer of this.#answers.splice(0)) answer()
  }
}

describe('an engine that is connected and does not answer', () => {
  const alive = setInterval(() => undefined, 60_000) // the timers of a sender keep no process alive
  after(() => clearInterval(alive))

  test('gets no more than a few messages: they would fill the memory of its driver', async () => {
    const engine = new TestEngine()
    const sender = new PatientSender('The engine', 50, engine.send)
    sender.resume()
    engine.isThere = false
    await assert.rejects(sender.publish('first'), {
      code: 'COMET_ERR_BROKER',
      message: 'The other nodes cannot be reached: The engine did not answer within 50 ms; is it running?',
    })
    const published = Array.from({ length: 1000 }, (_, n) => sender.publish(String(n)))
    const answers = await Promise.allSettled(published)
    assert.ok(answers.every(({ status }) => status === 'rejected'))
    assert.ok(engine.texts.length < 20, `${engine.texts.length} were sent`)
    sender.close()
  })

  test('gets what waited, in order, when it answers again', async () => {
    const engine = new TestEngine()
    const sender = new PatientSender('The engine', 200, engine.send)
    sender.resume()
    engine.isThere = false
    await assert.rejects(sender.publish('first'))
    const published = Array.from({ length: 100 }, (_, n) => sender.publish(String(n)))
    engine.comeBack()
    await Promise.all(published)
    assert.deepEqual(engine.texts.slice(-100), Array.from(published.keys(), String))
    sender.close()
  })

  test('is tried again, also where it never answers what it was given before', async () => {
    const engine = new TestEngine()
    const sender = new PatientSender('The engine', 200, engine.send)
    sender.resume()
    engine.isThere = false
    await assert.rejects(sender.publish('lost'))
    engine.isThere = true
    await Promise.all([sender.publish('a'), sender.publish('b')])
    assert.deepEqual(engine.texts, ['lost', 'a', 'b'])
    sender.close()
  })
})
