import { Field, Model, Relation } from 'corm'
import { beforeEach, describe, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

// tables between: of keys that are no primary keys, with a model, with names of their own

class City extends Model({
  name: Field.string({ max: 20 }),
  code: Field.string({ max: 10, unique: true }),
}) {
  static lines = Relation.manyToMany(() => Route, { through: 'city_routes', localKey: 'code' })
  static badges = Relation.morphToMany(() => Badge, 'holder', { through: () => Holding })
}
class Route extends Model({ name: Field.string({ max: 20 }) }) {
  static badges = Relation.morphToMany(() => Badge, 'holder', { through: () => Holding })
}
class Badge extends Model({ name: Field.string({ max: 20 }) }) {
  static cities = Relation.morphedByMany(() => City, 'holder', { through: () => Holding })
  static routes = Relation.morphedByMany(() => Route, 'holder', { through: () => Holding })
}
/** No constraint of its own. */
class Holding extends Model({
  badgeId: Field.foreignKey(() => Badge, { onDelete: 'cascade' }),
  ...Field.morphs('holder'),
  note: Field.string({ max: 20, default: 'none' }),
}) {
  static badge = Relation.belongsTo(() => Badge)
}
/** Its pairs are unique by a constraint, not by its key. */
class Member extends Model({ name: Field.string({ max: 20 }) }) {
  static clubs = Relation.manyToMany(() => Club, { through: () => Seat, foreignKey: 'memberKey', otherKey: 'clubKey' })
}
class Club extends Model({ name: Field.string({ max: 20 }) }) {
  static members = Relation.manyToMany(() => Member, {
    through: () => Seat,
    foreignKey: 'clubKey',
    otherKey: 'memberKey',
  })
}
class Seat extends Model(
  {
    memberKey: Field.foreignKey(() => Member, { onDelete: 'cascade', column: 'member_ref' }),
    clubKey: Field.foreignKey(() => Club, { onDelete: 'cascade' }),
    rank: Field.integer({ default: 0 }),
    secret: Field.string({ max: 20, default: 's', hidden: true }),
  },
  { uniques: [['memberKey', 'clubKey']] },
) {}

describeDatabases('tables between two models', (database) => {
  database.useTables([City, Route, Badge, Holding, Member, Club, Seat])

  it('hold the key that the relation names', async () => {
    await City.create({ name: 'Zap', code: 'zap' })
    const [oslo, rome] = await City.createMany([
      { name: 'Oslo', code: 'osl' },
      { name: 'Rome', code: 'rom' },
    ])
    const [a, b] = await Route.createMany([{ name: 'A' }, { name: 'B' }])
    expect(await oslo!.related('lines').attach([a!, b!])).toBe(2)
    expect(await rome!.related('lines').sync([b!])).toEqual({ attached: 1, detached: 0, updated: 0 })
    const cities = await City.with({ lines: (q) => q.orderBy('name') }).orderBy('name')
    expect(cities.map((city) => [city.code, city.lines.map((line) => line.name)])).toEqual([
      ['osl', ['A', 'B']],
      ['rom', ['B']],
      ['zap', []],
    ])
    expect(cities[0]!.lines[0]!.pivot).toEqual({ cityId: 'osl', routeId: a!.id })
    expect(await City.where('lines.name', 'A').pluck('name')).toEqual(['Oslo'])
    expect(await City.attachMany('lines', [[rome!, a!]])).toBe(1)
    expect(await rome!.lines.count()).toBe(2)
    expect(await oslo!.related('lines').clear()).toBe(2)
  })

  describe('with a model', () => {
    beforeEach(async () => {
      await City.create({ id: 900, name: 'c', code: 'c' } as never, { guarded: true } as never)
      await Route.create({ id: 900, name: 'r' } as never, { guarded: true } as never)
      await Badge.createMany([{ name: 'x' }, { name: 'y' }])
    })

    it('keep morphs apart', async () => {
      const [city, route] = [await City.findOrFail(900), await Route.findOrFail(900)]
      const [x, y] = (await Badge.query().orderBy('name').get()) as [any, any]
      expect(await city.related('badges').attach([x, y])).toBe(2)
      expect(await city.related('badges').attach([[x, { note: 'n' }]])).toBe(0)
      expect(await route.related('badges').attach(x)).toBe(1)
      const badges = await Badge.with('cities', 'routes').orderBy('name')
      expect(badges.map((badge) => [badge.cities.length, badge.routes.length])).toEqual([
        [1, 1],
        [1, 0],
      ])
      expect(badges[0]!.cities[0]!.pivot).toMatchObject({ note: 'n', holderType: 'City', holderId: 900, badgeId: x.id })
      expect(await city.related('badges').sync([y])).toEqual({ attached: 0, detached: 1, updated: 0 })
      expect(await route.related('badges').count()).toBe(1)
      expect(await Holding.where('holderType', 'Route').count()).toBe(1)
      expect(await x.related('routes').detach(route)).toBe(1)
      expect(await Holding.count()).toBe(1)
    })
    it('may have a constraint besides their key, and hide fields', async () => {
      const [ann, bob] = await Member.createMany([{ name: 'Ann' }, { name: 'Bob' }])
      const club = await Club.create({ name: 'Chess' })
      expect(await club.related('members').attach([[ann!, { rank: 2 }], bob!])).toBe(2)
      await Promise.all(Array.from({ length: 10 }, () => club.related('members').attach([ann!, bob!])))
      expect(await Seat.count()).toBe(2)
      const [first] = await Club.with({ members: (q) => q.orderBy('-pivot.rank') })
      expect(first!.members.map((member) => [member.name, member.pivot.rank])).toEqual([
        ['Ann', 2],
        ['Bob', 0],
      ])
      expect(JSON.stringify(first)).not.toContain('secret')
      expect(await ann!.related('clubs').where('pivot.rank', 2).pluck('name')).toEqual(['Chess'])
    })
  })
})
