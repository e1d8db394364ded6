import { factory } from 'corm/testing'
import { Author, Book } from '../shop/models.js'

export const authors = factory(Author, (n) => ({ name: `Author ${n}`, email: `author${n}@example.org` }))

export const books = factory(Book, (n, random) => ({ title: `Book ${n}`, stock: random.integer(1, 5) }), {
  states: { soldOut: { stock: 0 } },
})
