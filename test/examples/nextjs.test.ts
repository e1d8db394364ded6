// What the development server of Next.js does to an application, without Next.js: after each change of a file the modules that
// import it are loaded again, while the packages that `serverExternalPackages` names stay. The test next to this one runs the
// example in Next.js itself, which it installs.
import { Database } from 'corm'
import { afterAll, beforeAll, expect, it } from 'vitest'

type Models = typeof import('../../examples/nextjs/lib/models.js')
type Connect = typeof import('../../examples/nextjs/lib/database.js')

/** The modules as they are after the n-th change: a query makes another module of a file. */
const reload = async (n: number) => {
  const folder = '../../examples/nextjs/lib'
  const models = (await import(/* @vite-ignore */ `${folder}/models.ts?${n}`)) as Models
  const database = (await import(/* @vite-ignore */ `${folder}/database.ts?${n}`)) as Connect
  return { ...models, ...database }
}

const before = process.env.DATABASE_URL
beforeAll(() => {
  process.env.DATABASE_URL = 'sqlite::memory:'
})
afterAll(async () => {
  if (before === undefined) delete process.env.DATABASE_URL
  else process.env.DATABASE_URL = before
  await Database.get().close()
})

it('keeps one pool while the modules of the application are loaded again', async () => {
  const first = await reload(1)
  const db = await first.connect()
  await db.createTables([first.Author, first.Book])
  const jane = await first.Author.create({ name: 'Jane Austen' })

  for (let n = 2; n < 12; n++) {
    const { Author, Book, connect } = await reload(n)
    expect(Author).not.toBe(first.Author)
    expect(await connect()).toBe(db)
    // the default database without connect(), as a page that is rendered first uses it
    await Book.create({ title: `Book ${n}`, price: 1, authorId: jane.id })
    const [author] = await Author.with('books')
    expect(author?.books.length).toBe(n - 1)
  }
  expect(await first.Book.count()).toBe(10)
  expect(Database.get()).toBe(db)
})

it('connects once, however many modules ask at the same time', async () => {
  const modules = await Promise.all([20, 21, 22].map(reload))
  const found = await Promise.all(modules.map(({ connect }) => connect()))
  expect(new Set(found).size).toBe(1)
})
