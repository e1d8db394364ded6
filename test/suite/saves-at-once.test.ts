import { Field, Model, outsideTransaction, Relation, UsageError } from 'corm'
import { describe, expect, it } from 'vitest'
import { recordQueries } from '../support/count-queries.js'
import { describeDatabases } from '../support/databases.js'

class Crate extends Model({ label: Field.string() }) {
  static parcels = Relation.hasMany(() => Parcel)
}

class Parcel extends Model({
  label: Field.string({ default: '' }),
  count: Field.integer({ default: 0 }),
  weight: Field.integer({ default: 0 }),
  at: Field.dateTime({ default: () => new Date(1000) }),
  fine: Field.dateTime({ precision: 6, default: () => new Date(1000) }),
  bytes: Field.binary({ default: () => new Uint8Array([1]) }),
  data: Field.json<{ list: number[] }>({ default: { list: [1] } }),
  list: Field.json<number[]>({ default: [1] }),
  deletedAt: Field.softDelete(),
  crateId: Field.foreignKey(() => Crate, { nullable: true }),
}) {}

class Slow extends Model({
  label: Field.string({
    validate: (async () => {
      await new Promise((resolve) => setTimeout(resolve, 5))
    }) as never,
  }),
  at: Field.dateTime({ default: () => new Date(1000) }),
}) {}

const related = (owner: object, relation: string) => (owner as any).related(relation)

