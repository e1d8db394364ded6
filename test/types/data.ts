import { Field, type Insertable, JsonNull, Model, sql, type Updatable } from 'corm'
import { fits, is } from './support/expect.js'
import { Author, Book, Membership } from './support/models.js'

export async function creating() {
  const author = await Author.create({ name: 'Jane', email: 'j@x.org' })
  is<number>()(author.id)
  is<string>()(author.initials)
  await Author.create({ name: 'Jane', email: 'j@x.org', bio: null, books: undefined })
  // @ts-expect-error: a time that is set by itself is guarded
  await Author.create({ name: 'Jane', email: 'j@x.org', joined: new Date() })
  await Author.create({ name: 'Jane', email: 'j@x.org', role: 'editor', id: 3 }, { guarded: true })
  // @ts-expect-error: email is required
  await Author.create({ name: 'Jane' })
  // @ts-expect-error: a required field is not left undefined
  await Author.create({ name: 'Jane', email: undefined })
  // @ts-expect-error: no such field
  await Author.create({ name: 'Jane', email: 'j@x.org', nam: 'x' })
  // @ts-expect-error: role is guarded
  await Author.create({ name: 'Jane', email: 'j@x.org', role: 'editor' })
  // @ts-expect-error: a generated key is guarded
  await Author.create({ name: 'Jane', email: 'j@x.org', id: 3 })
  // @ts-expect-error: not one of the values
  await Author.create({ name: 'Jane', email: 'j@x.org', role: 'boss' }, { guarded: true })
  // @ts-expect-error: no SQL in data of an insert
  await Author.create({ name: sql`x`, email: 3 })

  const [first] = await Author.createMany([{ name: 'a', email: 'a' }])
  is<string>()(first.name)
  const rows = [{ name: 'a', email: 'a' }]
  const [maybe] = await Author.createMany(rows)
  is<string | undefined>()(maybe?.name)
  await Author.createMany([{ name: 'a', email: 'a', role: 'editor' }], { guarded: true })
  await Author.createMany([
    { name: 'a', email: 'a' },
    // @ts-expect-error: role is guarded
    { name: 'b', email: 'b', role: 'editor' },
  ])
  is<number>()(await Author.insertMany([{ id: 1, name: 'a', email: 'a', role: 'editor' }]))

  await Book.create({ title: 'Emma', price: '9.90', authorId: author.id })
  // @ts-expect-error: the foreign key is required
  await Book.create({ title: 'Emma', price: 9.9 })
  await Membership.create({ groupId: 1, code: 'a' })
  // @ts-expect-error: both keys are required
  await Membership.create({ groupId: 1 })
}

export async function finding() {
  const [author, created] = await Author.firstOrCreate({ email: 'j@x.org' }, { name: 'Jane' })
  is<boolean>()(created)
  is<string>()(author.name)
  await Author.firstOrCreate({ email: 'j@x.org' }, { role: 'editor' }, { guarded: true })
  // @ts-expect-error: role is guarded
  await Author.firstOrCreate({ email: 'j@x.org' }, { role: 'editor' })
  await Author.updateOrCreate({ email: 'j@x.org' }, { name: 'Jane' })
  // @ts-expect-error: no such field
  await Author.updateOrCreate({ mail: 'j@x.org' }, { name: 'Jane' })
  is<string | undefined>()((await Author.find(1))?.name)
  is<string>()((await Author.findOrFail(1)).name)
  is<string | undefined>()((await Author.findMany([1, 2]))[0]?.name)
  is<string | undefined>()((await Author.findBy({ email: 'x' }))?.name)
  await Membership.find({ groupId: 1, code: 'a' })
  await Membership.deleteMany([{ groupId: 1, code: 'a' }])
  // @ts-expect-error: the key is a number
  await Author.find('1')
  // @ts-expect-error: both parts of the key
  await Membership.find({ groupId: 1 })
  is<number>()(Author.ref(3).id)
  is<string | undefined>()((await Author.rawFirst(sql`select * from authors`))?.name)
}

export async function upsertingNamesOnly() {
  const options = { conflict: 'email', update: ['name'] } as const
  await Author.upsert({ name: 'a', email: 'a' }, options)
  await Author.upsert({ name: 'a', email: 'a' }, { conflict: 'email', update: false })
  await Author.upsert(
    { name: 'a', email: 'a' },
    { conflict: 'email', update: (c, incoming) => ({ name: c.name.concat(incoming.name) }) },
  )
  // @ts-expect-error: no such field
  await Author.upsert({ name: 'a', email: 'a' }, { conflict: 'email', update: (c) => ({ nam: c.name }) })
  // @ts-expect-error: no such field beside one that is there
  await Author.upsert({ name: 'a', email: 'a' }, { conflict: 'email', update: () => ({ name: 'b', nam: 'b' }) })
  // @ts-expect-error: the same of upsertMany
  await Author.upsertMany([{ name: 'a', email: 'a' }], { conflict: 'email', update: () => ({ name: 'b', nam: 'b' }) })
}
export async function returningFromRelations() {
  await Book.query().updateReturning((c) => ({ title: c.author.name }))
  // @ts-expect-error: no such field of the author
  await Book.query().updateReturning((c) => ({ title: c.author.nam }))
}

