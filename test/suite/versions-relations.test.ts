import { Field, Model, Relation, StaleModelError } from 'corm'
import { expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Shelf extends Model({
  name: Field.string({ default: '' }),
  deletedAt: Field.softDelete(),
  version: Field.version(),
}) {
  static boxes = Relation.hasMany(() => Box, { onSoftDelete: 'cascade' })
  static label = Relation.hasOne(() => Label)
  static tags = Relation.manyToMany(() => Tag, { through: () => ShelfTag })
}

class Box extends Model({
  name: Field.string({ default: '' }),
  shelfId: Field.foreignKey(() => Shelf, { nullable: true }),
  changedAt: Field.dateTime({ autoNow: true }),
  deletedAt: Field.softDelete(),
  version: Field.version(),
}) {
  static shelf = Relation.belongsTo(() => Shelf)
}

class Label extends Model({
  text: Field.string({ default: '' }),
  shelfId: Field.foreignKey(() => Shelf, { nullable: true }),
  version: Field.version(),
}) {}

class Tag extends Model({ word: Field.string(), version: Field.version() }) {}

class ShelfTag extends Model({
  shelfId: Field.foreignKey(() => Shelf, { primaryKey: true }),
  tagId: Field.foreignKey(() => Tag, { primaryKey: true }),
  place: Field.integer({ default: 0 }),
  version: Field.version(),
}) {}

const hooks: string[] = []

class Note extends Model({
  text: Field.string({ default: '' }),
  deletedAt: Field.softDelete(),
  version: Field.version(),
}) {
  override beforeSave() {
    hooks.push(`before ${this.version}`)
  }
  override afterSave() {
    hooks.push(`after ${this.version}`)
  }
  override beforeDelete() {
    hooks.push(`delete ${this.version}`)
  }
  override onChange(previous: { text?: string }) {
    hooks.push(`was ${previous.text}`)
  }
}

const staleOf = (work: Promise<unknown>): Promise<StaleModelError> =>
  work.then(
    () => expect.fail('nothing was thrown'),
    (error: unknown) => {
      expect(error).toBeInstanceOf(StaleModelError)
      return error as StaleModelError
    },
  )

describeDatabases('versions of related rows', (database) => {
  database.useTables([Shelf, Box, Label, Tag, ShelfTag, Note])

  type Boxes<T> = { [K in keyof T]: Box }
  const boxesOf = async <const T extends string[]>(...names: T) =>
    (await Box.createMany(names.map((name) => ({ name })))) as Box[] as Boxes<T>

  it('are checked and counted where a row is given to an owner, or taken away', async () => {
    const shelf = await Shelf.create({})
    const box = await Box.create({ name: 'a' })
    await shelf.related('boxes').attach(box)
    expect(box).toMatchObject({ shelfId: shelf.id, version: 2 })
    await box.update({ name: 'b' })
    expect(box.version).toBe(3)
    await (await Box.findOrFail(box.id)).update({ name: 'theirs' })
    expect(await staleOf(shelf.related('boxes').detach(box))).toMatchObject({
      model: 'Box',
      key: box.id,
      reason: 'changed',
      expected: 3,
      current: 4,
    })
    expect(box).toMatchObject({ shelfId: shelf.id, version: 3 })
    await box.refresh()
    await shelf.related('boxes').detach(box)
    expect(box).toMatchObject({ shelfId: null, version: 5 })
    await box.save()
    // nobody has read a row that is given by its key
    await shelf.related('boxes').attach(box.id)
    expect(await Box.findOrFail(box.id)).toMatchObject({ shelfId: shelf.id, version: 6 })
    expect((await staleOf(box.update({ name: 'c' }))).reason).toBe('changed')
  })

  it('of loaded rows follow what a relation writes', async () => {
    const shelf = await Shelf.create({})
    const [one, two, three] = await boxesOf('1', '2', '3')
    await shelf.load('boxes')
    expect(await shelf.related('boxes').sync([one, two])).toMatchObject({ attached: 2, detached: 0 })
    expect([one.version, two.version]).toEqual([2, 2])
    await shelf.related('boxes').sync([two, three])
    expect([one.version, two.version, three.version]).toEqual([3, 2, 2])
    expect(one.shelfId).toBe(null)
    await Box.saveMany([one, two, three].map((box) => Object.assign(box, { name: 'x' })))
    expect([one.version, two.version, three.version]).toEqual([4, 3, 3])
    // a loaded row that another write has changed stays stale
    await (await Box.findOrFail(two.id)).update({ name: 'theirs' })
    await shelf.related('boxes').clear()
    expect([two.version, three.version]).toEqual([3, 4])
    await three.update({ name: 'y' })
    expect((await staleOf(two.update({ name: 'y' }))).reason).toBe('changed')
  })

  it('of what a relation has written go back with a rollback', async () => {
    const shelf = await Shelf.create({})
    const box = await Box.create({})
    await Shelf.transaction(async (trx) => {
      await shelf.related('boxes').attach(box)
      expect(box.version).toBe(2)
      trx.rollback()
    })
    expect(box).toMatchObject({ version: 1, shelfId: null })
    await box.update({ name: 'x' })
    expect(box.version).toBe(2)
  })

  it('are checked where the row itself points to its owner', async () => {
    const shelf = await Shelf.create({})
    const box = await Box.create({})
    await (await Box.findOrFail(box.id)).update({ name: 'theirs' })
    await staleOf(box.related('shelf').associate(shelf))
    expect(box).toMatchObject({ shelfId: null, version: 1 })
    await box.refresh()
    await box.related('shelf').associate(shelf)
    expect(box).toMatchObject({ shelfId: shelf.id, version: 3 })
    await box.related('shelf').dissociate()
    expect(await Box.findOrFail(box.id)).toMatchObject({ shelfId: null, version: 4 })
  })

  it('are counted where a relation to one row replaces it', async () => {
    const shelf = await Shelf.create({})
    const first = await shelf.related('label').create({ text: 'a' })
    expect(first.version).toBe(1)
    const second = await Label.create({ text: 'b' })
    await shelf.related('label').save(second)
    expect(second.version).toBe(2)
    expect(first).toMatchObject({ shelfId: null, version: 2 })
    await first.update({ text: 'c' })
    expect(await Label.query().orderBy('id').pluck('version')).toEqual([3, 2])
  })

  it('are checked by nested writes, which write nothing then', async () => {
    const shelf = await Shelf.create({ name: 'a' })
    const box = await Box.create({ name: 'b' })
    await (await Box.findOrFail(box.id)).update({ name: 'theirs' })
    const error = await staleOf(shelf.saveWithRelations({ name: 'changed', boxes: { connect: [box], create: [{}] } }))
    expect(error.model).toBe('Box')
    expect(await Shelf.findOrFail(shelf.id)).toMatchObject({ name: 'a', version: 1 })
    expect(shelf.version).toBe(1)
    expect(await Box.count()).toBe(1)
    await box.refresh()
    await shelf.saveWithRelations({ name: 'changed', boxes: { connect: [box], create: [{}] } })
    expect([shelf.version, box.version]).toEqual([2, 3])
    await box.update({ name: 'mine' })
    expect(await Box.query().orderBy('id').pluck('version')).toEqual([4, 1])
  })

  it('of a join table are counted where pivot values change', async () => {
    const shelf = await Shelf.create({})
    const tag = await Tag.create({ word: 'a' })
    await shelf.related('tags').attach(tag, { place: 1 })
    const link = await ShelfTag.query().firstOrFail()
    expect(link.version).toBe(1)
    await shelf.related('tags').updatePivot(tag, { place: 2 })
    await shelf.related('tags').attach(tag, { place: 3 })
    expect(await ShelfTag.query().pluck('version')).toEqual([3])
    expect((await staleOf(link.update({ place: 4 }))).key).toEqual({ shelfId: shelf.id, tagId: tag.id })
    expect(tag.version).toBe(1)
  })

  it('are checked and counted by soft deletes', async () => {
    const box = await Box.create({})
    const other = await Box.findOrFail(box.id)
    await box.delete()
    expect(box).toMatchObject({ isDeleted: true, version: 2 })
    expect((await staleOf(other.update({ name: 'x' }))).reason).toBe('changed')
    // deleted already: it follows, and stays stale
    await other.delete()
    expect(other).toMatchObject({ deletedAt: box.deletedAt, version: 1 })
    expect((await staleOf(other.restore())).reason).toBe('changed')
    await box.restore()
    expect(box).toMatchObject({ deletedAt: null, version: 3 })
    await other.refresh()
    await box.update({ name: 'x' })
    expect(await staleOf(other.delete())).toMatchObject({ reason: 'changed', expected: 3, current: 4 })
    expect(other).toMatchObject({ isDeleted: false, version: 3, deletedAt: null })
    expect(await Box.count()).toBe(1)
    await staleOf(other.forceDelete())
    await box.forceDelete()
    await other.forceDelete()
    expect((await staleOf(Box.ref(box.id).refresh())).reason).toBe('gone')
    expect(await Box.withTrashed().count()).toBe(0)
  })

  it('are counted by soft deletes of a query, and by those of a reference', async () => {
    const [one, two] = await boxesOf('1', '2')
    await Box.where('name', '1').delete()
    await Box.ref(two.id).delete()
    expect(await Box.onlyTrashed().pluck('version')).toEqual([2, 2])
    await staleOf(one.restore())
    await Box.onlyTrashed().restore()
    await Box.ref(two.id).update({ name: 'x' })
    expect(await Box.query().orderBy('id').pluck('version')).toEqual([3, 4])
    await Box.deleteMany([one.id])
    expect(await Box.withTrashed().find(one.id)).toMatchObject({ version: 4 })
  })

  it('of rows that follow a soft delete are counted, and the loaded ones know it', async () => {
    const { id } = await Shelf.create({})
    const [fresh, changed] = await boxesOf('a', 'b')
    const shelf = await Shelf.query().with('boxes').findOrFail(id)
    await shelf.related('boxes').attach(fresh, changed)
    await (await Box.findOrFail(changed.id)).update({ name: 'theirs' })
    await shelf.delete()
    expect(shelf.version).toBe(2)
    expect(await Box.withTrashed().orderBy('id').pluck('version')).toEqual([3, 4])
    expect(fresh).toMatchObject({ version: 3, isDeleted: true })
    expect(changed).toMatchObject({ version: 2, isDeleted: true })
    await shelf.restore()
    await fresh.update({ name: 'x' })
    await staleOf(changed.update({ name: 'x' }))
    expect(await Box.query().orderBy('id').pluck('version')).toEqual([5, 5])
  })

  it('refuse a soft delete of a stale row, with all that would follow it', async () => {
    const shelf = await Shelf.create({})
    await shelf.related('boxes').create({})
    await (await Shelf.findOrFail(shelf.id)).update({ name: 'theirs' })
    expect((await staleOf(shelf.delete())).model).toBe('Shelf')
    expect(await Box.count()).toBe(1)
    expect(shelf).toMatchObject({ version: 1, isDeleted: false })
  })

  it('are checked between hooks, which a stale row rolls back', async () => {
    const note = await Note.create({ text: 'a' })
    const other = await Note.findOrFail(note.id)
    hooks.length = 0
    await note.update({ text: 'b' })
    expect(hooks).toEqual(['before 1', 'after 2', 'was a'])
    hooks.length = 0
    expect(await staleOf(other.update({ text: 'c' }))).toMatchObject({ expected: 1, current: 2 })
    await staleOf(other.delete())
    await staleOf(Note.saveMany([other, note, new Note({ text: 'new' })]))
    expect(other.version).toBe(1)
    expect(hooks).toEqual(['before 1', 'delete 1', 'before 1', 'before 2', 'before 1'])
    expect(await Note.count()).toBe(1)
    await other.refresh()
    await other.update({ text: 'c' }, { expectVersion: 2 })
    await Note.where('id', note.id).update({ text: 'd' }, { hooks: true })
    expect(await Note.findOrFail(note.id)).toMatchObject({ text: 'd', version: 4 })
    await Note.where('id', note.id).delete({ hooks: true })
    expect(await Note.onlyTrashed().pluck('version')).toEqual([5])
  })
})
