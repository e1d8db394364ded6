import { Field, Model, NotFoundError, Relation, UsageError } from 'corm'
import { beforeEach, describe, expect, it } from 'vitest'
import { expectRefusal } from '../support/count-queries.js'
import { describeDatabases } from '../support/databases.js'

class Club extends Model({ name: Field.string() }) {
  static members = Relation.manyToMany(() => Fan, { through: () => Membership })
  static students = Relation.manyToMany(() => Fan, { through: () => Lesson })
  static guests = Relation.manyToMany(() => Fan, { through: () => Visit })
  static flags = Relation.manyToMany(() => Fan, { through: () => Flag })
}

class Fan extends Model({ name: Field.string() }) {
  static clubs = Relation.manyToMany(() => Club, { through: () => Membership })
  static schools = Relation.manyToMany(() => Club, { through: () => Lesson })
  static visited = Relation.manyToMany(() => Club, { through: () => Visit })
  static flagged = Relation.manyToMany(() => Club, { through: () => Flag })
}

/** No constraint keeps a pair from being there twice. */
class Visit extends Model({
  clubId: Field.foreignKey(() => Club),
  fanId: Field.foreignKey(() => Fan),
}) {}

class Membership extends Model(
  {
    clubId: Field.foreignKey(() => Club),
    fanId: Field.foreignKey(() => Fan),
    rank: Field.integer({ default: 0 }),
    role: Field.enum(['member', 'admin'], { default: 'member', guarded: true }),
    note: Field.string({ nullable: true }),
  },
  { uniques: [['clubId', 'fanId']] },
) {}

class Flag extends Model(
  {
    clubId: Field.foreignKey(() => Club),
    fanId: Field.foreignKey(() => Fan),
    guarded: Field.boolean({ default: false }),
    kind: Field.string({ default: 'x', guarded: true }),
  },
  { uniques: [['clubId', 'fanId']] },
) {}

/** Kept when it is deleted, with a value that has to be given. */
class Lesson extends Model(
  {
    clubId: Field.foreignKey(() => Club),
    fanId: Field.foreignKey(() => Fan),
    grade: Field.integer(),
    remark: Field.text({ lazy: true, nullable: true }),
    deletedAt: Field.softDelete(),
  },
  { uniques: [['clubId', 'fanId']] },
) {}

