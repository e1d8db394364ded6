import { Field, fn, Model, Relation, UsageError } from 'corm'
import { expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'
import { methodsOf } from '../support/declarations.js'

class Shelf extends Model({ name: Field.string(), code: Field.integer({ default: 0 }) }) {
  static volumes = Relation.hasMany(() => Volume)
  static labels = Relation.manyToMany(() => Label)
}
class Volume extends Model({
  title: Field.string(),
  pages: Field.integer({ default: 1 }),
  shelfId: Field.foreignKey(() => Shelf),
}) {
  static shelf = Relation.belongsTo(() => Shelf)
}
class Label extends Model({ word: Field.string() }) {}

// what the types refuse must be refused at run time as well
type Loose = any

/** These take any number of arguments, or count them themselves. */
const FREE = ['where', 'orWhere', 'whereNot', 'exclude', 'having', 'orHaving', 'coalesce', 'extend', 'toJSON']

describeDatabases('arguments', (database) => {
  database.useTables([Shelf, Label, Volume])

  const holders: Readonly<Record<string, (shelf: Shelf, volume: Volume) => unknown>> = {
    QueryBuilder: () => Volume.query(),
    Statics: () => Volume,
    ModelStatics: () => Volume,
    ModelBase: (_, volume) => volume,
    Typed: (_, volume) => volume,
    Handle: (_, volume) => volume,
    RelatedOwner: (_, volume) => (volume as Loose).related('shelf'),
    RelatedRows: (shelf) => (shelf as Loose).related('volumes'),
    LinkedRows: (shelf) => (shelf as Loose).related('labels'),
    Column: () => Volume.columns.title,
    Functions: () => fn,
  }
  const made = async () => {
    const shelf = await Shelf.create({ name: 's' })
    return [shelf, await Volume.create({ title: 't', shelfId: shelf.id })] as const
  }

  it.each(Object.keys(holders))('of %s beyond those that a call takes are refused', async (owner) => {
    const holder = holders[owner]?.(...(await made())) as Loose
    const wrong: string[] = []
    for (const { name, most, async } of methodsOf(owner)) {
      if (most === Number.POSITIVE_INFINITY || FREE.includes(name)) continue
      const given = Array.from({ length: most + 1 }, () => 'x')
      try {
        const result: unknown = holder[name](...given)
        if (!async) wrong.push(`${name} takes more`)
        else {
          await result
          wrong.push(`${name} takes more, and is fulfilled`)
        }
      } catch (error) {
        if (!(error instanceof UsageError && error.message.startsWith(`${name}() takes `)))
          wrong.push(`${name}: ${(error as Error).message}`)
      }
    }
    expect(wrong).toEqual([])
  })

  it('that are undefined count as not given', async () => {
    await made()
    expect(await (Volume.query() as Loose).pluck('title', undefined)).toEqual(['t'])
    expect(await (Volume as Loose).count(undefined)).toBe(1)
  })

  it('of where() are conditions that all hold, or fields with an operator', async () => {
    const [shelf] = await made()
    await Volume.create({ title: 'u', pages: 7, shelfId: shelf.id })
    const query = Volume.query() as Loose
    const long = (c: Loose) => c.pages.gt(5)
    expect(await query.where(long, { title: 'u' }).pluck('title')).toEqual(['u'])
    expect(await query.where(long, { title: 't' }).pluck('title')).toEqual([])
    expect(await query.where(Volume.columns.title.eq('t')).orWhere(long, { title: 'u' }, { pages: 7 }).count()).toBe(2)
    expect(await query.whereNot(long, { title: 'u' }).pluck('title')).toEqual(['t'])
    expect(() => query.where('title', '=', 't', 'u')).toThrow(/where\(\{ name: "Ada", age: 36 \}\)/)
    expect(() => query.where(long, undefined)).toThrow(UsageError)
    expect(() => query.where(long, null)).toThrow(UsageError)
  })

  it('of orderBy() are one order and a direction, or several orders', async () => {
    const query = Volume.query() as Loose
    expect(() => query.orderBy('title', 'pages', undefined)).toThrow()
    expect(() => query.orderBy('title', 'asc', 'pages')).toThrow(/several orders without/)
    expect(() => query.orderBy('title', 'DESC')).toThrow(/must be 'asc' or 'desc'/)
  })
})
