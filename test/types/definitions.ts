import { type Entity, Field, Model, type ModelInstance, Relation, sql } from 'corm'
import { is } from './support/expect.js'
import { Author, Book } from './support/models.js'

// names that a field may not have
// @ts-expect-error: a member of Model
Model({ save: Field.boolean() })
// @ts-expect-error: a member of Model that needs its fields
Model({ isDirty: Field.boolean() })
// @ts-expect-error: a member of entities
Model({ related: Field.string() })
Model({
  // @ts-expect-error: a model would be awaitable
  // biome-ignore lint/suspicious/noThenProperty: that is the point
  then: Field.string(),
})
// @ts-expect-error: a member of every object
Model({ constructor: Field.string() })
// @ts-expect-error: a member of every object
Model({ toString: Field.string() })
// @ts-expect-error: a member of every object
Model({ valueOf: Field.string() })
// @ts-expect-error: a member of every object
Model({ hasOwnProperty: Field.string() })
// @ts-expect-error: a member of Model
Model({ toJSON: Field.string() })
// @ts-expect-error: a member of Model
Model({ pk: Field.string() })
// @ts-expect-error: not a field
Model({ name: 'string' })
// names of statics are free
Model({
  name: Field.string(),
  length: Field.integer(),
  count: Field.integer(),
  query: Field.string(),
  where: Field.string(),
})

// options
Model({ a: Field.integer() }, { table: 't', database: 'logs', abstract: true, comment: 'x', morphName: 'm' })
Model({ a: Field.integer() }, { readOnly: true, naming: 'camelCase', orderBy: '-a', uniques: ['a', ['a', 'id']] })
Model(
  { a: Field.integer() },
  { naming: (name) => name.toUpperCase(), checks: { low: (c) => c.a.lt(3), high: sql`a > 1` } },
)
Model(
  { a: Field.integer() },
  { indexes: ['a', ['a', 'id'], { fields: ['a'], unique: true, method: 'gin', name: 'i' }] },
)
// @ts-expect-error: no such field
Model({ a: Field.integer() }, { indexes: ['b'] })
// @ts-expect-error: no such field
Model({ a: Field.integer() }, { orderBy: '-b' })
// @ts-expect-error: no such field
Model({ a: Field.integer() }, { checks: { x: (c) => c.b.lt(3) } })
// @ts-expect-error: no such option
Model({ a: Field.integer() }, { tabel: 't' })
// @ts-expect-error: a number is compared with numbers
Model({ a: Field.integer() }, { checks: { x: (c) => c.a.lt('3') } })

// spread of plain objects
const timestamps = { createdAt: Field.dateTime({ autoNowAdd: true }), updatedAt: Field.dateTime({ autoNow: true }) }
class Note extends Model({ text: Field.text(), ...timestamps }) {}
export const note = () => Note.create({ text: 'x' }).then((row) => is<Date>()(row.createdAt))

// extend keeps fields, relations, methods and statics
class Person extends Model({ name: Field.string(), authorId: Field.foreignKey(() => Author) }, { abstract: true }) {
  static author = Relation.belongsTo(() => Author)
  static named(name: string) {
    return this.query().where('name', name)
  }
  greet() {
    return `hello ${this.name}`
  }
}
class Admin extends Person.extend({ level: Field.integer() }, { table: 'admins', indexes: [['name', 'level']] }) {
  static reports = Relation.hasMany(() => Book, { foreignKey: 'authorId' })
  override greet() {
    return super.greet() + this.level
  }
}
class Key extends Person.extend({ name: Field.integer(), code: Field.string({ primaryKey: true }) }) {}
export async function extended() {
  const admin = await Admin.create({ name: 'a', level: 3, authorId: 1 })
  is<number>()(admin.level)
  is<string>()(admin.greet())
  is<number>()(admin.id)
  is<string>()((await Admin.with('author', 'reports').firstOrFail()).author.name)
  is<string | undefined>()((await Admin.named('x').first())?.name)
  const key = await Key.findOrFail('x')
  is<number>()(key.name)
  // @ts-expect-error: another key was declared
  key.id
  // @ts-expect-error: level is required
  await Admin.create({ name: 'a', authorId: 1 })
  // @ts-expect-error: a member of Model
  Person.extend({ save: Field.boolean() })
}

// methods
class Shelf extends Model({ label: Field.string(), size: Field.integer() }) {
  static books = Relation.hasMany(() => Book, { foreignKey: 'sequelId' })
  get title() {
    return `${this.label} (${this.size})`
  }
  rename(label: string) {
    return this.update({ label })
  }
  async titles(this: Entity<typeof Shelf>) {
    const books = await this.books
    return books.map((book) => book.title)
  }
  override async save(options?: Parameters<ModelInstance['save']>[0]) {
    void options
    return super.save()
  }
}
export async function methods(shelf: Entity<typeof Shelf>, value: unknown) {
  is<string>()(shelf.title)
  is<string[]>()(await shelf.titles())
  is<string>()((await shelf.rename('x')).label)
  if (value instanceof Shelf) is<number>()(value.size)
  if (value instanceof Model) {
    is<boolean>()(value.isPersisted)
    is<Record<string, unknown>>()(value.toJSON())
  }
  // @ts-expect-error: attributes have their types in methods too
  shelf.rename(3)
}

// statics
is<boolean>()(Author.hasField('x'))
