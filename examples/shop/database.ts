import { Database } from 'corm'
import { Author, Book } from './models.js'

/** Connects to DATABASE_URL, or to a database in memory, with two books to show. */
export async function connect(): Promise<Database> {
  const db = await Database.connect(process.env.DATABASE_URL || 'sqlite::memory:')
  await db.createTables([Author, Book], { ifNotExists: true })
  if (!(await Author.exists())) {
    const jane = await Author.create({ name: 'Jane Austen', email: 'jane@example.org' })
    await jane.related('books').createMany([
      { title: 'Emma', price: '9.90', stock: 2 },
      { title: 'Persuasion', price: '7.50' },
    ])
  }
  return db
}
