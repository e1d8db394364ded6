import { Field, Model, Relation, UniqueViolationError } from 'corm'
import { expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'
import { looseModel } from '../support/loose.js'

const place = {
  line: Field.integer({ primaryKey: true }),
  place: Field.integer({ primaryKey: true }),
}

/** Guarded: its changed rows are found again by their keys. */
class Desk extends looseModel(
  { ...place, tenant: Field.integer({ default: 1 }), n: Field.integer({ default: 0 }) },
  { globalScopes: { tenant: { apply: (query: any) => query.where('tenant', '>', 0), locked: true } } },
) {}

class Hall extends Model({ name: Field.string({ max: 20 }), deletedAt: Field.softDelete() }) {
  static chairs = Relation.hasMany(() => Chair, { onSoftDelete: 'cascade' })
  static stools = Relation.hasMany(() => Stool)
}
class Chair extends Model({
  ...place,
  hallId: Field.foreignKey(() => Hall, { nullable: true }),
  deletedAt: Field.softDelete(),
}) {
  static cushions = Relation.hasMany(() => Cushion, { foreignKey: ['line', 'place'], onSoftDelete: 'cascade' })
}
class Cushion extends Model({
  line: Field.integer({ primaryKey: true }),
  place: Field.integer({ primaryKey: true }),
  color: Field.string({ max: 10, primaryKey: true }),
  deletedAt: Field.softDelete(),
}) {}
class Stool extends Model({
  ...place,
  n: Field.integer({ default: 0, unique: true, nullable: true }),
  hallId: Field.foreignKey(() => Hall, { nullable: true, index: false }),
  version: Field.version(),
}) {}

describeDatabases('writes of more keys than a statement can name', (database) => {
  database.useTables([Hall, Desk, Chair, Cushion, Stool])

  /** More rows than SQLite has values for in a statement; elsewhere more than are named at once. */
  const many = () => (database.facts.quick ? Math.floor(database.capabilities.maxParameters / 2) + 1 : 1_100)
  const rows = <T extends object>(more: T) =>
    Array.from({ length: many() }, (_, i) => ({ line: i % 7, place: i, ...more }))

  it('change and return rows that a locked scope guards', async () => {
    await Desk.insertMany(rows({}))
    expect(await Desk.all().update({ tenant: 2 })).toBe(many())
    const changed = await Desk.all().orderBy('place').updateReturning({ n: 5 })
    expect(changed.map((desk: any) => desk.place)).toEqual(rows({}).map((row) => row.place))
    expect(await Desk.where({ tenant: 2, n: 5 }).count()).toBe(many())
    await expect(Desk.all().update({ tenant: 0 })).rejects.toThrow('Nothing was written')
    expect(await Desk.where('tenant', 2).count()).toBe(many())
  })

  it('change and return rows that are locked, all or none', async () => {
    await Stool.insertMany(rows({}).map((row) => ({ ...row, n: row.place })))
    const changed = await Stool.all()
      .lock('update')
      .updateReturning((c) => ({ n: c.n.plus(100_000) }))
    expect(changed.map(({ n }) => n)).toEqual(changed.map((stool) => stool.place + 100_000))
    expect(changed).toHaveLength(many())
    const last = rows({}).at(-1)?.place as number
    await Stool.create({ line: 99, place: 0, n: 200_000 + last })
    const others = Stool.where('line', '<', 99).lock('update')
    await expect(others.updateReturning((c) => ({ n: c.place.plus(200_000) }))).rejects.toThrow(UniqueViolationError)
    expect(await Stool.where('n', '>=', 200_000).count()).toBe(1)
  })

  it('mark rows and those that follow them', async () => {
    const hall = await Hall.create({ name: 'north' })
    await Chair.insertMany(rows({ hallId: hall.id }))
    await Cushion.insertMany(rows({ color: 'red' }))
    const marked = await Chair.all().deleteReturning()
    expect(marked).toHaveLength(many())
    expect(await Chair.count()).toBe(0)
    expect(await Cushion.count()).toBe(0)
    expect(await Chair.onlyTrashed().all().restore()).toBe(many())
    expect(await Cushion.count()).toBe(many())
  })

  it('sync, attach, detach and delete the rows of a relation', async () => {
    const [first, second] = await Hall.createMany([{ name: 'a' }, { name: 'b' }])
    const a: any = first
    const b = (second as Hall).related(Hall.stools)
    await Stool.insertMany(rows({ n: null, hallId: a.id }))
    const keys = rows({}).map(({ line, place }) => ({ line, place }))
    expect(await b.attach(keys)).toBe(many())
    expect(await b.sync([])).toEqual({ attached: 0, detached: many(), updated: 0 })
    const some = keys.slice(0, 1_100)
    expect(await b.sync(some)).toEqual({ attached: 1_100, detached: 0, updated: 0 })
    expect(await b.detach(some)).toBe(1_100)
    await a.related(Hall.stools).attach(some)
    await a.saveWithRelations({ stools: { delete: some } })
    expect(await Stool.count()).toBe(many() - 1_100)
  })
})
