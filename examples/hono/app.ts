import { Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { httpError } from '../shop/http-error.js'
import { Book } from '../shop/models.js'
import { pageNumber } from '../shop/page-number.js'

export const app = new Hono()

app.get('/books', async (c) => {
  const page = await Book.with('author')
    .orderBy('title')
    .paginate({ page: pageNumber(c.req.query('page')), size: 20 })
  return c.json(page)
})

app.get('/books/:id', async (c) => {
  const book = await Book.with('author').findOrFail(Number(c.req.param('id')))
  return c.json(book)
})

app.post('/books', async (c) => {
  const body = await c.req.json().catch(() => {
    throw new HTTPException(400, { message: 'The body is not JSON.' })
  })
  const book = await Book.create(Book.schema.insert.parse(body))
  return c.json(book, 201)
})

app.post('/books/:id/sell', async (c) => {
  const sold = await Book.transaction(async () => {
    const book = await Book.query()
      .lock('update')
      .findOrFail(Number(c.req.param('id')))
    return book.stock > 0 ? book.decrement('stock') : null
  })
  return sold ? c.json(sold) : c.json({ error: 'sold out' }, 409)
})

app.onError((error, c) => {
  const known = httpError(error)
  if (known) return c.json(known.body, known.status)
  if (error instanceof HTTPException) return error.getResponse()
  console.error(error)
  return c.json({ error: 'internal error' }, 500)
})
