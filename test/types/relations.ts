import type { Entity } from 'corm'
import { is } from './support/expect.js'
import { Author, Book, Profile } from './support/models.js'

export async function loading() {
  const author = await Author.with('works.sequel', 'profile').firstOrFail()
  is<string | undefined>()(author.works[0]?.title)
  is<number>()(author.works.length)
  is<string | undefined>()(author.works[0]?.sequel?.title)
  is<string | undefined>()(author.profile?.links[0]?.url)
  // @ts-expect-error: a hasOne may be null
  author.profile.links

  const book = await Book.query().with('author', 'translator').firstOrFail()
  is<string>()(book.author.name)
  is<string | undefined>()(book.translator?.name)
  // @ts-expect-error: its key is nullable
  book.translator.name
  is<string>()((await Book.with('creator').firstOrFail()).creator.name)

  const deep = await Book.with('author.works.author.profile').firstOrFail()
  is<number | undefined>()(deep.author.works[0]?.author.profile?.authorId)

  // @ts-expect-error: no such relation
  Author.with('work')
  // @ts-expect-error: no such relation, one level down
  Author.query().with('works.autor')
  // @ts-expect-error: a field is not a relation
  Author.with('name')
  // @ts-expect-error: names or one map, and not both
  Author.with('profile', { works: true })
  // @ts-expect-error: one map
  Author.query().with({ profile: true }, { works: true })
}

export async function maps() {
  const author = await Author.query()
    .with({ works: (q) => q.where('price', '<', 10).with('author').limit(3), profile: true })
    .firstOrFail()
  is<string | undefined>()(author.works[0]?.author.name)
  is<number | undefined>()(author.profile?.id)
  const narrow = await Author.with({ works: (q) => q.select('title') }).firstOrFail()
  is<string | undefined>()(narrow.works[0]?.title)
  // @ts-expect-error: not selected
  narrow.works[0]?.price
  const book = await Book.with({ author: (q) => q.where('name', 'Ann'), creator: true }).firstOrFail()
  is<string | undefined>()(book.author?.name)
  // @ts-expect-error: the callback may leave nothing of one row
  book.author.name
  is<string>()(book.creator.name)
  // @ts-expect-error: no such field
  Author.with({ works: (q) => q.where('nam', 1) })
  // @ts-expect-error: no such relation
  Author.with({ work: true })
}

export async function pending() {
  const author = await Author.findOrFail(1)
  is<string | undefined>()((await author.works)[0]?.title)
  is<number>()(await author.works.count())
  is<string | undefined>()((await author.works.where('price', '<', 3).orderBy('title').limit(2))[0]?.title)
  is<string | undefined>()((await author.works.first())?.title)
  is<boolean>()(await author.works.query().exists())
  // @ts-expect-error: not loaded: await it, or add with('works')
  author.works[0]?.title
  // @ts-expect-error: not loaded
  author.works.length

  const book = await Book.findOrFail(1)
  is<string>()((await book.author).name)
  is<string | undefined>()((await book.translator)?.name)
  // @ts-expect-error: not loaded: await it, or add with('author')
  book.author.name
  // @ts-expect-error: a relation is not assigned
  book.author = author

  const loaded = await author.load('works.author', 'profile')
  is<string | undefined>()(loaded.works[0]?.author.name)
  const more = await loaded.load('mentees')
  is<string | undefined>()(more.works.map((work) => work.author.name)[0])
  is<string | undefined>()(more.mentees[0]?.name)
  // @ts-expect-error: no such relation
  await author.load('work')
}

export async function managing() {
  const author = await Author.findOrFail(1)
  const work = await author.related('works').create({ title: 'Emma', price: 3 })
  is<number>()(work.authorId)
  const [emma] = await author.related('works').createMany([{ title: 'Emma', price: 3 }])
  is<string>()(emma.title)
  await author.related('works').save(new Book({ title: 'Emma', price: 3 }))
  await author.related('works').create({ id: 3, title: 'Emma', price: 3 }, { guarded: true })
  is<string | undefined>()((await author.related('works').where('price', 3).with('author'))[0]?.author.name)
  is<number>()(await author.related('works').where('price', 3).update({ price: 4 }))
  // @ts-expect-error: the title is required
  await author.related('works').create({ price: 3 })
  // @ts-expect-error: a generated key is guarded
  await author.related('works').create({ id: 3, title: 'Emma', price: 3 })
  // @ts-expect-error: an instance of another model
  await author.related('works').save(author)
  // @ts-expect-error: a step leads to a plain query
  author.related('works').where('price', 3).create({ title: 'Emma', price: 3 })
  // @ts-expect-error: to-many relations are not associated
  author.related('works').associate(3)

  const book = await Book.findOrFail(1)
  await book.related('author').associate(author)
  await book.related('author').associate(3)
  await book.related('translator').dissociate()
  // @ts-expect-error: no such relation
  book.related('autor')
  // @ts-expect-error: an instance of another model
  await book.related('author').associate(book)
  await author.related('profile').create({ links: [] })
}

/** More loaded fits where less is asked. */
const titles = (author: Entity<typeof Author, 'works'>) => author.works.map((work) => work.title)
const initials = (author: Entity<typeof Author>) => author.initials
const plain = (author: Author) => author.name
export async function passing() {
  const author = await Author.with('works.author', 'profile').firstOrFail()
  titles(author)
  initials(author)
  plain(author)
  titles(await Author.with({ works: (q) => q.limit(1) }).firstOrFail())
  titles(await (await Author.findOrFail(1)).load('works'))
  initials(await Author.create({ name: 'a', email: 'b' }))
  // @ts-expect-error: works are not loaded
  titles(await Author.findOrFail(1))
  // @ts-expect-error: only the profile is loaded
  titles(await Author.with('profile').firstOrFail())
  // @ts-expect-error: another model
  initials(await Profile.findOrFail(1))
}

/** By the relation itself, where the statics of the class body are not known. */
export async function methods(author: Author) {
  is<string | undefined>()((await author.latest())?.title)
  await author.related(Author.works).create({ title: 'Emma', price: 3 })
  await new Book().related(Book.author).associate(author)
}
