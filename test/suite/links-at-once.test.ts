import { Field, Model, Relation } from 'corm'
import { beforeEach, describe, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

// Calls that change the same links at once wait for each other, or are done again: none of them fails.

class Team extends Model({ name: Field.string({ max: 20 }) }) {
  static people = Relation.manyToMany(() => Player, { through: () => Place })
  static former = Relation.manyToMany(() => Player, { through: () => Former })
  static shirts = Relation.hasMany(() => Shirt)
}

class Player extends Model({ name: Field.string({ max: 20 }) }) {}

class Place extends Model({
  teamId: Field.foreignKey(() => Team, { primaryKey: true }),
  playerId: Field.foreignKey(() => Player, { primaryKey: true }),
  role: Field.string({ max: 20, nullable: true }),
  since: Field.integer({ nullable: true, readonly: true }),
}) {}

class Former extends Model(
  {
    teamId: Field.foreignKey(() => Team),
    playerId: Field.foreignKey(() => Player),
    role: Field.string({ max: 20, nullable: true }),
    since: Field.integer({ nullable: true, readonly: true }),
    deletedAt: Field.softDelete(),
  },
  { uniques: [['teamId', 'playerId']] },
) {}

class Shirt extends Model({
  size: Field.integer(),
  teamId: Field.foreignKey(() => Team, { nullable: true }),
}) {}

const CALLS = 12

describeDatabases('links that are changed', (database) => {
  database.useTables([Team, Player, Place, Former, Shirt])
  let teams: { id: number }[]
  let players: number[]

  beforeEach(async () => {
    teams = await Team.createMany([{ name: 'a' }, { name: 'b' }])
    players = (await Player.createMany(Array.from({ length: 5 }, (_, i) => ({ name: `p${i}` })))).map(({ id }) => id)
  })

  /** The same list from another place on, forwards or backwards. */
  const turned = <T>(list: readonly T[], by: number): T[] => {
    const at = by % list.length
    const from = [...list.slice(at), ...list.slice(0, at)]
    return by % 2 === 0 ? from : from.reverse()
  }
  const at = (i: number) => teams[i % 2] as { id: number }
  const atOnce = (call: (i: number) => Promise<unknown>) =>
    Promise.all(Array.from({ length: CALLS }, (_, i) => call(i)))

  describe.each(['people', 'former'] as const)('of %s', (name) => {
    const links = (id: number) => Team.ref(id).related(name)

    it('at once are all changed', async () => {
      const { id } = at(0)
      await atOnce((i) => links(id).attach(...turned(players, i)))
      expect(await links(id).count()).toBe(5)
      await atOnce((i) => links(id).updatePivot(turned(players, i), { role: 'x' }))
      expect(await links(id).where('pivot.role', 'x').count()).toBe(5)
      await atOnce((i) => links(id).sync(turned(players, i).slice(0, 3)))
      expect(await links(id).count()).toBe(3)
      await atOnce((i) => {
        const some = turned(players, i)
        if (i % 4 === 0) return links(id).sync(some.slice(0, 3))
        if (i % 4 === 1) return links(id).attach(...some)
        return i % 4 === 2 ? links(id).toggle(...some.slice(0, 2)) : links(id).detach(...some.slice(0, 4))
      })
      const pairs = teams.flatMap((team) => players.map((key): [number, number] => [team.id, key]))
      await atOnce((i) => Team.attachMany(name, turned(pairs, i)))
      expect([await links(id).count(), await links(at(1).id).count()]).toEqual([5, 5])
      await atOnce((i) => Team.detachMany(name, turned(pairs, i)))
      expect([await links(id).count(), await links(at(1).id).count()]).toEqual([0, 0])
    })

    it('keep what is written on insert only', async () => {
      const { id } = at(0)
      const [one = 0, two = 0] = players
      const pivots = async () => (await links(id).orderBy('id').get()).map(({ pivot }) => [pivot.role, pivot.since])
      await links(id).attach([one, { role: 'first', since: 2001 }])
      await links(id).attach([one, { role: 'second', since: 2002 }], [two, { since: 2002 }])
      expect(await pivots()).toEqual([
        ['second', 2001],
        [null, 2002],
      ])
      await Team.attachMany(name, [[id, two, { since: 2003 }]])
      await expect(links(id).updatePivot(one, { since: 2004 })).rejects.toThrow('readonly')
      await expect(links(id).sync([[one, { since: 2004 }]])).rejects.toThrow('readonly')
      const difference = await links(id).sync([
        [one, { role: 'third', since: 2001 }],
        [two, { since: 2002 }],
      ])
      expect(difference).toEqual({ attached: 0, detached: 0, updated: 1 })
      expect(await pivots()).toEqual([
        ['third', 2001],
        [null, 2002],
      ])
    })
  })

  it('at once by the keys of rows are all changed', async () => {
    const shirts = (await Shirt.createMany(players.map((size) => ({ size })))).map(({ id }) => id)
    await atOnce((i) => {
      const own = Team.ref(at(i).id).related('shirts')
      const some = turned(shirts, i).slice(0, 3)
      return i % 3 === 0 ? own.sync(some) : i % 3 === 1 ? own.attach(...some) : own.detach(...some)
    })
    const { id } = at(0)
    await Team.ref(id).related('shirts').sync(shirts)
    expect(await Shirt.where('teamId', id).count()).toBe(5)
  })
})
