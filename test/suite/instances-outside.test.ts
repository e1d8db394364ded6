import { DeadlockError, Field, Model, outsideTransaction, Relation, UniqueViolationError } from 'corm'
import { describe, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Crew extends Model({ name: Field.string() }) {
  static sailors = Relation.hasMany(() => Sailor)
  static captain = Relation.hasOne(() => Sailor)
}

class Sailor extends Model({
  name: Field.string(),
  score: Field.integer({ default: 0 }),
  note: Field.text({ lazy: true, nullable: true }),
  changed: Field.dateTime({ autoNow: true }),
  deletedAt: Field.softDelete(),
  crewId: Field.foreignKey(() => Crew, { nullable: true, onDelete: 'cascade' }),
}) {
  static crew = Relation.belongsTo(() => Crew)
}

class Enough extends Error {}

// classes that name each other have no types for their relations
const related = (owner: object, relation: string) => (owner as any).related(relation)

const stateOf = (instance: any) => ({
  held: { ...instance },
  changes: instance.isPersisted ? instance.getChanges() : null,
  persisted: instance.isPersisted,
  deleted: instance.isDeleted,
})

describeDatabases('instances of a transaction that are written outside it', (database) => {
  database.useTables([Crew, Sailor])

  const rollback = (work: () => Promise<unknown>) =>
    expect(
      database.db.transaction(async (trx) => {
        await trx.transaction(work)
        throw new Enough()
      }),
    ).rejects.toBeInstanceOf(Enough)

  /** What a transaction does with the instance without a lock on its row. */
  const inside: Record<string, (sailor: any) => Promise<unknown>> = {
    'refresh()': (sailor) => sailor.refresh(),
    'refresh() of one field': (sailor) => sailor.refresh('score'),
    'loadField()': (sailor) => sailor.loadField('note'),
    'a manager of its crew': async (sailor) => {
      const crew = (await Crew.findOrFail(sailor.crewId)) as any
      await crew.load('sailors')
      await crew.related('sailors').create({ name: 'new' })
    },
  }
  const outside: Record<string, (sailor: any) => Promise<unknown>> = {
    'save()': (sailor) => {
      sailor.score = 10
      return sailor.save()
    },
    'save() of a field that was not loaded': (sailor) => {
      sailor.note = 'n'
      return sailor.save()
    },
    'saveMany()': (sailor) => {
      sailor.score = 10
      sailor.name = 'b'
      return Sailor.saveMany([sailor])
    },
    'increment()': (sailor) => sailor.increment('score', 3),
    'refresh()': async (sailor) => {
      await Sailor.where('id', sailor.id).update({ score: 20, note: 'm' })
      await sailor.refresh()
    },
    'delete()': (sailor) => sailor.delete(),
    'forceDelete()': (sailor) => sailor.forceDelete(),
    'delete() and restore()': async (sailor) => {
      await sailor.delete()
      await sailor.restore()
    },
    'associate()': async (sailor) => related(sailor, 'crew').associate(await Crew.create({ name: 'd' })),
    'attach()': async (sailor) => related(await Crew.create({ name: 'd' }), 'sailors').attach(sailor),
    'detach()': async (sailor) => related(await Crew.findOrFail(sailor.crewId), 'sailors').detach(sailor),
  }

  describe.each(Object.keys(inside))('after %s in it', (first) => {
    it.each(Object.keys(outside))('%s outside stays', async (second) => {
      if (!database.facts.concurrent) return
      const crew = await Crew.create({ name: 'c' })
      const { id } = await Sailor.create({ name: 'a', score: 1, crewId: crew.id })
      const sailor = await Sailor.findOrFail(id)
      await Sailor.where('id', id).update({ score: 9, note: 'there' })
      await rollback(async () => {
        await inside[first]?.(sailor)
        await outsideTransaction(() => outside[second]?.(sailor) as Promise<unknown>)
      })
      const now = await Sailor.withTrashed().find(id)
      expect(sailor.isPersisted).toBe(now !== null)
      if (now === null) return
      expect(sailor.isDeleted).toBe(now.deletedAt !== null)
      // what it says of its row, where it is no change, is so
      const { changes } = stateOf(sailor)
      const said = Object.keys(outside).indexOf(second)
      for (const name of ['name', 'crewId', 'deletedAt'] as const)
        expect([said, name, sailor[name], Object.hasOwn(changes, name)]).toEqual([said, name, now[name], false])
      const wrote = ['save()', 'saveMany()', 'increment()', 'refresh()'].includes(second)
      if (wrote) expect([sailor.score, sailor.isDirty('score')]).toEqual([now.score, false])
      sailor.score = 77
      await sailor.save()
      expect((await Sailor.withTrashed().findOrFail(id)).score).toBe(77)
    })
  })

  const makers: Record<string, (crew: any) => Promise<any>> = {
    'create()': (crew) => related(crew, 'sailors').create({ name: 'a' }),
    'create() of a hasOne': (crew) => related(crew, 'captain').create({ name: 'a' }),
    'createMany()': async (crew) => (await related(crew, 'sailors').createMany([{ name: 'a' }]))[0],
    'save()': (crew) => related(crew, 'sailors').save(new Sailor({ name: 'a' })),
    saveWithRelations: async (crew) => {
      const sailor = new Sailor({ name: 'a' })
      await crew.saveWithRelations({ sailors: { create: [sailor] } })
      return sailor
    },
  }
  it.each(Object.keys(makers))('a row that %s of a relation has made is as new as before', async (name) => {
    let made: any
    await rollback(async () => {
      made = await makers[name]?.(await Crew.create({ name: 'c' }))
      expect(made.crewId).not.toBe(null)
    })
    expect(stateOf(made)).toEqual(stateOf(new Sailor({ name: 'a' })))
    await made.save()
    expect(await Sailor.query().pluck('crewId')).toEqual([null])
  })

  it.each(['save', 'saveMany'])('%s() outside stays, after an insert in it failed', async (method) => {
    if (!database.facts.concurrent) return
    const { id } = await Sailor.create({ name: 'first' })
    const sailor: any = new Sailor({ name: 'second' })
    const save = () => (method === 'save' ? sailor.save() : Sailor.saveMany([sailor]))
    const work = database.db.transaction(async () => {
      sailor.id = id
      await expect(save()).rejects.toBeInstanceOf(UniqueViolationError)
      sailor.id = undefined
      await outsideTransaction(save)
      throw new Enough()
    })
    await expect(work).rejects.toBeInstanceOf(Enough)
    expect([sailor.isPersisted, sailor.getChanges()]).toEqual([true, {}])
    await sailor.update({ name: 'third' })
    expect(await Sailor.query().orderBy('id').pluck('name')).toEqual(['first', 'third'])
  })

  it('a transaction that is run again warns of an instance that was loaded before it', async () => {
    const warnings: any[] = []
    const listen = (warning: unknown) => warnings.push(warning)
    process.on('warning', listen)
    try {
      const sailor = await Sailor.create({ name: 'a', score: 50 })
      const run = async (work: () => Promise<unknown>, times = 3) => {
        let attempts = 0
        await database.db.transaction(
          async () => {
            await work()
            if (++attempts < times) throw new DeadlockError('made up')
          },
          { retries: times },
        )
        await new Promise((resolve) => setTimeout(resolve, 5))
        return warnings.splice(0)
      }
      expect(await run(async () => (await Sailor.findOrFail(sailor.id)).increment('score', -10))).toEqual([])
      expect(await run(() => sailor.update({ score: 40 }), 1)).toEqual([])
      const [warning, second] = await run(() => sailor.update({ score: sailor.score - 10 }))
      expect([warning.code, warning.name, second]).toEqual(['CORM_RETRIED_INSTANCE', 'CormWarning', undefined])
      expect(warning.message).toContain('writes a "Sailor" that was loaded before it')
    } finally {
      process.off('warning', listen)
    }
  })
})
