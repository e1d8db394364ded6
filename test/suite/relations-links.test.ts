import { Field, Model, NotFoundError, Relation } from 'corm'
import { beforeEach, describe, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Club extends Model({ name: Field.string() }) {
  static guests = Relation.manyToMany(() => Fan, { through: () => Visit })
}

class Fan extends Model({ name: Field.string() }) {
  static visited = Relation.manyToMany(() => Club, { through: () => Visit })
}

/** No constraint keeps a pair from being there twice. */
class Visit extends Model({
  clubId: Field.foreignKey(() => Club),
  fanId: Field.foreignKey(() => Fan),
}) {}

describeDatabases('links by way of a model', (database) => {
  database.useTables([Club, Fan, Visit])

  async function seed() {
    const [a, b] = await Club.createMany([{ name: 'a' }, { name: 'b' }])
    const [c, d] = await Fan.createMany([{ name: 'c' }, { name: 'd' }])
    if (!a || !b || !c || !d) throw new Error('created')
    return { a, b, c, d }
  }
  let world: Awaited<ReturnType<typeof seed>>
  beforeEach(async () => {
    world = await seed()
  })

  describe('that may stand twice in the table', () => {
    it('a nested delete takes the rows of its owner only', async () => {
      const { a, b, c, d } = world
      const link = { clubId: a.id, fanId: c.id }
      await Visit.createMany([link, link, { clubId: b.id, fanId: d.id }])
      await expect(a.saveWithRelations({ guests: { delete: [c, d] } })).rejects.toThrow(NotFoundError)
      expect([await Fan.count(), await Visit.count()]).toEqual([2, 3])
      await a.saveWithRelations({ guests: { delete: c } })
      expect(await Fan.query().pluck('name')).toEqual(['d'])
    })
  })
})
