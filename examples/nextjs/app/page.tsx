import { Book } from '../lib/models'
import { BookList } from './book-list'

export const dynamic = 'force-dynamic'

export default async function Page() {
  const books = await Book.with('author').orderBy('title')
  // a client component takes plain values, not instances
  const items = books.map((book) => ({
    id: book.id,
    title: book.title,
    price: book.price.toFixed(2),
    author: book.author.name,
  }))
  return <BookList books={items} />
}