describeDatabases('links by way of a model', (database) => {
  database.useTables([Club, Fan, Visit, Membership, Flag, Lesson])

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
  describe('that are kept when they are deleted', () => {
    it('come back when they are made anew, with the values given', async () => {
      const { a, c, d } = world
      const students = a.related('students')
      const grades = () => students.orderBy('id').valuesList('name', 'pivot.grade')
      expect(await students.attach([c, d], { grade: 1 })).toBe(2)
      expect(await students.detach(c)).toBe(1)
      expect(await students.attach([[c, { grade: 2 }]])).toBe(1)
      expect(await grades()).toEqual([
        ['c', 2],
        ['d', 1],
      ])
      await students.clear()
      expect(await students.sync([c])).toEqual({ attached: 1, detached: 0, updated: 0 })
      expect(await students.sync([c])).toEqual({ attached: 0, detached: 0, updated: 0 })
      expect(await students.toggle([c, d])).toEqual({ attached: 1, detached: 1 })
      expect(await grades()).toEqual([['d', 1]])
      const saved = await a.saveWithRelations({ students: { connect: [[c, { grade: 5 }]], disconnect: d } })
      expect(saved.students.map(({ name, pivot }) => [name, pivot.grade])).toEqual([['c', 5]])
      await a.saveWithRelations({ students: { set: [d] } })
      expect(await grades()).toEqual([['d', 1]])
      expect(await Lesson.withTrashed().count()).toBe(2)
    })
  })

  describe('with values of the join table', () => {
    const links = () => Membership.query().orderBy('clubId').orderBy('fanId').valuesList('clubId', 'fanId', 'rank')

    it('never become the links of other rows', async () => {
      const { a, b, c, d } = world
      const members = a.related('members')
      await members.attach([[c, { rank: 7 }]])
      const refused = [
        () => members.sync([[c, { clubId: b.id, rank: 3 }]]),
        () => members.updatePivot(c, { fanId: d.id }),
        () => members.attach(c, { fanId: d.id }),
        () => members.toggle([[d, { clubId: b.id }]]),
        () => Club.attachMany('members', [[a, c, { clubId: b.id }]]),
      ]
      for (const work of refused) {
        await expect(work()).rejects.toThrow(UsageError)
        await expect(work()).rejects.toThrow(/is a key of the links of/)
      }
      expect(await links()).toEqual([[a.id, c.id, 7]])
      expect(await members.sync([[c, { clubId: a.id, fanId: c.id, rank: 3 }]])).toMatchObject({ updated: 1 })
      expect(await members.updatePivot(c, { fanId: c.id, rank: 4 })).toBe(1)
      expect(await links()).toEqual([[a.id, c.id, 4]])
    })
    it('count as not given where they are undefined', async () => {
      const { a, c } = world
      const members = a.related('members')
      await members.attach([[c, { rank: 7 }]])
      await members.attach(c, { rank: undefined } as object)
      expect(await members.sync([[c, { rank: undefined } as object]])).toEqual({ attached: 0, detached: 0, updated: 0 })
      expect(await members.updatePivot(c, { rank: undefined } as object)).toBe(0)
      expect(await members.updatePivot(c, { rank: undefined, note: 'x' } as object)).toBe(1)
      await a.saveWithRelations({ members: { connect: [[c, { rank: undefined } as object]] } })
      expect(await links()).toEqual([[a.id, c.id, 7]])
    })
    it('refuse guarded fields in data, unless the call says so', async () => {
      const { a, c } = world
      const admin = { role: 'admin' } as const
      const members = a.related('members')
      const nested = a as unknown as { saveWithRelations(data: object, options?: object): Promise<unknown> }
      for (const data of [
        { create: [[{ name: 'e' }, admin]] },
        { connect: [[c, admin]] },
        { set: [[c, admin]] },
        [[c, admin]],
      ])
        expect((await expectRefusal(() => nested.saveWithRelations({ members: data }))).message).toContain('is guarded')
      expect((await expectRefusal(() => members.create({ name: 'e' }, admin))).message).toContain('is guarded')
      await nested.saveWithRelations({ members: [[c, admin]] }, { guarded: true })
      await members.create({ name: 'e' }, admin, { guarded: true })
      expect(await Membership.where('role', 'admin').count()).toBe(2)
    })
    it('refuse guarded fields in every call of a manager and of the model, unless the call says so', async () => {
      const { a, b, c, d } = world
      const admin = { role: 'admin' } as const
      const members = a.related('members') as unknown as Record<string, (...given: unknown[]) => Promise<unknown>>
      const clubs = Club as unknown as { attachMany(...given: unknown[]): Promise<number> }
      const call = (name: string, ...given: unknown[]) => members[name]?.(...given) as Promise<unknown>
      await call('attach', d)
      const one: [name: string, ...given: unknown[]][] = [
        ['attach', c, admin],
        ['attach', [c, admin]],
        ['attach', [[c, admin]]],
        ['attach', [d, [c, admin]]],
        ['add', [c, d], admin],
        ['sync', [[c, admin]]],
        ['set', [d, [c, admin]]],
        ['toggle', [[c, admin]]],
        ['toggle', [c, admin]],
        ['updatePivot', d, admin],
        ['updatePivot', [d.id], { ...admin, rank: 9 }],
        ['save', new Fan({ name: 'e' }), admin],
      ]
      const role = '"Membership.role" is guarded: data can\'t set it. Pass { guarded: true } as the last argument'
      for (const given of one) {
        expect((await expectRefusal(() => call(...given))).message).toContain(role)
        expect((await expectRefusal(() => call(...given, { guarded: false }))).message).toContain(role)
      }
      for (const id of [7, undefined])
        expect((await expectRefusal(() => clubs.attachMany('members', [[b, c, { ...admin, id }]]))).message).toContain(
          id === 7 ? 'is guarded' : role,
        )
      // nothing was written
      expect(await links()).toEqual([[a.id, d.id, 0]])
      expect(await Membership.where('role', 'admin').count()).toBe(0)
      expect(await Fan.count()).toBe(2)

      const roles = async () => (await Membership.query().orderBy('clubId').orderBy('fanId').pluck('role')) as string[]
      const guarded = { guarded: true }
      expect(await call('attach', c, admin, guarded)).toBe(1)
      expect(await roles()).toEqual(['admin', 'member'])
      expect(await call('attach', [[d, admin]], guarded)).toBe(0)
      expect(await roles()).toEqual(['admin', 'admin'])
      expect(await call('updatePivot', [c, d], { role: 'member' }, guarded)).toBe(2)
      expect(await call('sync', [[c, admin]], guarded)).toEqual({ attached: 0, detached: 1, updated: 1 })
      expect(await call('toggle', [c, [d, admin]], guarded)).toEqual({ attached: 1, detached: 1 })
      expect(await call('set', [[c, admin]], guarded)).toEqual({ attached: 1, detached: 1, updated: 0 })
      expect(await call('add', [d, c], admin, guarded)).toBe(1)
      expect(await call('add', [[d, { rank: 3 }]], undefined, guarded)).toBe(0)
      await call('save', new Fan({ name: 'e' }), admin, guarded)
      expect(await clubs.attachMany('members', [[b, c, admin]], guarded)).toBe(1)
      expect(await roles()).toEqual(['admin', 'admin', 'admin', 'admin'])
      // a field of that name is a value of the join table, unless values come before it
      const flags = a.related('flags') as unknown as typeof members
      await flags.attach?.(c, { guarded: true })
      expect(await Flag.query().values('guarded', 'kind')).toEqual([{ guarded: true, kind: 'x' }])
      await flags.attach?.(c, { guarded: false, kind: 'y' }, { guarded: true })
      expect(await Flag.query().values('guarded', 'kind')).toEqual([{ guarded: false, kind: 'y' }])
    })
    it('that have to be given are needed by new links only', async () => {
      const { a, c, d } = world
      const students = a.related('students')
      await students.attach(c, { grade: 1 })
      expect(await students.attach(c)).toBe(0)
      expect(await students.attach([[c, { remark: 'x' }]])).toBe(0)
      await expect(students.attach(d)).rejects.toThrow(/grade is required/)
      const nested = a as unknown as { saveWithRelations(data: object): Promise<unknown> }
      const refused = nested.saveWithRelations({ students: [{ name: 'e' }] })
      await expect(refused).rejects.toThrow(/students\.0\.grade is required/)
    })
    it('that are lazy are compared as the others', async () => {
      const { a, c } = world
      const students = a.related('students')
      const given = [[c, { grade: 1, remark: 'x' }]] as const
      expect(await students.sync(given)).toMatchObject({ attached: 1 })
      expect(await students.sync(given)).toEqual({ attached: 0, detached: 0, updated: 0 })
      expect(await students.sync([[c, { remark: 'y' }]])).toMatchObject({ updated: 1 })
    })
  })
})
