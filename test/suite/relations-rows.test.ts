import { Database, type Entity, Field, Model, Relation, UsageError } from 'corm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { expectRefusal } from '../support/count-queries.js'
import { describeDatabases } from '../support/databases.js'

class Desk extends Model({ name: Field.string() }) {
  static lamp = Relation.hasOne(() => Lamp)
  static sheets = Relation.hasMany(() => Sheet)
  static tools = Relation.manyToMany(() => Tool)
}

class Lamp extends Model({
  color: Field.string(),
  deskId: Field.foreignKey(() => Desk, { nullable: true }),
}) {}

class Sheet extends Model({
  id: Field.uuid({ primaryKey: true, auto: true }),
  text: Field.string({ default: '' }),
  deskId: Field.foreignKey(() => Desk, { nullable: true }),
  changedAt: Field.dateTime({ autoNow: true }),
  deletedAt: Field.softDelete(),
}) {}

class Tool extends Model({ name: Field.string() }) {}

describeDatabases('rows that hold the key of an owner', (database) => {
  database.useTables([Desk, Lamp, Sheet, Tool])
  let desk: Entity<typeof Desk>
  let other: Entity<typeof Desk>
  beforeEach(async () => {
    desk = await Desk.create({ name: 'one' })
    other = await Desk.create({ name: 'two' })
  })

  describe('where there may be one', () => {
    const lit = () => Lamp.where('deskId', desk.id).pluck('color')

    it('what was there gives way, however the new one comes', async () => {
      const lamp = desk.related('lamp')
      const red = await lamp.create({ color: 'red' })
      const blue = await lamp.create({ color: 'blue' })
      expect(await lit()).toEqual(['blue'])
      expect(red.deskId).toBeNull()
      await lamp.save(Lamp.make({ color: 'green' }))
      expect(await lit()).toEqual(['green'])
      expect(await lamp.attach(blue)).toBe(1)
      expect(await lit()).toEqual(['blue'])
      expect(await lamp.sync([red])).toEqual({ attached: 1, detached: 1, updated: 0 })
      expect(await lit()).toEqual(['red'])
      await lamp.createMany([{ color: 'white' }])
      expect(await lit()).toEqual(['white'])
      expect((await desk.lamp)?.color).toBe('white')
    })
    it('a loaded row that gives way is nobody’s', async () => {
      const old = await desk.related('lamp').create({ color: 'red' })
      expect(await desk.lamp).toBe(old)
      await desk.related('lamp').create({ color: 'blue' })
      expect([old.deskId, old.isDirty()]).toEqual([null, false])
    })
    it('nothing gives way to a row that is not there', async () => {
      await desk.related('lamp').create({ color: 'red' })
      expect(await desk.related('lamp').attach(999_999)).toBe(0)
      await expect(desk.related('lamp').create({ color: 3 } as never)).rejects.toThrow()
      expect(await lit()).toEqual(['red'])
    })
    it('several are refused', async () => {
      const [a, b] = await Lamp.createMany([{ color: 'a' }, { color: 'b' }])
      const lamp = desk.related('lamp')
      const refused = [
        () => lamp.sync([a!, b!]),
        () => lamp.attach(a!, b!),
        () => lamp.createMany([{ color: 'c' }, { color: 'd' }]),
      ]
      for (const work of refused) expect(await expectRefusal(work)).toBeInstanceOf(UsageError)
    })
  })

  describe('where there may be many', () => {
    it('two sync() at once are one after the other', async () => {
      if (!database.facts.concurrent) return
      const sheets = await Sheet.createMany([{}, {}, {}, {}])
      await Promise.all(sheets.map((sheet) => desk.related('sheets').sync([sheet])))
      expect(await desk.related('sheets').count()).toBe(1)
    })
    it('rows that a write does not reach stay as they are in memory', async () => {
      const [kept, gone] = await Sheet.createMany([{ text: 'kept' }, { text: 'gone' }])
      await (await Sheet.findOrFail(gone!.id)).delete()
      const loaded = await Desk.with('sheets').findOrFail(desk.id)
      expect(await loaded.related('sheets').attach(kept!, gone!)).toBe(1)
      expect(loaded.sheets.map(({ text }) => text)).toEqual(['kept'])
      expect([kept!.deskId, gone!.deskId]).toEqual([desk.id, null])

      const mine = await other.related('sheets').create({})
      await (await Sheet.findOrFail(mine.id)).delete()
      expect(await other.related('sheets').detach(mine)).toBe(0)
      expect(mine.deskId).toBe(other.id)
    })
    it('detach() of nothing is refused', async () => {
      for (const work of [() => desk.related('sheets').detach(), () => desk.related('tools').detach()]) {
        const refusal = await expectRefusal(work)
        expect(refusal).toBeInstanceOf(UsageError)
        expect(refusal.message).toContain('clear()')
      }
      expect(await desk.related('sheets').detach([])).toBe(0)
    })
    it('a nested write knows what was deleted after it was loaded', async () => {
      await desk.related('sheets').createMany([{ text: 'a' }, { text: 'b' }])
      const loaded = await Desk.with('sheets').findOrFail(desk.id)
      await loaded.sheets[0]!.delete()
      const saved = await loaded.saveWithRelations({ sheets: [{ text: 'c' }] })
      expect(saved.sheets).toHaveLength(2)
      expect(await desk.related('sheets').count()).toBe(2)
    })
    it('unsaved instances are refused, with a key as well', async () => {
      const refusal = await expectRefusal(() => desk.related('sheets').attach(Sheet.make({})))
      expect(refusal.message).toContain('takes saved instances')
      const given = Sheet.make({ id: crypto.randomUUID() } as object)
      await expect(desk.related('sheets').attach(given)).rejects.toThrow(/takes saved instances/)
    })
    it('fields that follow each write are known', async () => {
      const sheet = await Sheet.create({})
      const stored = async () => (await Sheet.findOrFail(sheet.id)).changedAt
      const before = sheet.changedAt
      await new Promise((resolve) => setTimeout(resolve, 5))
      await desk.related('sheets').attach(sheet)
      expect(sheet.changedAt.getTime()).toBeGreaterThan(before.getTime())
      expect([sheet.changedAt, sheet.isDirty()]).toEqual([await stored(), false])
      await desk.related('sheets').detach(sheet)
      expect(sheet.changedAt).toEqual(await stored())
    })
  })

  describe('and the search for N+1 queries', () => {
    afterEach(() => Database.configure({ detectNPlusOne: false }))

    it('does not count what writes read', async () => {
      await Desk.createMany(Array.from({ length: 6 }, (_, i) => ({ name: `${i}` })))
      const tool = await Tool.create({ name: 'saw' })
      Database.configure({ detectNPlusOne: 'throw' })
      for (const each of await Desk.query()) {
        await each.related('tools').sync([tool])
        await each.related('tools').toggle(tool)
        await each.related('sheets').sync([])
        await each.related('lamp').create({ color: 'red' })
        await each.saveWithRelations({ tools: { set: [tool] } })
      }
    })
  })
})
