import { Database } from 'corm'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Author, Book } from '../shop/models.js'

let db: Database

beforeEach(async () => {
  db = await Database.connect('sqlite::memory:')
  await db.createTables([Author, Book])
})
afterEach(() => db.close())

test('an author has books', async () => {
  const jane = await Author.create({ name: 'Jane Austen', email: 'jane@example.org' })
  await jane.related('books').create({ title: 'Emma', price: '9.90' })

  const [author] = await Author.with('books')
  expect(author?.books.map((book) => book.title)).toEqual(['Emma'])
})

test('each test starts with empty tables', async () => {
  expect(await Author.count()).toBe(0)
})
