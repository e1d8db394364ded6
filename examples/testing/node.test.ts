import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { Database } from 'corm'
import { Author, Book } from '../shop/models.js'

let db: Database

beforeEach(async () => {
  db = await Database.connect('sqlite::memory:')
  await db.createTables([Author, Book])
})
afterEach(() => db.close())

test('an email can be used once', async () => {
  await Author.create({ name: 'Jane Austen', email: 'jane@example.org' })

  await assert.rejects(Author.create({ name: 'Jane', email: 'jane@example.org' }), {
    code: 'UNIQUE_VIOLATION',
    fields: ['email'],
  })
})

test('each test starts with empty tables', async () => {
  assert.equal(await Author.count(), 0)
})
