import assert from 'node:assert/strict'
import { before, describe, it, test } from 'node:test'
import { useTestDatabase } from 'corm/testing'
import { Author } from './models.js'

useTestDatabase({ models: [Author] })
const add = (name: string) => Author.create({ name })
const expectCount = async (count: number) => assert.equal(await Author.count(), count)

test('passes: one', async () => {
  await add('a')
  await expectCount(1)
})
describe('nested', () => {
  before(async () => void (await add('seed')))
  it('passes: seed', async () => {
    await add('b')
    await expectCount(2)
  })
  describe('deeper', () => void it('passes: seed again', () => expectCount(1)))
})
test('passes: with tests inside', async (t) => {
  await add('outer')
  await t.test('passes: first', async () => {
    await add('inner')
    await expectCount(3)
  })
  await t.test('passes: second', () => expectCount(2))
  await expectCount(2)
})
test('fails', async () => {
  await add('x')
  throw new Error('on purpose')
})
test('fails: too late', { timeout: 100 }, async () => {
  await Author.transaction(async () => {
    await add('never')
    await new Promise((resolve) => setTimeout(resolve, 3000))
  })
})
test('passes: after that', () => expectCount(1))
