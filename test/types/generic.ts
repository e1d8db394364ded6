import {
  type AnyFields,
  type AnyQuery,
  type Column,
  type Entity,
  type Expression,
  Field,
  type FieldName,
  type FieldType,
  fn,
  type Insertable,
  type Match,
  type ModelClass,
  type ModelInstance,
  type OutOf,
  type Page,
  type PkOf,
  type Predicate,
  type QueryBuilder,
  type RelationName,
} from 'corm'
import type { Decimal } from 'decimal.js'
import { fits, is } from './support/expect.js'
import { Author, Book, Membership, Profile } from './support/models.js'

// any model fits ModelClass, and any instance ModelInstance
fits<ModelClass>(Author)
fits<ModelClass>(Membership)
fits<ModelClass<AnyFields>>(Book)
fits<readonly ModelClass[]>([Author, Book, Profile, Membership])
class Shaped extends Author.extend({ extra: Field.uuid() }) {}
fits<ModelClass>(Shaped)
// @ts-expect-error: not a model
fits<ModelClass>(class {})
// @ts-expect-error: an instance is not a class
fits<ModelClass>(new Author())
export async function instances(book: Entity<typeof Book>, author: Author) {
  fits<ModelInstance>(book)
  fits<ModelInstance>(author)
  fits<ModelInstance>(new Membership())
  fits<ModelInstance>(await Author.with('works.author').firstOrFail())
  fits<readonly ModelInstance[]>([book, author])
  // @ts-expect-error: not an instance
  fits<ModelInstance>({ pk: 1 })
  // @ts-expect-error: a class is not an instance
  fits<ModelInstance>(Author)
}
export async function audit(row: ModelInstance) {
  is<unknown>()(row.pk)
  const [old] = row.getChanges().name ?? []
  await row.refresh()
  return row.isDirty() ? old : row.toJSON()
}

// a repository
class Repository<C extends ModelClass> {
  constructor(protected readonly model: C) {}
  find(key: PkOf<C>): Promise<Entity<C> | null> {
    return this.model.find(key)
  }
  all(): Promise<Entity<C>[]> {
    return this.model.query().get()
  }
  first(match: Match<C>): Promise<Entity<C> | null> {
    return this.model.findBy(match)
  }
  create(data: Insertable<C>): Promise<Entity<C>> {
    return this.model.create(data)
  }
  createMany(rows: readonly Insertable<C>[]): Promise<Entity<C>[]> {
    return this.model.createMany(rows)
  }
  page(page: number, narrow: (query: QueryBuilder<C>) => QueryBuilder<C>): Promise<Page<Entity<C>>> {
    return narrow(this.model.query()).paginate({ page })
  }
  matching(match: Match<C>): Promise<Entity<C>[]> {
    return this.model.where(match).limit(10).get()
  }
  async remove(key: PkOf<C>): Promise<void> {
    const row = await this.model.findOrFail(key)
    await row.delete()
    is<boolean>()(row.isDeleted)
  }
  async rename(key: PkOf<C>, data: Partial<Insertable<C>>): Promise<Entity<C>> {
    const row = await this.model.findOrFail(key)
    await row.fill(data).save()
    return row
  }
  count() {
    return this.model.query().count()
  }
}
class Authors extends Repository<typeof Author> {
  constructor() {
    super(Author)
  }
  editors() {
    return this.model.query().where('role', 'editor').get()
  }
}
export async function repositories() {
  const authors = new Authors()
  is<string | undefined>()((await authors.find(1))?.name)
  is<string | undefined>()((await authors.editors())[0]?.email)
  is<string>()((await authors.create({ name: 'a', email: 'b' })).name)
  is<string | undefined>()((await authors.page(1, (query) => query.where('name', 'a'))).items[0]?.name)
  is<string | undefined>()((await authors.matching({ role: 'editor' }))[0]?.name)
  const members = new Repository(Membership)
  await members.find({ groupId: 1, code: 'a' })
  // @ts-expect-error: the key has two parts
  await members.find(1)
  // @ts-expect-error: the email is missing
  await authors.create({ name: 'a' })
  // @ts-expect-error: no such field
  await authors.first({ nam: 'a' })
  // @ts-expect-error: not a model
  new Repository(String)
}

// loaders
export async function byKeys<C extends ModelClass>(
  model: C,
  keys: readonly PkOf<C>[],
): Promise<Map<unknown, Entity<C>>> {
  const rows = await model.findMany(keys)
  return new Map(rows.map((row) => [row.pk, row]))
}
export async function withRelation<C extends ModelClass, R extends RelationName<C>>(
  row: Promise<Entity<C, R>>,
): Promise<Entity<C, R>> {
  return await row
}
export async function using() {
  const books = await byKeys(Book, [1, 2])
  is<string | undefined>()(books.get(1)?.title)
  // @ts-expect-error: another key
  await byKeys(Book, ['a'])
  is<number>()((await withRelation<typeof Author, 'works'>(Author.with('works').firstOrFail())).works.length)
}

// models that have certain fields
type Named = { readonly name: FieldType<string> }
export async function named<C extends ModelClass<Named>>(model: C): Promise<string[]> {
  const rows = await model.query().limit(3).get()
  return rows.map((row) => row.name)
}
export const names = async () => {
  is<string[]>()(await named(Author))
  // @ts-expect-error: it has no name
  await named(Book)
}

// steps of any query
export const newest = <C extends ModelClass>(query: AnyQuery<C>, count = 10) =>
  query.orderBy('-pk' as never).limit(count)
export const firstThree = <Q extends AnyQuery>(query: Q): Q => query.limit(3)
export async function steps() {
  is<string | undefined>()((await firstThree(Author.query()))[0]?.name)
  is<number | undefined>()((await firstThree(Author.query().with('works')))[0]?.works.length)
  is<string | undefined>()((await firstThree(Author.query().annotate({ loud: (c) => c.name.upper() })))[0]?.loud)
  Author.query().tap(firstThree)
  Author.query().scope(newest, 3)
  Book.query().scope(newest)
}
export const pick = <C extends ModelClass, K extends FieldName<C>>(row: { readonly [P in K]: OutOf<C, P> }, key: K) =>
  row[key]

// expressions over columns
const since = (column: Column<Date>, days: number): Predicate => column.gte(new Date(days))
const blank = (column: Column<string | null>): Predicate => column.isNull().or(column.eq(''))
const total = (price: Column<Decimal>, count: Column<number>) => fn.sum(price.times(count))
const either = (...conditions: Expression<boolean>[]) => conditions[0]
const shout = (column: Column<string>) => column.upper()
const missing = (column: Column) => column.isNull()
const active = (row: { readonly joined: Column<Date> }) => row.joined.isNotNull()
export function expressions() {
  Author.where((c) => since(c.joined, 3).and(blank(c.bio), blank(c.name), missing(c.books)))
  Author.where((c) => active(c))
  Author.where(active)
  Author.query().annotate({ loud: (c) => shout(c.name), role: (c) => shout(c.role) })
  Book.query().aggregate({ sum: (c) => total(c.price, c.id) })
  either(Author.columns.name.eq('x'))
  // @ts-expect-error: a text is no date
  Author.where((c) => since(c.name, 3))
  // @ts-expect-error: it may be null
  Author.query().annotate({ loud: (c) => shout(c.bio) })
  // @ts-expect-error: it has no such column
  Book.where(active)
}
