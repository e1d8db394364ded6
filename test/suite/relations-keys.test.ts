import { type Entity, Field, Model, Relation, sql } from 'corm'
import { describe, expect, it } from 'vitest'
import { expectQueries } from '../support/count-queries.js'
import { describeDatabases } from '../support/databases.js'

// keys that hold the same in types that differ

class Account extends Model({
  id: Field.bigId(),
  name: Field.string({ max: 40 }),
}) {
  static entries = Relation.hasMany(() => Entry)
  static digits = Relation.hasMany(() => Digit, { foreignKey: 'accountId' })
  static groups = Relation.manyToMany(() => Group)
}
/** Holds the key as a number. */
class Entry extends Model({
  accountId: Field.bigInteger({ as: 'number', nullable: true }),
}) {
  static account = Relation.belongsTo(() => Account, { foreignKey: 'accountId' })
}
/** Holds the key as a text of digits. */
class Digit extends Model({
  accountId: Field.bigInteger({ as: 'string', nullable: true }),
}) {
  static account = Relation.belongsTo(() => Account, { foreignKey: 'accountId' })
}
class Group extends Model({
  name: Field.string({ max: 40 }),
}) {
  static accounts = Relation.manyToMany(() => Account)
  static devices = Relation.manyToMany(() => Device, { through: 'device_groups' })
}

class Shelf extends Model({
  code: Field.char(6, { primaryKey: true }),
  label: Field.string({ max: 40 }),
}) {
  static volumes = Relation.hasMany(() => Volume, { foreignKey: 'shelfCode' })
}
class Volume extends Model({
  shelfCode: Field.string({ max: 10, nullable: true }),
}) {
  static shelf = Relation.belongsTo(() => Shelf, { foreignKey: 'shelfCode' })
}

class Device extends Model({
  id: Field.uuid({ primaryKey: true, auto: true }),
  name: Field.string({ max: 40 }),
}) {
  static readings = Relation.hasMany(() => Reading)
  static owners = Relation.manyToMany(() => Group, { through: 'device_groups' })
}
class Reading extends Model({
  /** As it was written. */
  deviceId: Field.string({ max: 36, nullable: true }),
  value: Field.integer({ default: 0 }),
}) {
  static device = Relation.belongsTo(() => Device)
}

/** Keys that point nowhere: the database does not check them. */
class Loose extends Model({
  ownerId: Field.integer({ nullable: true }),
  ...Field.morphs('thing', { nullable: true }),
}) {
  static owner = Relation.belongsTo(() => Group)
  static thing = Relation.morphTo([() => Group])
}

const models = [Account, Entry, Digit, Group, Shelf, Volume, Device, Reading, Loose] as const

