import assert from 'node:assert/strict'
import { test } from 'node:test'
import { useTestDatabase } from 'corm/testing'
import { Author, Book } from '../shop/models.js'
import { authors } from './factories.js'

useTestDatabase({ models: [Author, Book] })

test('an email can be used once', async () => {
  await authors.create({ email: 'jane@example.org' })

  await assert.rejects(Author.create({ name: 'Jane', email: 'jane@example.org' }), {
    code: 'UNIQUE_VIOLATION',
    fields: ['email'],
  })
})

test('each test starts without the rows of the others', async () => {
  assert.equal(await Author.count(), 0)
})
