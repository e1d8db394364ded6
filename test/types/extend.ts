import { Field, Model, Relation } from 'corm'
import { is } from './support/expect.js'

// keys of Field.id() and Field.bigId() under any name
class Tag extends Model({ key: Field.id(), name: Field.string() }) {}
class Entry extends Model({ number: Field.bigId(), name: Field.string() }) {}
export async function keys() {
  is<string | undefined>()((await Tag.find(1))?.name)
  is<number>()((await Tag.findOrFail(1)).pk)
  await Tag.findMany([1, 2])
  Tag.query().whereKey([1, 2])
  is<number>()(Tag.ref(3).key)
  await Tag.deleteMany([1])
  is<bigint>()((await Entry.findOrFail(3n)).pk)
  // @ts-expect-error: the key is a number
  await Tag.find('x')
  // @ts-expect-error: the key is a bigint
  await Entry.find('x')
}

// extend again and again
class Base extends Model({ a: Field.string() }) {
  static byA(a: string) {
    return this.query().where('a', a)
  }
  first() {
    return this.a
  }
}
class Second extends Base.extend({ b: Field.integer() }) {
  static tags = Relation.hasMany(() => Tag)
  second() {
    return this.b
  }
}
class Third extends Second.extend({ c: Field.boolean({ nullable: true }) }) {
  override first() {
    return `${super.first()}${this.b}`
  }
  all() {
    return [this.a, this.b, this.c, this.first(), this.second()] as const
  }
}
class Fourth extends Third.extend({ d: Field.date() }) {}
export async function chains() {
  const third = await Third.create({ a: 'x', b: 1, c: null })
  is<readonly [string, number, boolean | null, string, number]>()(third.all())
  is<number>()(third.id)
  const fourth = await Fourth.create({ a: 'x', b: 1, d: '2020-01-01' })
  is<string>()(fourth.a)
  is<number>()(fourth.b)
  is<boolean | null>()(fourth.c)
  is<string>()(fourth.d)
  fourth.fill({ a: 'x', c: true, d: '2020-01-02' })
  await fourth.update({ b: 2, d: '2020-01-02' })
  await fourth.save({ only: ['a', 'd'] })
  is<string | undefined>()((await Fourth.byA('x').first())?.a)
  is<string | undefined>()((await Fourth.with('tags').firstOrFail()).tags[0]?.name)
  Fourth.where((c) => c.a.eq('x').and(c.b.gt(1), c.d.gt('2020-01-01')))
  Fourth.columns.d.gt('2020-01-01')
  Fourth.columns.a.lower()
  is<string>()(Fourth.schema.insert.parse({}).d)
  is<string>()(Fourth.schema.insert.parse({}).a)
  // @ts-expect-error: b comes from the base of the base, and is required
  await Fourth.create({ a: 'x', d: '2020-01-01' })
  // @ts-expect-error: no such field
  Fourth.columns.e
  // @ts-expect-error: a field of a model that extends this one
  await Second.create({ a: 'x', b: 1, c: true })
}

// a field that is redefined with a narrower type keeps the methods
class Narrow extends Base.extend({ a: Field.enum(['x', 'y']) }) {
  override first() {
    return this.a
  }
}
export const narrow = async () => is<'x' | 'y'>()((await Narrow.findOrFail(1)).a)
