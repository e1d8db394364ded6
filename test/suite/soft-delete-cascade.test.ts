import { DefinitionError, Field, Model, Relation, StaleModelError } from 'corm'
import { beforeEach, describe, expect, it } from 'vitest'
import { recordQueries } from '../support/count-queries.js'
import { describeDatabases } from '../support/databases.js'

class Shelf extends Model({ name: Field.string(), deletedAt: Field.softDelete() }) {
  static books = Relation.hasMany(() => Volume, { onSoftDelete: 'cascade' })
  static label = Relation.hasOne(() => Label, { onSoftDelete: 'cascade' })
  static visits = Relation.hasMany(() => Visit)
}

class Label extends Model({
  text: Field.string(),
  shelfId: Field.oneToOne(() => Shelf),
  deletedAt: Field.softDelete(),
}) {}

class Volume extends Model({
  title: Field.string(),
  shelfId: Field.foreignKey(() => Shelf),
  sequelOfId: Field.foreignKey(() => Volume, { nullable: true, onDelete: 'setNull' }),
  deletedAt: Field.softDelete(),
}) {
  static shelf = Relation.belongsTo(() => Shelf)
  static sequels = Relation.hasMany(() => Volume, { foreignKey: 'sequelOfId', onSoftDelete: 'cascade' })
  static remarks = Relation.morphMany(() => Remark, 'about', { onSoftDelete: 'cascade' })
}

class Remark extends Model({ body: Field.string(), ...Field.morphs('about'), deletedAt: Field.softDelete() }) {
  static about = Relation.morphTo([() => Volume])
}

class Visit extends Model({ shelfId: Field.foreignKey(() => Shelf), deletedAt: Field.softDelete() }) {}

