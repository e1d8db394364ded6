import { Field, fn, Model, Relation, sql } from 'corm'
import type { Decimal } from 'decimal.js'
import { is } from './support/expect.js'
import { Author, Book, Profile } from './support/models.js'

class Shelf extends Model({ label: Field.string(), bookId: Field.foreignKey(() => Book, { nullable: true }) }) {
  static book = Relation.belongsTo(() => Book)
}

class Person extends Model({
  name: Field.string(),
  age: Field.integer(),
  parentId: Field.foreignKey(() => Person, { nullable: true }),
}) {
  static parent = Relation.belongsTo(() => Person)
  static children = Relation.hasMany(() => Person)
}

/** A relation to the model itself, from the class as from a query. */
export async function ownRelations() {
  Person.where('parent.age', '>', 0).where('parent.parent.age', 3)
  Person.where('parent.age', 'in', [1]).orWhere('children.age', '<=', 3)
  Person.where('parent.age', null)
  Person.where({ 'parent.age': 3, 'children.name': 'Ada' })
  Person.query().where('parent.age', '>', 0).where('parent.name', 'like', 'A%')
  is<(number | null)[]>()(await Person.query().pluck('parent.age'))
  // @ts-expect-error: a number
  Person.where('parent.age', '>', 'x')
  // @ts-expect-error: no such field at the end
  Person.where('parent.agee', '>', 1)
}

export async function conditions() {
  Book.query().where('author.name', 'Ada').where('author.joined', '>', new Date()).whereNull('translator.bio')
  Book.query().where('author.works.price', '>', 3).whereIn('sequel.title', ['a']).whereBetween('author.id', [1, 2])
  Author.query().where('works.author.profile.authorId', 3).orWhere('works.title', 'like', 'a%')
  Author.query().where({ 'works.title': 'Emma', name: 'Ada' })
  // @ts-expect-error: a number
  Book.query().where('author.name', 3)
  // @ts-expect-error: no such field at the end
  Book.query().where('author.nam', 'Ada')
  // @ts-expect-error: no such relation
  Book.query().where('autor.name', 'Ada')
  // @ts-expect-error: ends in a relation to many
  Book.query().where('author.works', 'x')
  Book.query().whereColumn('author.id', '=', 'translator.id')
  // @ts-expect-error: many rows have no one value
  Author.query().whereColumn('works.id', '=', 'id')
}

export async function relations() {
  const author = await Author.findOrFail(1)
  Book.query().where('author', author).where('translator', null).whereNotNull('translator').where({ author })
  Book.query().where('author', '!=', author).whereIn('author', [author])
  // @ts-expect-error: an instance, not a key
  Book.query().where('author', 1)
  const profile = await Profile.query().sole()
  Book.query().where('author.profile', profile).where({ 'author.profile': profile }).whereNull('author.profile')
  Author.query().where('works.author', author).whereIn('works.author', [author])
  // @ts-expect-error: an instance, not a key
  Book.query().where('author.profile', 1)
  // @ts-expect-error: no value of one row
  Book.query().orderBy('author.profile')
  // @ts-expect-error: many rows are no instance
  Author.query().where('works', await Book.findOrFail(1))
}

export async function values() {
  const [row] = await Book.query().values('title', 'author.name', 'translator.name')
  is<string | undefined>()(row?.['author.name'])
  is<string | null | undefined>()(row?.['translator.name'])
  is<(string | null)[]>()(await Book.query().pluck('author.bio'))
  is<[string, Date | null][]>()(await Book.query().valuesList('author.name', 'translator.joined'))
  const picked = await Book.query().select('title', 'author.name').firstOrFail()
  is<string>()(picked['author.name'])
  is<string>()(picked.title)
  // @ts-expect-error: not selected
  picked.price
  const [shelf] = await Shelf.query().values('book.author.name')
  is<string | null | undefined>()(shelf?.['book.author.name'])
  // @ts-expect-error: many rows have no one value
  await Author.query().pluck('works.title')
  // @ts-expect-error: many rows have no one value
  Author.query().select('works.title')
  Book.query().orderBy('author.name').orderBy('-author.joined').orderBy(['-translator.id', 'title'])
  // @ts-expect-error: no such field
  Book.query().orderBy('author.nam')
  // @ts-expect-error: no such field
  Book.query().orderBy('-author.nam')
  // @ts-expect-error: many rows have no order
  Author.query().orderBy('works.title')
  const groups = await Book.query()
    .groupBy('author.name')
    .aggregate({ total: fn.sum(Book.columns.price) })
  is<string | undefined>()(groups[0]?.['author.name'])
  is<Decimal | null | undefined>()(groups[0]?.total)
}

