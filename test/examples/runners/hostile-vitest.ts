import { useTestDatabase } from 'corm/testing'
import { beforeAll, describe, expect, test } from 'vitest'
import { Author } from './models.js'

useTestDatabase({ models: [Author] })
const add = (name: string) => Author.create({ name })
const count = () => Author.count()

test('passes: one', async () => {
  await add('a')
  expect(await count()).toBe(1)
})
describe('nested', () => {
  beforeAll(async () => void (await add('seed')))
  test('passes: seed', async () => {
    await add('b')
    expect(await count()).toBe(2)
  })
  describe('deeper', () => test('passes: seed again', async () => expect(await count()).toBe(1)))
})
test('fails', async () => {
  await add('x')
  throw new Error('on purpose')
})
test('fails: too late', async () => {
  await Author.transaction(async () => {
    await add('never')
    await new Promise(() => {})
  })
}, 100)
test('passes: after that', async () => expect(await count()).toBe(1))
describe.concurrent('at the same time', () => {
  for (const n of [1, 2])
    test(n === 1 ? 'passes: first' : 'fails: second', async () => {
      await new Promise((resolve) => setTimeout(resolve, 20))
    })
})
test('passes: at the end', async () => expect(await count()).toBe(1))
