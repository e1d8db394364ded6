import express, { type ErrorRequestHandler } from 'express'
import { httpError } from '../shop/http-error.js'
import { Book } from '../shop/models.js'
import { pageNumber } from '../shop/page-number.js'

export const app = express()
app.use(express.json())

app.get('/books', async (request, response) => {
  const page = pageNumber(request.query.page)
  response.json(await Book.with('author').orderBy('title').paginate({ page, size: 20 }))
})

app.get('/books/:id', async (request, response) => {
  response.json(await Book.with('author').findOrFail(Number(request.params.id)))
})

app.post('/books', async (request, response) => {
  const book = await Book.create(Book.schema.insert.parse(request.body))
  response.status(201).json(book)
})

app.post('/books/:id/sell', async (request, response) => {
  const sold = await Book.transaction(async () => {
    const book = await Book.query().lock('update').findOrFail(Number(request.params.id))
    return book.stock > 0 ? book.decrement('stock') : null
  })
  if (sold) response.json(sold)
  else response.status(409).json({ error: 'sold out' })
})

// Express knows an error handler by its four parameters
const onError: ErrorRequestHandler = (error, _request, response, _next) => {
  const known = httpError(error)
  if (known) return void response.status(known.status).json(known.body)
  // such as a body that is not JSON
  if (error.status < 500) return void response.status(error.status).json({ error: error.message })
  console.error(error)
  response.status(500).json({ error: 'internal error' })
}
app.use(onError)
