import { expectQueries, useTestDatabase } from 'corm/testing'
import { expect, test } from 'vitest'
import { Author, Book } from '../shop/models.js'
import { authors, books } from './factories.js'

useTestDatabase({ models: [Author, Book] })

test('an author has books', async () => {
  const jane = await authors.with('books', 2).create({ name: 'Jane Austen' })
  expect(jane.books).toHaveLength(2)
  expect(await Author.count()).toBe(1)
})

test('each test starts without the rows of the others', async () => {
  expect(await Author.count()).toBe(0)
})

test('books are loaded with their authors by two queries at most', async () => {
  await books.state('soldOut').createMany(3)
  const found = await expectQueries({ max: 2 }, () => Book.with('author').where('stock', 0))
  expect(found.map((book) => book.author.isPersisted)).toEqual([true, true, true])
})
