import { Field, Model, Relation } from 'corm'
import { expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Owner extends Model({ name: Field.string() }) {
  static things = Relation.hasMany(() => Thing)
  static tags = Relation.manyToMany(() => Tag, { pivot: { place: Field.integer({ default: 0 }) } })
}

class Thing extends Model({
  code: Field.string(),
  amount: Field.integer({ default: 0 }),
  ownerId: Field.foreignKey(() => Owner),
}) {}

class Tag extends Model({ name: Field.string({ unique: true }), color: Field.string({ nullable: true }) }) {}

describeDatabases('updateOrCreate() of managers', (database) => {
  database.useTables([Owner, Thing, Tag])

  it('leaves the row with its owner, whatever the data says, as create() does', async () => {
    const [one, two] = (await Owner.createMany([{ name: 'one' }, { name: 'two' }])) as [Owner, Owner]
    const things = one.related(Owner.things)
    const made = await things.create({ code: 'a', ownerId: two.id })
    expect(made.ownerId).toBe(one.id)
    const [updated, created] = await things.updateOrCreate({ code: 'a' }, { amount: 3, ownerId: two.id })
    expect([updated.id, updated.ownerId, updated.amount, created]).toEqual([made.id, one.id, 3, false])
    const [fresh, isNew] = await things.updateOrCreate({ code: 'b' }, { amount: 1, ownerId: two.id })
    expect([fresh.ownerId, isNew]).toEqual([one.id, true])
    expect(await Thing.query().orderBy('id').valuesList('code', 'amount', 'ownerId')).toEqual([
      ['a', 3, one.id],
      ['b', 1, one.id],
    ])
  })

  it('sets the pivot values of a link that exists', async () => {
    const owner = await Owner.create({ name: 'one' })
    const tags = owner.related(Owner.tags)
    const tag = await tags.create({ name: 'a' }, { place: 1 })
    const places = async () => (await owner.load('tags')).tags.map((each) => [each.name, each.color, each.pivot.place])
    await tags.updateOrCreate({ name: 'a' }, { color: 'red' }, { place: 2 })
    expect(await places()).toEqual([['a', 'red', 2]])
    // loaded rows follow
    await tags.updateOrCreate({ name: 'a' }, { color: 'blue' }, { place: 3 })
    expect(owner).toMatchObject({ tags: [{ color: 'blue', pivot: { place: 3 } }] })
    await tags.updateOrCreate({ name: 'a' }, { color: 'green' })
    const again = await Owner.with('tags').findOrFail(owner.id)
    expect(again.tags.map((each) => [each.id, each.color, each.pivot.place])).toEqual([[tag.id, 'green', 3]])
  })
})
