import { Field, Model, Relation } from 'corm'
import { beforeEach, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

// What random programs of writes have found: values that the code assigned and that a write did not send.

class Box extends Model({ label: Field.string() }) {
  static items = Relation.hasMany(() => Item)
}

class Item extends Model({
  name: Field.string(),
  mark: Field.string({ nullable: true }),
  amount: Field.integer({ default: 0 }),
  changed: Field.dateTime({ autoNow: true }),
  version: Field.version(),
  deletedAt: Field.softDelete(),
  boxId: Field.foreignKey(() => Box, { nullable: true }),
}) {
  override beforeSave() {
    this.mark = `${this.name} ${this.amount}`
  }

  override afterUpdate() {
    if (this.name === 'bad') throw new Error('bad')
  }
}

class Plain extends Model({
  amount: Field.integer({ default: 0 }),
  level: Field.integer({ dbDefault: 7 }),
  changed: Field.dateTime({ autoNow: true }),
}) {}

const EARLY = new Date(5000)
const rowOf = async ({ id }: Item) => (await Item.withTrashed().where('id', id).values())[0]

describeDatabases('values that a write does not send', (database) => {
  database.useTables([Box, Item, Plain])

  let item: Item
  beforeEach(async () => {
    item = await Item.create({ name: 'a' })
  })

  it('update() stores what a hook gives a field that had changed before', async () => {
    item.name = 'bad'
    await expect(item.save()).rejects.toThrow('bad')
    expect(item.isDirty('mark')).toBe(true)
    item.name = 'b'
    await item.update({ amount: 3 })
    expect(await rowOf(item)).toMatchObject({ name: 'a', mark: 'b 3', amount: 3 })
    expect(item.isDirty('mark')).toBe(false)
  })

  it('update() leaves alone what was changed before it, in place too', async () => {
    item.name = 'b'
    item.mark = 'b 3'
    await item.update({ amount: 3 })
    expect(await rowOf(item)).toMatchObject({ name: 'a', mark: 'a 0', amount: 3 })
    expect(item.getChanges()).toMatchObject({ name: ['a', 'b'], mark: ['a 0', 'b 3'] })
  })

  it('update() sends a time that the code has assigned instead of now', async () => {
    item.changed = EARLY
    await item.update({ amount: 3 })
    expect([item.changed, item.isDirty(), (await rowOf(item))?.changed]).toEqual([EARLY, false, EARLY])
  })

  it('an update() that fails leaves an assigned time as it is', async () => {
    item.changed = EARLY
    await Item.where('id', item.id).update({ amount: 1 }, { hooks: false })
    await expect(item.update({ amount: 3 })).rejects.toThrow('was changed by another write')
    expect([item.changed, item.isDirty('changed')]).toEqual([EARLY, true])
  })

  it('delete(), restore() and managers keep an assigned time for the next save', async () => {
    const box = await Box.create({ label: 'a' })
    item.changed = EARLY
    await item.delete()
    expect([item.changed, item.isDirty('changed')]).toEqual([EARLY, true])
    await item.restore()
    await box.related('items').attach(item)
    expect([item.changed, item.isDirty('changed'), item.boxId]).toEqual([EARLY, true, box.id])
    expect((await rowOf(item))?.changed).not.toEqual(EARLY)
    await item.save()
    expect((await rowOf(item))?.changed).toEqual(EARLY)
  })

  it('an insert that is under way leaves what is assigned meanwhile', async () => {
    const [one, many] = [new Plain({}), new Plain({})]
    const saving = one.save()
    one.level = 2
    const all = Plain.saveMany([many, new Plain({})])
    await saving
    await all
    expect([one.level, one.getOriginal('level'), one.getChanges()]).toEqual([2, 7, { level: [7, 2] }])
    expect([many.level, many.isDirty()]).toEqual([7, false])
    await one.save()
    // on a server either write may be the first to get its keys
    expect(await Plain.query().orderBy('level').pluck('level')).toEqual([2, 7, 7])
  })

  it('a rollback keeps what was assigned after increment(), even the value of the row', async () => {
    const plain = await Plain.create({ amount: 2 })
    plain.amount = 3
    await expect(
      database.db.transaction(async () => {
        await plain.increment('amount', 3)
        plain.amount = 2
        throw new Error('enough')
      }),
    ).rejects.toThrow('enough')
    expect([plain.amount, plain.isDirty('amount')]).toEqual([2, false])
  })
})
