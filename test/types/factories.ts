import type { Entity } from 'corm'
import { expectQueries, type Factory, factory, recordingDriver, useTestDatabase } from 'corm/testing'
import { is } from './support/expect.js'
import { Author, Book } from './support/models.js'

const authors = factory(Author, (n) => ({ name: `Author ${n}`, email: `author${n}@example.org` }), {
  states: {
    editor: { role: 'editor' },
    numbered: (n, random) => ({ bio: `number ${n}`, books: random.integer(1, 3) }),
  },
})
is<Factory<typeof Author, 'editor' | 'numbered'>>()(authors)

export async function instances() {
  const author = await authors.state('editor', 'numbered').create({ name: 'Ada', role: 'writer' })
  is<string>()(author.name)
  is<'writer' | 'editor'>()(author.role)
  is<Entity<typeof Author>>()(authors.make())
  is<Entity<typeof Author>[]>()(authors.makeMany(2, { name: 'x' }))
  const many = await authors.createMany(2, (n) => ({ bio: `${n}` }))
  is<string | undefined>()(many[0]?.email)

  const withWorks = await authors.with('works', 2, { title: 'a' }).with('profile').create()
  is<string | undefined>()(withWorks.works[0]?.title)
  is<number | undefined>()(withWorks.profile?.authorId)
  const book = await factory(Book).with('author', authors.state('editor')).create()
  is<string>()(book.author.name)
  await factory(Book).create({ author })
  await factory(Book).with('author', author).create()
  await factory(Book).with('author', { name: 'Jane' }).create()
  await authors.with('works', [book]).create()
  await authors.with('works', 2, factory(Book)).create()
  await authors.with('works', 2, (n) => ({ title: `${n}` })).create()

  // @ts-expect-error: no such state
  authors.state('admin')
  // @ts-expect-error: it has no states
  factory(Book).state('editor')
  // @ts-expect-error: no such field
  await authors.create({ nmae: 'x' })
  // @ts-expect-error: a name is a text
  await authors.create({ name: 1 })
  // @ts-expect-error: no such field
  authors.makeMany(2, () => ({ nmae: 'x' }))
  // @ts-expect-error: no such field
  factory(Author, (n) => ({ nmae: `${n}` }))
  // @ts-expect-error: a name is a text
  factory(Author, (n) => ({ name: n }))
  // @ts-expect-error: no such value
  factory(Author, undefined, { states: { admin: { role: 'admin' } } })
  // @ts-expect-error: no such field
  factory(Author, undefined, { states: { admin: { nmae: 'admin' } } })
  // @ts-expect-error: no such relation
  authors.with('wroks', 2)
  // @ts-expect-error: how many
  authors.with('works')
  // @ts-expect-error: a relation to one row
  factory(Book).with('author', 2)
  // @ts-expect-error: no such field
  authors.with('works', 2, { titel: 'a' })
  // @ts-expect-error: a factory of another model
  authors.with('works', 2, authors)
  // @ts-expect-error: an instance of another model
  factory(Book).with('author', book)
  // @ts-expect-error: not a model
  factory(String)
  // @ts-expect-error: not loaded
  author.works[0]
}

export async function others() {
  is<number>()(await expectQueries(1, () => Author.count()))
  is<number>()(await expectQueries({ max: 1 }, async () => 3))
  // @ts-expect-error: no such limit
  await expectQueries({ most: 1 }, () => 1)
  const { database, statements } = recordingDriver({
    dialect: 'postgres',
    rows: ({ sql }) => (sql === '' ? [[1]] : []),
  })
  is<string | undefined>()(statements[0]?.sql)
  await Author.using(database).count()
  // @ts-expect-error: no such dialect
  recordingDriver({ dialect: 'oracle' })
  const used = useTestDatabase({ models: [Author, Book], url: 'sqlite::memory:', setup: async () => {} })
  await used.database.ping()
  // @ts-expect-error: no such option
  useTestDatabase({ model: [Author] })
}
