import { type CursorPage, type Page, sql } from 'corm'
import { is } from './support/expect.js'
import { Author, Book } from './support/models.js'

export async function pages() {
  const page = await Author.query().paginate({ page: 2, size: 10 })
  is<number>()(page.total)
  is<number>()(page.pages)
  is<boolean>()(page.hasNext)
  is<string | undefined>()(page.items[0]?.name)
  const narrow = await Author.query().select('name').with('works').paginate()
  is<string | undefined>()(narrow.items[0]?.works[0]?.title)
  // @ts-expect-error: not selected
  narrow.items[0]?.email
  const kept: Page<Author> = page
  is<number>()(kept.number)
  // @ts-expect-error: a number
  await Author.query().paginate({ page: '2' })
  // @ts-expect-error: the page is named page
  await Author.query().paginate({ number: 2 })

  const first = await Author.query().orderBy('name').cursorPaginate()
  is<string | null>()(first.nextCursor)
  const next: CursorPage<Author> = await Author.query().cursorPaginate({ after: first.nextCursor, size: 5 })
  is<string | undefined>()(next.items[0]?.name)
  await Author.query().cursorPaginate({ before: undefined })
  // @ts-expect-error: a cursor is a text
  await Author.query().cursorPaginate({ after: 3 })
  // @ts-expect-error: a cursor page does not count
  next.total
}

export async function streams() {
  for await (const book of Book.query().select('title').stream({ chunkSize: 100 })) {
    is<string>()(book.title)
    // @ts-expect-error: not selected
    book.price
  }
  for await (const books of Book.query().with('author').batches(50)) is<string | undefined>()(books[0]?.author.name)
  for await (const books of Book.query().idBatches()) is<string | undefined>()(books[0]?.title)
  // @ts-expect-error: a number
  Book.query().stream({ chunkSize: '5' })
  // @ts-expect-error: the option is named chunkSize
  Book.query().stream({ size: 5 })
  // @ts-expect-error: no list
  Book.query().batches([5])
  // @ts-expect-error: it is not awaited, but iterated
  is<string>()((await Book.query().stream())[0]?.title)
}

export function orders() {
  Book.query().random().random(3).orderByRaw(sql`title desc`).where('title', 'x')
  // @ts-expect-error: text is not SQL
  Book.query().orderByRaw('title desc')
  // @ts-expect-error: a number
  Book.query().random('3')
}