export async function joins() {
  const joined = Book.query()
    .join(Author, (c, t) => c.authorId.eq(t.id), { alias: 'writer' })
    .leftJoin(Profile, (c, t) => c.authorId.eq(t.authorId), { alias: 'profile' })
    .where((c, t) => t.writer.name.eq('Ada').and(c.price.gt(3), t.profile.id.isNull()))
    .orderBy((c, t) => [t.writer.name, c.title.desc()])
    .annotate({ writer: (_, t) => t.writer.name, profileId: (_, t) => t.profile.id })
  const [row] = await joined
  is<string | undefined>()(row?.writer)
  is<number | null | undefined>()(row?.profileId)
  is<string | undefined>()(row?.title)
  Book.query()
    .join(Author, (c, t) => c.authorId.eq(t.id))
    .where(Author.columns.name.eq('Ada'))
  // @ts-expect-error: no such column
  Book.query().join(Author, (c, t) => c.authorId.eq(t.nam))
  // @ts-expect-error: not joined under that name
  joined.where((_, t) => t.other.name.eq('Ada'))
  Author.query()
    .join(
      Book.query().annotate({ cents: (c) => c.price.times(100) }),
      (c, t) => c.id.eq(t.authorId).and(t.cents.gt(100)),
      { alias: 'b' },
    )
    .where((_, t) => t.b.title.eq('Emma'))
  Book.query().join('sales', (c, t) => c.id.eq(t.bookId ?? sql`null`), { type: 'full', alias: 's' })
}

export async function tables() {
  const query = Book.query()
    .withCte(
      'cheap',
      Book.query()
        .where('price', '<', 3)
        .annotate({ cents: (c) => c.price.times(100) }),
    )
    .join('cheap', (c, t) => c.id.eq(t.id).and(t.cents.lt(3)))
    .where((_, t) => t.cheap.title.eq('Emma'))
  is<string | undefined>()((await query)[0]?.title)
  const cents = Book.query().from(Book.query().annotate({ cents: (c) => c.price.times(100) }))
  is<Decimal | undefined>()((await cents.where('cents', '>', 3))[0]?.cents)
  const tree = Book.query()
    .withRecursive(
      'line',
      Book.query()
        .whereKey(1)
        .annotate({ depth: fn.coalesce(Book.columns.id, 0) }),
      (self) =>
        Book.query()
          .join(self, (c, t) => c.sequelId.eq(t.id))
          .annotate({ depth: (_, t) => t.line.depth.plus(1) }),
    )
    .from('line')
    .orderBy('depth')
  is<number | undefined>()((await tree)[0]?.depth)
  // @ts-expect-error: not a query
  Book.query().union('books')
  Book.query().union(Book.query().where('pages', 3)).intersect(Book.query()).except(Book.query()).unionAll(Book.query())
}

export async function related() {
  const rows = await Author.query()
    .annotate({
      total: (c) => fn.count(c.works),
      worth: (c) => fn.sum(c.works.price).filter(c.works.pages.gt(100)),
      city: (c) => c.profile.id,
    })
    .where((c) => fn.max(c.works.pages).gt(3).and(c.id.gt(0)))
    .orderBy((c) => fn.count(c.works).desc())
  is<number | undefined>()(rows[0]?.total)
  is<Decimal | null | undefined>()(rows[0]?.worth)
  is<number | null | undefined>()(rows[0]?.city)
  const [book] = await Book.query()
    .where((c) => c.author.name.eq('Ada').and(c.author.profile.id.isNull(), c.translator.name.isNotNull()))
    .annotate({ writer: (c) => c.author.name, other: (c) => c.translator.name })
  is<string | undefined>()(book?.writer)
  is<string | null | undefined>()(book?.other)
  // @ts-expect-error: no such field
  Book.query().where((c) => c.author.nam.eq('Ada'))
}