describeDatabases('keys of relations', (database) => {
  database.useTables(models)

  describe('that differ in their JavaScript type', () => {
    it('meet: bigint, number and digits', async () => {
      const accounts = (await Account.createMany([{ name: 'a' }, { name: 'b' }])) as [
        Entity<typeof Account>,
        Entity<typeof Account>,
      ]
      const [a, b] = accounts
      await Entry.createMany([{ accountId: Number(a.id) }, { accountId: Number(b.id) }, {}])
      await Digit.createMany([{ accountId: String(b.id) }, {}])
      const entries = await Entry.with('account').orderBy('id')
      expect(entries.map((entry) => entry.account?.name ?? null)).toEqual(['a', 'b', null])
      const digits = await Digit.with('account').orderBy('id')
      expect(digits.map((digit) => digit.account?.name ?? null)).toEqual(['b', null])
      const loaded = await Account.with('entries', 'digits').orderBy('id')
      expect(loaded.map((account) => [account.entries.length, account.digits.length])).toEqual([
        [1, 0],
        [1, 1],
      ])
      // lazily, and as conditions
      expect((await (await Digit.query().orderBy('id').firstOrFail()).account)?.name).toBe('b')
      expect(await Account.query().whereHas('digits').pluck('name')).toEqual(['b'])
      expect(await Digit.where('account', b).count()).toBe(1)
      expect(await Entry.where('account.name', 'a').count()).toBe(1)
      await digits[1]!.related('account').associate(a)
      expect(digits[1]!.accountId).toBe(String(a.id))
      expect((await Digit.with('account').findOrFail(digits[1]!.id)).account?.name).toBe('a')
    })
    it('2^53 and 2^53 + 1 do not', async () => {
      const big = 2n ** 53n
      await Account.createMany(
        [
          { id: big, name: 'even' },
          { id: big + 1n, name: 'odd' },
        ] as never,
        { guarded: true } as never,
      )
      await Digit.createMany([{ accountId: String(big + 1n) }, { accountId: String(big) }])
      const digits = await Digit.with('account').orderBy('id')
      expect(digits.map((digit) => digit.account?.name)).toEqual(['odd', 'even'])
      const accounts = await Account.with('digits').orderBy('id')
      expect(accounts.map((account) => account.digits.map((digit) => digit.accountId))).toEqual([
        [String(big)],
        [String(big + 1n)],
      ])
      const lazy = await Digit.query().orderBy('id').get()
      expect([(await lazy[0]!.account)?.name, (await lazy[1]!.account)?.name]).toEqual(['odd', 'even'])
      const [even, odd] = accounts
      const group = await Group.create({ name: 'g' })
      await group.related('accounts').attach(odd!)
      expect(await group.related('accounts').sync([odd!, even!])).toEqual({ attached: 1, detached: 0, updated: 0 })
      const [found] = await Group.with({ accounts: (q) => q.orderBy('id') })
      expect(found!.accounts.map((account) => account.name)).toEqual(['even', 'odd'])
      expect(await group.related('accounts').detach(big)).toBe(1)
      expect(await group.related('accounts').pluck('name')).toEqual(['odd'])
    })
    it('padded texts meet, and stay findable', async () => {
      await Shelf.createMany([
        { code: 'A1', label: 'short' },
        { code: 'B12345', label: 'full' },
      ] as never)
      await Volume.createMany([{ shelfCode: 'A1' }, { shelfCode: 'B12345' }, { shelfCode: null }])
      const volumes = await Volume.with('shelf').orderBy('id')
      expect(volumes.map((volume) => volume.shelf?.label ?? null)).toEqual(['short', 'full', null])
      const shelves = await Shelf.with('volumes').orderBy('label')
      expect(shelves.map((shelf) => shelf.volumes.length)).toEqual([1, 1])
      expect((await (await Volume.where('shelfCode', 'A1').sole()).shelf)?.label).toBe('short')
      expect(await (await Shelf.where('label', 'short').sole()).volumes.count()).toBe(1)
    })
    it('a uuid is the same in either case', async () => {
      const device = await Device.create({ name: 'd' })
      await Reading.createMany([{ deviceId: device.id, value: 1 }, {}])
      const group = await Group.create({ name: 'g' })
      expect(await device.related('owners').attach(group)).toBe(1)
      expect(await Device.attachMany('owners', [[device.id.toUpperCase(), group]])).toBe(0)
      expect(await device.owners.count()).toBe(1)
      const loaded = await Group.with('devices').findOrFail(group.id)
      const upper = device.id.toUpperCase()
      expect(await loaded.related('devices').sync([upper])).toEqual({ attached: 0, detached: 0, updated: 0 })
      expect(loaded.devices).toHaveLength(1)
      expect(await loaded.related('devices').toggle(upper)).toEqual({ attached: 0, detached: 1 })
      expect(loaded.devices).toEqual([])
      const readings = await Reading.with('device').orderBy('id')
      expect(readings.map((reading) => reading.device?.name ?? null)).toEqual(['d', null])
      expect((await Device.with('readings').findOrFail(device.id.toUpperCase())).readings).toHaveLength(1)
      expect((await Device.query().withCount('readings').findOrFail(device.id)).readingsCount).toBe(1)
      expect(
        await Device.query()
          .whereHas('readings', (q) => q.where('value', 1))
          .count(),
      ).toBe(1)
      expect(await Reading.query().whereHas('device').count()).toBe(1)
      expect(await Reading.where('device.name', 'd').pluck('value')).toEqual([1])
      expect(await Reading.query().orderBy('device.name').count()).toBe(2)
      // what the database holds in capitals is met by what it compares
      await database.db.execute(
        sql`update ${sql.id('readings')} set ${sql.id('device_id')} = ${device.id.toUpperCase()}`,
      )
      const again = await Reading.with('device').orderBy('id')
      expect(again.every((reading) => reading.device === null || reading.device.name === 'd')).toBe(true)
    })
  })

  describe('that point nowhere', () => {
    it('are null, or skipped', async () => {
      const group = await Group.create({ name: 'g' })
      await Loose.createMany([
        { ownerId: group.id, thingType: 'Group', thingId: group.id },
        { ownerId: 987654, thingType: 'Group', thingId: 987654 },
        { ownerId: null, thingType: null, thingId: group.id },
        { ownerId: 0, thingType: 'Group', thingId: null },
      ])
      const rows = await Loose.with('owner', 'thing').orderBy('id')
      expect(rows.map((row) => [row.owner?.name ?? null, row.thing?.name ?? null])).toEqual([
        ['g', 'g'],
        [null, null],
        [null, null],
        [null, null],
      ])
      const lazy = await Loose.query().orderBy('id').get()
      expect(await lazy[1]!.owner).toBeNull()
      expect(await lazy[1]!.thing).toBeNull()
      await expectQueries(0, async () => {
        expect(lazy[2]!.owner).toBeNull()
        expect(lazy[2]!.thing).toBeNull()
        expect(lazy[3]!.thing).toBeNull()
      })
      expect(await Loose.query().whereHas('owner').count()).toBe(1)
      expect(await Loose.query().whereHas('thing').count()).toBe(1)
      expect(await Loose.query().whereDoesntHave('thing').count()).toBe(3)
      expect(await Loose.where('owner.name', 'g').count()).toBe(1)
      expect(await Loose.query().orderBy('owner.name').count()).toBe(4)
      expect(await Loose.where('owner', null).count()).toBe(1)
    })
    it('links that lead nowhere are skipped', async () => {
      const [account] = await Account.createMany([{ name: 'a' }])
      const group = await Group.create({ name: 'g' })
      const device = await Device.create({ name: 'd' })
      await group.related('accounts').attach(account!)
      await device.related('owners').attach(group)
      await Group.all().delete()
      expect((await Account.with('groups').findOrFail(account!.id)).groups).toEqual([])
      expect(await Device.query().whereHas('owners').count()).toBe(0)
      expect(await account!.groups.count()).toBe(0)
    })
    it('a null key has no rows, whatever holds null', async () => {
      const nobody = await Loose.create({})
      expect(await nobody.related('owner').count()).toBe(0)
      await Entry.createMany([{}, {}])
      const [entry] = await Entry.with('account')
      expect(entry!.account).toBeNull()
    })
  })
})
