import { type Expression, Field, fn, Model, Relation, sql, UsageError } from 'corm'
import { beforeEach, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Link extends Model({
  name: Field.string({ unique: true }),
  v: Field.integer(),
  parentId: Field.foreignKey(() => Link, { nullable: true, onDelete: 'cascade' }),
}) {
  static parent = Relation.belongsTo(() => Link)
  static children = Relation.hasMany(() => Link)
}

describeDatabases('values that are computed from other rows of the table', (database) => {
  database.useTables([Link])
  beforeEach(async () => {
    const one = await Link.create({ name: 'one', v: 1 })
    const two = await Link.create({ name: 'two', v: 10, parentId: one.id })
    await Link.create({ name: 'three', v: 100, parentId: two.id })
  })
  const values = () => Link.query().orderBy('id').pluck('v')

  it('are those from before the update: by a path', async () => {
    expect(
      await Link.query()
        .whereNotNull('parentId')
        .update((c) => ({ v: c.v.plus(c.parent.v) as Expression<number> })),
    ).toBe(2)
    expect(await values()).toEqual([1, 11, 110])
  })

  it('are those from before the update: of a query', async () => {
    const two = Link.where('name', 'two').select('v')
    expect(await Link.all().update((c) => ({ v: c.v.plus(two as never) as Expression<number> }))).toBe(3)
    expect(await values()).toEqual([11, 20, 110])
  })

  it('are those from before the statement where many rows are upserted, or refused', async () => {
    const rows = ['two', 'three'].map((name) => ({ name, v: 0 }))
    const two = Link.where('name', 'two').select('v')
    const upserted = Link.upsertMany(rows, {
      conflict: 'name',
      update: (c) => ({ v: c.v.plus(two as never) as Expression<number> }),
    })
    const outcome = await upserted.catch((error: unknown) => error)
    if (outcome instanceof Error) expect(outcome).toBeInstanceOf(UsageError)
    expect(await values()).toEqual(outcome instanceof Error ? [1, 10, 100] : [1, 20, 110])
    const one = { name: 'three', v: 0 }
    await Link.upsertMany([one], { conflict: 'name', update: (c) => ({ v: c.v.plus(c.v) }) })
    expect((await values())[2]).toBe(outcome instanceof Error ? 200 : 220)
  })

  it('may be read in any nesting and by raw SQL', async () => {
    const least = sql<number>`(select min(v) from ${sql.id('links')})`
    await Link.all().update((c) => ({ v: fn.coalesce(c.parent.parent.v, c.parent.v, least) as Expression<number> }))
    expect(await values()).toEqual([1, 1, 1])
    await Link.where('name', 'one').update({ v: 5 })
    await Link.query()
      .orderBy('id')
      .limit(2)
      .update((c) => ({ v: c.v.minus(fn.coalesce(c.parent.v, 0)) }))
    expect(await values()).toEqual([5, -4, 1])
  })

  it('are those from before the update where it returns the rows', async () => {
    const rows = await Link.query()
      .whereNotNull('parentId')
      .updateReturning((c) => ({ v: c.v.plus(c.parent.v) as Expression<number> }))
    expect(rows.map(({ v }) => v).sort()).toEqual([11, 110])
    expect(await values()).toEqual([1, 11, 110])
  })
})