export async function upserting() {
  const author = await Author.upsert({ name: 'a', email: 'a' }, { conflict: 'email' })
  is<string>()(author.name)
  await Author.upsert({ name: 'a', email: 'a' }, { conflict: ['email'], update: ['name'] })
  await Author.upsert(
    { name: 'a', email: 'a' },
    { conflict: 'email', update: (c, incoming) => ({ books: c.books.plus(incoming.books) }) },
  )
  await Author.upsertMany([{ name: 'a', email: 'a', role: 'editor' }], {
    conflict: 'email',
    update: false,
    guarded: true,
  })
  // @ts-expect-error: role is guarded
  await Author.upsert({ name: 'a', email: 'a', role: 'editor' }, { conflict: 'email' })
  // @ts-expect-error: no such field
  await Author.upsert({ name: 'a', email: 'a' }, { conflict: 'mail' })
}

export async function instances(author: Author) {
  is<number>()(author.pk)
  is<boolean>()(author.isPersisted)
  author.fill({ name: 'b' }).fill({ role: 'editor' }, { guarded: true })
  // @ts-expect-error: role is guarded
  author.fill({ role: 'editor' })
  // @ts-expect-error: no such field
  author.fill({ nam: 'b' })
  is<Author>()(await author.update({ name: 'b', bio: null }))
  // @ts-expect-error: name is not nullable
  await author.update({ name: null })
  is<Author>()(await author.save({ only: ['name'] }))
  // @ts-expect-error: no such field
  await author.save({ only: ['nam'] })
  is<Author>()(await author.refresh('name'))
  is<Author>()(await author.increment('books', 2))
  // @ts-expect-error: a name can't be incremented
  await author.increment('name')
  is<boolean>()(author.isDirty('name'))
  // @ts-expect-error: no such field
  author.isDirty('nam')
  is<string | undefined>()(author.getChanges().name?.[1])
  is<Date>()(author.getOriginal('joined'))
  is<string | null>()(await author.loadField('bio'))
  is<Author>()(author.clone())
  await author.delete()
  await Author.saveMany([author])
  await Author.updateMany([author], ['name'])
  // @ts-expect-error: no such field
  await Author.updateMany([author], ['nam'])

  new Author({ name: 'x' })
  is<string>()(new Author().name)
  new Author({ role: 'editor', id: 3 }, { guarded: true })
  // @ts-expect-error: role is guarded
  new Author({ role: 'editor' })
  // @ts-expect-error: no such field
  new Author({ nam: 'x' })
  is<string>()(Author.make({ name: 'x' }).name)

  const unknown: unknown = author
  if (unknown instanceof Model) is<Promise<void>>()(unknown.delete())
}

export async function json() {
  class Setting extends Model({ value: Field.json<{ a: number }>({ nullable: true }), list: Field.json<number[]>() }) {}
  await Setting.create({ value: null, list: [1] })
  await Setting.create({ value: JsonNull, list: [] })
  await Setting.where('list', [1, 2])
    .where({ value: { a: 1 } })
    .whereNull('value')
  // @ts-expect-error: another shape
  await Setting.create({ value: { b: 1 }, list: [] })
}

export function generated() {
  class Line extends Model({
    price: Field.integer(),
    total: Field.integer({ generated: sql`price * 2` }),
    secret: Field.integer({ guarded: true }),
  }) {}
  // @ts-expect-error: a generated field can't be written
  Line.create({ price: 1, total: 2, secret: 1 }, { guarded: true })
  Line.create({ price: 1, secret: 1 }, { guarded: true })
  // @ts-expect-error: a guarded field without a default is required, and so is the option
  Line.create({ price: 1 })
}

fits<Insertable<typeof Author>>({ name: 'a', email: 'b' })
fits<Updatable<typeof Author>>({ name: sql`lower(name)`, books: Author.columns.books.plus(1) })
// @ts-expect-error: a number for a text
fits<Updatable<typeof Author>>({ name: Author.columns.books.plus(1) })

const parsed = Author.schema.insert.parse({})
is<string>()(parsed.name)
// @ts-expect-error: guarded fields are left out
parsed.role
is<{ name: string; email: string }>()(Author.schema.insert.pick('name', 'email').parse({}))
const checked = Author.schema.update.partial().safeParse({})
if (checked.success) is<string | undefined>()(checked.data.name)
else is<string | undefined>()(checked.error.issues[0]?.path)
is<'writer' | 'editor'>()(Author.schema.select.parse({}).role)

export async function instancesInBulk() {
  const author = new Author({ name: 'Jane', email: 'j@x.org' })
  const [first] = await Author.createMany([author])
  is<string | undefined>()(first?.name)
  is<number>()(await Author.insertMany([author]))
  // @ts-expect-error: an instance of another model
  await Author.createMany([new Book({ title: 'Emma' })])
  // @ts-expect-error: an instance of another model
  await Author.insertMany([new Book({ title: 'Emma' })])
  Field.text({ richText: true, max: 10 })
  // @ts-expect-error: only texts
  Field.string({ richText: true })
}
