/** Next.js calls this once, when the server starts; never during `next build`. */
export async function register() {
  if (process.env.NEXT_RUNTIME !== 'nodejs') return
  const { connect } = await import('./lib/database')
  const { Author, Book } = await import('./lib/models')
  const db = await connect()
  await db.createTables([Author, Book], { ifNotExists: true })
  if (!(await Author.exists())) {
    const jane = await Author.create({ name: 'Jane Austen' })
    await jane.related('books').create({ title: 'Emma', price: '9.90' })
  }
}