describeDatabases('soft deletes that go on to related rows', (database) => {
  database.useTables([Shelf, Label, Volume, Remark, Visit])

  async function seed() {
    const [first, second] = await Shelf.createMany([{ name: 'one' }, { name: 'two' }])
    if (!first || !second) throw new Error('created')
    await Label.create({ text: 'One', shelfId: first.id })
    const emma = await first.related('books').create({ title: 'Emma' })
    await first.related('books').create({ title: 'Iliad' })
    await second.related('books').create({ title: 'Odyssey' })
    await emma.related('remarks').createMany([{ body: 'good' }, { body: 'long' }])
    await first.related('visits').create({})
    return { first, second, emma }
  }
  let world: Awaited<ReturnType<typeof seed>>
  beforeEach(async () => {
    world = await seed()
  })

  const alive = async () => ({
    shelves: await Shelf.query().orderBy('id').pluck('name'),
    labels: await Label.query().pluck('text'),
    books: await Volume.query().orderBy('id').pluck('title'),
    remarks: await Remark.query().orderBy('id').pluck('body'),
    visits: await Visit.count(),
  })
  const everything = {
    shelves: ['one', 'two'],
    labels: ['One'],
    books: ['Emma', 'Iliad', 'Odyssey'],
    remarks: ['good', 'long'],
    visits: 1,
  }
  const withoutFirst = { shelves: ['two'], labels: [], books: ['Odyssey'], remarks: [], visits: 1 }

  it('delete() and restore() by a reference take them along as those of an instance do', async () => {
    await Shelf.ref(world.first.id).delete()
    expect(await alive()).toEqual(withoutFirst)
    await Shelf.ref(world.first.id).restore()
    expect(await alive()).toEqual(everything)
  })

  it('delete() of an instance takes them with it, by one time', async () => {
    await world.first.delete()
    expect(await alive()).toEqual(withoutFirst)
    const times = [
      ...(await Volume.onlyTrashed().pluck('deletedAt')),
      ...(await Remark.onlyTrashed().pluck('deletedAt')),
      ...(await Label.onlyTrashed().pluck('deletedAt')),
    ]
    expect(times).toHaveLength(5)
    expect(new Set(times.map((time) => time?.getTime()))).toEqual(new Set([world.first.deletedAt?.getTime()]))
  })
  it('restore() of an instance brings back exactly those', async () => {
    const [iliad] = await Volume.where('title', 'Iliad')
    await iliad?.delete()
    await Remark.where('body', 'long').delete()
    await world.first.delete()
    expect((await alive()).books).toEqual(['Odyssey'])
    await world.first.restore()
    expect(world.first.deletedAt).toBeNull()
    expect(await alive()).toEqual({ ...everything, books: ['Emma', 'Odyssey'], remarks: ['good'] })
  })
  it('rows that were deleted at that very moment are not among them', async () => {
    const emma = world.emma
    const at = new Date(Date.now() + 5_000)
    // what any clock might say: every millisecond of the next seconds is taken
    await Volume.withTrashed().where('title', 'Iliad').update({ deletedAt: at }, { guarded: true })
    await emma.delete()
    await emma.restore()
    for (let i = 0; i < 3; i++) {
      const now = Date.now()
      await Volume.withTrashed()
        .where('title', 'Iliad')
        .update({ deletedAt: new Date(now + i) }, { guarded: true })
      await world.first.delete()
      await world.first.restore()
      expect((await alive()).books).toEqual(['Emma', 'Odyssey'])
    }
  })
  it('delete() and restore() of a query do the same for all of its rows', async () => {
    expect(await Shelf.query().whereIn('name', ['one', 'two']).delete()).toBe(2)
    expect(await alive()).toEqual({ shelves: [], labels: [], books: [], remarks: [], visits: 1 })
    expect(await Shelf.query().where('name', 'one').restore()).toBe(1)
    expect(await alive()).toEqual({ ...everything, shelves: ['one'], books: ['Emma', 'Iliad'] })
    expect(await Shelf.onlyTrashed().restore()).toBe(1)
    expect(await alive()).toEqual(everything)
  })
  it('every row must be meant, as for any other model', async () => {
    const writes = [
      () => Shelf.query().delete(),
      () => Shelf.query().delete({ hooks: true }),
      () => Shelf.query().deleteReturning(),
      () =>
        Shelf.query()
          .when(undefined, (shelf) => shelf.where('name', 'one'))
          .delete(),
    ]
    for (const write of writes) await expect(write()).rejects.toThrow('would change every row of')
    expect(await alive()).toEqual(everything)
    await Shelf.all().delete()
    expect(await alive()).toMatchObject({ shelves: [], books: [] })
    await expect(Shelf.query().restore()).rejects.toThrow('would change every row of')
    expect(await alive()).toMatchObject({ shelves: [], books: [] })
  })

  it('deleteMany() and deleteReturning() as well', async () => {
    expect(await Shelf.deleteMany([world.first.id])).toBe(1)
    expect(await alive()).toEqual(withoutFirst)
    await world.first.refresh()
    await world.first.restore()
    const deleted = await Shelf.where('name', 'one').deleteReturning()
    expect(deleted.map(({ name }) => name)).toEqual(['one'])
    expect(await alive()).toEqual(withoutFirst)
    expect(await Shelf.onlyTrashed().restore()).toBe(1)
    expect(await alive()).toEqual(everything)
  })
  it('by a condition on the rows that are deleted with them', async () => {
    const deleted = await Shelf.query()
      .whereHas('books', (book) => book.where('title', 'Emma'))
      .with('visits')
      .deleteReturning()
    expect(deleted.map(({ name, visits }) => [name, visits.length])).toEqual([['one', 1]])
    expect(await alive()).toEqual(withoutFirst)
    expect(await Shelf.query().whereHas('books').select('name').deleteReturning()).toMatchObject([{ name: 'two' }])
    expect(await alive()).toMatchObject({ shelves: [], books: [] })
  })

  it('rows of the relation alone are restored alone', async () => {
    await world.first.delete()
    expect(await Volume.onlyTrashed().where('title', 'Emma').restore()).toBe(1)
    expect(await alive()).toMatchObject({ shelves: ['two'], books: ['Emma', 'Odyssey'], remarks: ['good', 'long'] })
    await world.first.restore()
    expect(await alive()).toEqual(everything)
  })
  it('circles in the data come to an end', async () => {
    const [iliad] = await Volume.where('title', 'Iliad')
    const { emma } = world
    await emma.update({ sequelOfId: iliad?.id ?? null })
    await iliad?.update({ sequelOfId: emma.id })
    await emma.delete()
    expect((await alive()).books).toEqual(['Odyssey'])
    await emma.restore()
    expect(await alive()).toEqual(everything)
  })
  it('loaded rows follow', async () => {
    const shelf = await Shelf.with('books.remarks', 'label').findOrFail(world.first.id)
    await shelf.delete()
    const emma = shelf.books.find(({ title }) => title === 'Emma')
    expect(emma?.deletedAt).toEqual(shelf.deletedAt)
    expect(emma?.isDirty()).toBe(false)
    expect(emma?.remarks.map(({ deletedAt }) => deletedAt?.getTime())).toEqual([
      shelf.deletedAt?.getTime(),
      shelf.deletedAt?.getTime(),
    ])
    expect(shelf.label?.deletedAt).toEqual(shelf.deletedAt)
    await shelf.restore()
    expect(emma?.deletedAt).toBeNull()
    expect(shelf.label?.deletedAt).toBeNull()
  })
  it('delete() and restore() of what is so already change nothing, and tell when it was', async () => {
    const { first, second } = world
    const other = await Shelf.findOrFail(first.id)
    await first.restore()
    expect(first.deletedAt).toBeNull()
    await first.delete()
    const at = first.deletedAt
    await first.delete()
    expect(first.deletedAt).toEqual(at)
    await other.delete()
    expect(other.deletedAt).toEqual(at)
    await other.restore()
    await first.restore()
    expect(first.deletedAt).toBeNull()
    expect((await alive()).books).toEqual(['Emma', 'Iliad', 'Odyssey'])

    const third = await Shelf.create({ name: 'three' })
    const same = await Shelf.findOrFail(third.id)
    await same.forceDelete()
    await expect(third.restore()).rejects.toThrow(StaleModelError)
    await third.delete()
    expect(third.isDeleted).toBe(true)
    expect(second.isDeleted).toBe(false)
  })
  it('so they do after a nested delete', async () => {
    const holder = await Volume.create({ title: 'holder', shelfId: world.first.id })
    const sequel = await Volume.create({ title: 'sequel', shelfId: world.first.id, sequelOfId: holder.id })
    await sequel.related('remarks').create({ body: 'x' })
    const shelf = await Shelf.with('books.sequels.remarks').findOrFail(world.first.id)
    const book = shelf.books.find(({ title }) => title === 'holder')!
    const [loaded] = book.sequels
    await shelf.saveWithRelations({ books: { delete: book } })
    expect(book.isDeleted).toBe(true)
    expect(loaded!.deletedAt).toEqual(book.deletedAt)
    expect(loaded!.remarks[0]!.deletedAt).toEqual(book.deletedAt)
  })
  it('is all or nothing', async () => {
    const before = await alive()
    await expect(
      database.db.transaction(async () => {
        await world.first.delete()
        throw new Error('not after all')
      }),
    ).rejects.toThrow('not after all')
    expect(await alive()).toEqual(before)
  })
  it('costs two statements a model, whatever the number of rows', async () => {
    await Volume.insertMany(Array.from({ length: 500 }, (_, i) => ({ title: `V${i}`, shelfId: world.first.id })))
    const { events } = await recordQueries(() => world.first.delete())
    const own = events.filter(({ sql }) => /^(select|update)/.test(sql))
    // shelves, labels, volumes and remarks; sequels of the volumes there are none
    expect(own.length).toBeLessThanOrEqual(10)
    expect(await Volume.count()).toBe(1)
    await world.first.restore()
    expect(await Volume.count()).toBe(503)
  })

  describe('the option', () => {
    it('needs soft deletes on both sides', () => {
      class Hard extends Model({ ownerId: Field.foreignKey(() => Soft) }) {}
      class Soft extends Model({ deletedAt: Field.softDelete() }) {
        static hards = Relation.hasMany(() => Hard, { onSoftDelete: 'cascade' })
      }
      expect(() => database.db.validate([Soft])).toThrow(DefinitionError)
      expect(() => database.db.validate([Soft])).toThrow('"Hard" has no soft deletes')
    })
    it('takes one value', () => {
      class Leaf extends Model({ ownerId: Field.foreignKey(() => Tree), deletedAt: Field.softDelete() }) {}
      class Tree extends Model({ deletedAt: Field.softDelete() }) {}
      expect(() => Relation.hasMany(() => Leaf, { onSoftDelete: 'restrict' as never })).toThrow(
        'The option "onSoftDelete" of Relation.hasMany() must be \'cascade\'.',
      )
    })
  })
})
