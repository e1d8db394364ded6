// The exports of a library that is built on corm. TypeScript must be able to emit declarations for all of them.
import { type AnyQuery, caseWhen, Database, type Entity, Field, fn, gt, Model, not, Relation, sql } from 'corm'

export const money = Field.custom({ type: 'bigInteger', encode: (v: bigint) => v, decode: (raw) => BigInt(raw) })
export const timestamps = {
  createdAt: Field.dateTime({ autoNowAdd: true }),
  updatedAt: Field.dateTime({ autoNow: true }),
}
export const morphs = Field.morphs('subject', { nullable: true, key: 'uuid' })
export const sameTenant = Relation.custom({ many: true, link: () => ({ from: 'id', to: 'id' }) })
export const base = { id: Field.bigId(), ...timestamps }
export const Base = Model(base, { abstract: true })
export class Author extends Model(
  {
    name: Field.string({ max: 120 }),
    email: Field.string({ unique: true, nullable: true }),
    bio: Field.text({ nullable: true, lazy: true }),
    role: Field.enum(['writer', 'editor'], { default: 'writer', guarded: true }),
    price: Field.decimal({ precision: 5, scale: 2, default: 0 }),
    cost: money(),
    settings: Field.json<{ theme: string }>({ default: { theme: 'dark' } }),
    upper: Field.string({ generated: sql`upper(name)`, stored: true }),
    deletedAt: Field.softDelete(),
    ...timestamps,
  },
  { globalScopes: { named: (q) => q.where('name', '!=', '') } },
) {
  static books = Relation.hasMany(() => Book)
  static tags = Relation.manyToMany(() => Tag, { pivot: { position: Field.integer({ default: 0 }) } })
  static friends = Relation.manyToMany(() => Author, { symmetrical: true })
  static others = sameTenant(() => Author)
  static editors() {
    return this.query().where('role', 'editor')
  }
  static popular(query: AnyQuery<typeof Author>) {
    return query.where('name', 'x')
  }
  get initials() {
    return this.name.slice(0, 1)
  }
  latest() {
    return this.related(Author.books).latest().first()
  }
}
export class Book extends Model({
  title: Field.string(),
  authorId: Field.foreignKey(() => Author, { onDelete: 'cascade' }),
  nextId: Field.oneToOne(() => Book, { nullable: true }),
}) {
  static author = Relation.belongsTo(() => Author)
  static next = Relation.belongsTo(() => Book)
  static comments = Relation.morphMany(() => Comment, 'subject')
}
export class Tag extends Model({ name: Field.string({ primaryKey: true }) }) {}
export class Comment extends Model({ body: Field.text(), ...morphs }) {
  static subject = Relation.morphTo([() => Book, () => Author])
}
// class expressions
export const Note = class extends Model({ text: Field.text(), at: Field.dateTime({ autoNow: true }) }) {
  static author = Relation.belongsTo(() => Author, { foreignKey: 'text' })
}
export const Admin = Author.extend({ level: Field.integer() })
export class Boss extends Author.extend({ level: Field.integer() }, { table: 'bosses' }) {}
export const Top = class Top extends Admin {}
export const make = <T extends string>(name: T) => Model({ name: Field.string({ default: name }) })
// queries
export const all = () => Author.query()
export const joined = () =>
  Author.query()
    .join(Book, (c, t) => c.id.eq(t.authorId), { alias: 'b' })
    .where((_c, t) => t.b.title.eq('x'))
export const left = () => Author.query().leftJoin(Book, (c, t) => c.id.eq(t.authorId), { alias: 'b' })
export const tree = () =>
  Book.query()
    .withRecursive('tree', Book.query().whereKey(1), (self) => Book.query().join(self, (c, t) => c.nextId.eq(t.id)))
    .from('tree')
export const cte = () =>
  Book.query()
    .withCte('cheap', Book.query().where('title', 'x'))
    .join('cheap', (c, t) => c.id.eq(t.id as never))
export const withed = () =>
  Author.query()
    .with('books.author', 'tags')
    .with({ friends: (q) => q.limit(3) })
export const counted = () =>
  Author.query()
    .withCount('books')
    .withSum('books', 'nextId' as never)
    .annotate({ loud: (c) => c.name.upper(), n: () => fn.count() })
export const picked = () => Author.query().select('name', 'role')
export const path = () => Book.query().select('title', 'author.name')
export const grouped = () =>
  Author.query()
    .groupBy('role')
    .aggregate({ n: fn.count(), best: (c) => fn.max(c.price) })
export const rows = async () => await withed().get()
export const one = async () => await Author.query().select('name').firstOrFail()
export const values = async () => await Author.query().values('name', 'role')
export const page = async () => await counted().paginate({ page: 1 })
export const created = async () => await Author.createWithRelations({ name: 'x', cost: 1n, books: [{ title: 'x' }] })
export const loaded = async (a: Author) => await Author.ref(a.pk).load('books')
export const manager = (a: Entity<typeof Author>) => a.related('tags')
export const manager2 = (a: Author) => a.related(Author.books)
export const predicate = Author.columns.name.eq('x').and({ name: 'y' }, not(Author.columns.email.isNull()))
export const expression = caseWhen(Author.columns.name.eq('x'), 1).else(2)
export const columns = Author.columns
export const schema = Author.schema
export const operator = gt(3)
export const relation = Author.books
export const fields = Author.fields
export const bound = Author.using(Database.get())
export const trx = () => Author.transaction(async (t) => t.isTransaction)
export const stream = () => Author.query().with('books').stream()
export const upserted = () => Author.upsert({ name: 'x', cost: 1n }, { conflict: 'name' })
export const scoped = () => Author.query().tap(Author.popular)