describeDatabases('a save under way', (database) => {
  database.useTables([Crate, Parcel, Slow])

  /** Changes what the fields hold, without giving them other values. */
  const changeInPlace = (parcel: Parcel) => {
    parcel.at.setTime(2000)
    parcel.fine.setTime(2000)
    parcel.bytes.fill(2)
    parcel.data.list.push(2)
    parcel.list.push(2)
    parcel.label = 'second'
  }
  const CHANGED = ['label', 'at', 'fine', 'bytes', 'data', 'list']
  const first = { at: new Date(1000), fine: new Date(1000), bytes: new Uint8Array([1]), data: { list: [1] }, list: [1] }
  const second = {
    at: new Date(2000),
    fine: new Date(2000),
    bytes: new Uint8Array([2]),
    data: { list: [1, 2] },
    list: [1, 2],
  }
  const another = () => ({
    at: new Date(1000),
    fine: new Date(1000),
    bytes: new Uint8Array([1]),
    data: { list: [1] },
    list: [1],
  })
  const old = () => ({
    at: new Date(9000),
    fine: new Date(9000),
    bytes: new Uint8Array([9]),
    data: { list: [9] },
    list: [9],
  })

  const inserts: Record<string, (parcel: Parcel) => Promise<unknown>> = {
    'save()': (parcel) => parcel.save(),
    'saveMany()': (parcel) => Parcel.saveMany([parcel, new Parcel()]),
  }
  it.each(Object.keys(inserts))('%s stores what a new instance held when it was called', async (name) => {
    const parcel = new Parcel({ label: 'first' })
    const saving = inserts[name]?.(parcel)
    changeInPlace(parcel)
    await saving
    expect(await Parcel.findOrFail(parcel.id)).toMatchObject({ label: 'first', ...first })
    expect(Object.keys(parcel.getChanges())).toEqual(CHANGED)
    await parcel.save()
    expect(await Parcel.findOrFail(parcel.id)).toMatchObject({ label: 'second', ...second })
  })

  const updates: Record<string, (parcel: Parcel) => Promise<unknown>> = {
    'save()': (parcel) => parcel.save(),
    'saveMany()': (parcel) => Parcel.saveMany([parcel]),
    'updateMany()': (parcel) => Parcel.updateMany([parcel], ['label', 'at', 'fine', 'bytes', 'data', 'list']),
  }
  it.each(Object.keys(updates))('%s updates to what was there when it was called', async (name) => {
    const parcel = await Parcel.create({ label: 'zero', ...old() })
    const other = await Parcel.create({ label: 'zero', ...old() })
    const saving = [parcel, other].map((each) => {
      Object.assign(each, another(), { label: 'first' })
      const saved = updates[name]?.(each)
      changeInPlace(each)
      return saved
    })
    await Promise.all(saving)
    for (const each of [parcel, other]) {
      expect(await Parcel.findOrFail(each.id)).toMatchObject({ label: 'first', ...first })
      expect(Object.keys(each.getChanges())).toEqual(CHANGED)
    }
    await Parcel.saveMany([parcel, other])
    expect(await Parcel.findOrFail(parcel.id)).toMatchObject({ label: 'second', ...second })
  })

  it('a list given to createMany() or insertMany() may be changed at once', async () => {
    const data = () => ({ label: 'first', ...another() })
    const [one, two, three] = [data(), data(), data()]
    const creating = Promise.all([
      Parcel.create(one),
      Parcel.createMany([two]),
      Parcel.insertMany([three]),
      Parcel.upsertMany([{ ...data(), id: 77 } as never], { conflict: 'id', guarded: true }),
    ])
    for (const each of [one, two, three]) {
      each.at.setTime(2000)
      each.bytes.fill(2)
    }
    await creating
    for (const row of await Parcel.all()) expect(row).toMatchObject(first)
  })

  it('what was checked is what is stored, when a check takes its time', async () => {
    const slow = new Slow({ label: 'a' })
    const saving = slow.save()
    slow.at.setTime(2000)
    await saving
    expect((await Slow.findOrFail(slow.id)).at).toEqual(new Date(1000))
    expect(slow.isDirty('at')).toBe(true)
  })

  describe('and a second call', () => {
    it('a new instance is inserted once', async () => {
      for (const Model of [Parcel, Slow] as any[]) {
        const fresh = new Model({ label: 'a' })
        await Promise.all([fresh.save(), fresh.save(), Model.saveMany([fresh]), fresh.save()])
        expect(await Model.count()).toBe(1)
        expect(await Model.pluck?.('id')).toEqual(Model.pluck === undefined ? undefined : [fresh.id])
        expect(fresh.isDirty()).toBe(false)
      }
    })

    it('the second writes what is left', async () => {
      const parcel = await Parcel.create({ label: 'a' })
      parcel.count = 1
      const one = parcel.save()
      parcel.count = 2
      parcel.weight = 3
      const { events } = await recordQueries(() => Promise.all([one, parcel.save(), parcel.save()]))
      expect(events.filter(({ sql }) => sql.startsWith('update')).length).toBeLessThanOrEqual(2)
      expect(await Parcel.findOrFail(parcel.id)).toMatchObject({ count: 2, weight: 3 })
      expect(parcel.isDirty()).toBe(false)
    })

    it('overlapping saveMany() calls', async () => {
      const [a, b, c] = [new Parcel({ label: 'a' }), new Parcel({ label: 'b' }), new Parcel({ label: 'c' })]
      await Promise.all([Parcel.saveMany([a, b]), Parcel.saveMany([b, c]), Parcel.saveMany([c, a]), b.save()])
      expect(await Parcel.query().orderBy('label').pluck('label')).toEqual(['a', 'b', 'c'])
      for (const each of [a, b, c]) expect(each.isDirty()).toBe(false)
    })

    it('of several kinds, in the order of the calls', async () => {
      const parcel = await Parcel.create({ label: 'a' })
      await Promise.all([
        parcel.increment('count'),
        parcel.update({ weight: 5 }),
        parcel.increment('count', 2),
        parcel.decrement('weight'),
        parcel.refresh(),
      ])
      expect(await Parcel.findOrFail(parcel.id)).toMatchObject({ count: 3, weight: 4 })
      expect([parcel.count, parcel.weight, parcel.isDirty()]).toEqual([3, 4, false])
    })

    it('the second of two deletions has nothing to do', async () => {
      const [a, b, c] = await Parcel.createMany([{ label: 'a' }, { label: 'b' }, { label: 'c' }])
      if (a === undefined || b === undefined || c === undefined) throw new Error('none')
      await Promise.all([a.forceDelete(), a.forceDelete(), b.delete(), b.delete(), c.delete(), c.forceDelete()])
      expect([a.isPersisted, b.isPersisted, b.isDeleted, c.isPersisted]).toEqual([false, true, true, false])
      expect(await Parcel.withTrashed().pluck('label')).toEqual(['b'])
      await expect(a.forceDelete()).rejects.toThrow('this one was deleted')
    })

    it('a deletion waits for the save, and a save after it is refused', async () => {
      const parcel = new Parcel({ label: 'a' })
      const saving = parcel.save()
      await saving
      parcel.count = 1
      const [saved, removed, refused] = await Promise.allSettled([parcel.save(), parcel.forceDelete(), parcel.save()])
      expect([saved.status, removed.status, refused.status]).toEqual(['fulfilled', 'fulfilled', 'rejected'])
      expect(await Parcel.withTrashed().count()).toBe(0)
    })

    it('a failed first one does not stop the second', async () => {
      const parcel = new Slow({ label: null as never })
      const one = parcel.save()
      parcel.label = 'b'
      const [failed, done] = await Promise.allSettled([one, parcel.save()])
      expect([failed.status, done.status]).toEqual(['rejected', 'fulfilled'])
      expect(await Slow.count()).toBe(1)
    })

    it('by way of relations and nested writes', async () => {
      const crate = await Crate.create({ label: 'c' })
      const parcel = new Parcel({ label: 'a' })
      await Promise.all([
        related(crate, 'parcels').save(parcel),
        parcel.save(),
        related(crate, 'parcels').save(parcel),
        (parcel as any).saveWithRelations({ count: 3 }),
        (parcel as any).saveWithRelations({ weight: 4 }),
      ])
      expect(await Parcel.all().values('label', 'count', 'weight', 'crateId')).toEqual([
        { label: 'a', count: 3, weight: 4, crateId: crate.id },
      ])
      expect(parcel.isDirty()).toBe(false)
    })

    it('in a transaction', async () => {
      const parcel = new Parcel({ label: 'a' })
      await database.db.transaction(async (trx) => {
        await Promise.all([parcel.save(), parcel.save(), Parcel.saveMany([parcel])])
        parcel.count = 2
        await Promise.all([parcel.save(), parcel.increment('weight'), parcel.save()])
        await trx.transaction(async () => {
          await Promise.all([parcel.save(), parcel.increment('weight')])
          parcel.count = 3
          await parcel.save()
        })
      })
      expect(await Parcel.all().values('label', 'count', 'weight')).toEqual([{ label: 'a', count: 3, weight: 2 }])
    })

    it('inside a transaction that the first may be waiting for is refused', async () => {
      const parcel = await Parcel.create({ label: 'a' })
      await database.db.transaction(async () => {
        await Parcel.query().lock('update').get()
        // of another context: it waits for the row, or for the only connection
        const outside = outsideTransaction(async () => {
          parcel.count = 1
          await parcel.save()
        }).catch((error: unknown) => error)
        await new Promise((resolve) => setTimeout(resolve, 10))
        if (!database.facts.concurrent) return
        const error = await parcel.save().catch((refused: unknown) => refused)
        expect(error).toBeInstanceOf(UsageError)
        expect(String(error)).toContain('This "Parcel" is being written outside this transaction')
        void outside
      })
      await new Promise((resolve) => setTimeout(resolve, 50))
      await parcel.save()
      expect((await Parcel.findOrFail(parcel.id)).count).toBe(1)
    })
  })
})
