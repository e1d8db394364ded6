import Fastify from 'fastify'
import { httpError } from '../shop/http-error.js'
import { Book } from '../shop/models.js'
import { pageNumber } from '../shop/page-number.js'

export function buildApp() {
  const app = Fastify()

  app.get<{ Querystring: { page?: string } }>('/books', async (request) =>
    Book.with('author')
      .orderBy('title')
      .paginate({ page: pageNumber(request.query.page), size: 20 }),
  )

  app.get<{ Params: { id: string } }>('/books/:id', async (request) =>
    Book.with('author').findOrFail(Number(request.params.id)),
  )

  app.post('/books', async (request, reply) => {
    const book = await Book.create(Book.schema.insert.parse(request.body))
    return reply.code(201).send(book)
  })

  app.post<{ Params: { id: string } }>('/books/:id/sell', async (request, reply) => {
    const sold = await Book.transaction(async () => {
      const book = await Book.query().lock('update').findOrFail(Number(request.params.id))
      return book.stock > 0 ? book.decrement('stock') : null
    })
    return sold ?? reply.code(409).send({ error: 'sold out' })
  })

  app.setErrorHandler<Error & { statusCode?: number }>((error, request, reply) => {
    const known = httpError(error)
    if (known) return reply.code(known.status).send(known.body)
    // such as a body that is not JSON
    if (error.statusCode !== undefined && error.statusCode < 500) return reply.send(error)
    request.log.error(error)
    return reply.code(500).send({ error: 'internal error' })
  })

  return app
}
