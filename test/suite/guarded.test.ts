import { Field, Model, Relation, UsageError } from 'corm'
import { expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Room extends Model({ name: Field.string({ unique: true }) }) {
  static notes = Relation.hasMany(() => Note)
  static guests = Relation.manyToMany(() => Guest)
}
class Note extends Model({
  text: Field.string(),
  role: Field.string({ default: 'reader', guarded: true }),
  made: Field.dateTime({ autoNowAdd: true }),
  saved: Field.dateTime({ autoNow: true }),
  deletedAt: Field.softDelete(),
  roomId: Field.foreignKey(() => Room, { nullable: true }),
}) {
  static room = Relation.belongsTo(() => Room)
}
class Guest extends Model({ name: Field.string({ unique: true }), seen: Field.dateTime({ autoNow: true }) }) {}

// what the types refuse must be refused at run time as well
type Loose = any
const note = Note as Loose
const guest = Guest as Loose
const at = new Date('2001-02-03T04:05:06.007Z')

/** Data that sets what only the program may set, one field each. */
const GUARDED = { id: 77, role: 'admin', made: at, saved: at, deletedAt: at }

describeDatabases('guarded fields', (database) => {
  database.useTables([Room, Note, Guest])

  const aRoom = async () => (await Room.firstOrCreate({ name: 'r' }))[0] as Loose

  /** Each call that takes data, with its options. */
  const calls: Readonly<Record<string, (data: object, options?: object) => unknown>> = {
    new: (data, options) => new note({ text: 'a', ...data }, options),
    make: (data, options) => note.make({ text: 'a', ...data }, options),
    fill: (data, options) => new note({ text: 'a' }).fill(data, options),
    create: (data, options) => note.create({ text: 'a', ...data }, options),
    createMany: (data, options) => note.createMany([{ text: 'a', ...data }], options),
    createWithRelations: (data, options) => note.createWithRelations({ text: 'a', ...data }, options),
    'createWithRelations, below': (data, options) =>
      (Room as Loose).createWithRelations({ name: 'below', notes: [{ text: 'a', ...data }] }, options),
    saveWithRelations: async (data, options) => (await note.create({ text: 'a' })).saveWithRelations(data, options),
    firstOrCreate: (data, options) => note.firstOrCreate({ text: 'new' }, data, options),
    updateOrCreate: (data, options) => note.updateOrCreate({ text: 'new' }, data, options),
    'updateOrCreate of a row': async (data, options) => {
      await note.create({ text: 'there' })
      return note.updateOrCreate({ text: 'there' }, data, options)
    },
    'related create': async (data, options) => (await aRoom()).related('notes').create({ text: 'a', ...data }, options),
    'related createMany': async (data, options) =>
      (await aRoom()).related('notes').createMany([{ text: 'a', ...data }], options),
  }
  const changes: Readonly<Record<string, (data: object, options?: object) => unknown>> = {
    'update of an instance': async (data, options) => (await note.create({ text: 'a' })).update(data, options),
    'update over a query': (data, options) => note.where('text', 'a').update(data, options),
    'update by a callback': (data, options) => note.where('text', 'a').update(() => data, options),
    updateReturning: (data, options) => note.where('text', 'a').updateReturning(data, options),
  }
  const refusal = async (attempt: () => unknown) => {
    try {
      await attempt()
      return 'nothing was refused'
    } catch (error) {
      expect(error).toBeInstanceOf(UsageError)
      return (error as Error).message
    }
  }

  it.each([...Object.keys(calls), ...Object.keys(changes)])('are refused in the data of %s', async (name) => {
    const call = (calls[name] ?? changes[name]) as (data: object) => unknown
    for (const [field, value] of Object.entries(GUARDED)) {
      if (field === 'id' && changes[name] !== undefined) continue
      expect(await refusal(() => call({ [field]: value })), field).toBe(
        `"Note.${field}" is guarded: data can't set it. Pass { guarded: true } as the last argument, or assign it in code.`,
      )
    }
    expect(await note.withTrashed().where('role', 'admin').count()).toBe(0)
  })

  it.each(Object.keys(calls))('are taken by %s when the call says so', async (name) => {
    const call = calls[name] as (data: object, options: object) => unknown
    const { id: _, ...more } = GUARDED
    const made = (await call(name === 'updateOrCreate of a row' ? more : { ...more, id: 78 }, {
      guarded: true,
    })) as Loose
    const rows = await note.withTrashed().where('role', 'admin')
    if (['new', 'make', 'fill'].includes(name)) expect(made).toMatchObject(more)
    else expect(rows).toEqual([expect.objectContaining({ role: 'admin', made: at, deletedAt: at })])
  })

  it('of an upsert are refused and taken likewise', async () => {
    const conflict = { conflict: 'name' }
    const data = { name: 'Ada', seen: at }
    expect(await refusal(() => guest.upsert(data, conflict))).toMatch(/"Guest.seen" is guarded/)
    expect(await refusal(() => guest.upsertMany([data], conflict))).toMatch(/"Guest.seen" is guarded/)
    expect((await guest.upsert(data, { ...conflict, guarded: true })).seen).toEqual(at)
    expect(await guest.upsertMany([data], { ...conflict, guarded: true })).toMatchObject({ updated: 1 })
    // an existing row is data's to change no more than a new one
    for (const update of [['seen'], ['name', 'id'], () => ({ seen: at }), () => ({ id: 9 })])
      for (const call of [guest.upsert.bind(guest), (row: object, options: object) => guest.upsertMany([row], options)])
        expect(await refusal(() => call({ name: 'Ada' }, { ...conflict, update }))).toMatch(/is guarded/)
    await guest.upsert({ name: 'Ada' }, { ...conflict, update: () => ({ seen: at }), guarded: true })
    expect((await guest.findBy({ name: 'Ada' })).seen).toEqual(at)
    const room = (await Room.create({ name: 'r' })) as Loose
    expect(await refusal(() => room.related('guests').create({ name: 'Bo', seen: at }))).toMatch(/is guarded/)
    expect((await room.related('guests').create({ name: 'Bo', seen: at }, {}, { guarded: true })).seen).toEqual(at)
  })

  it('have their default functions called once for each value that is not given', async () => {
    let calls = 0
    const made = (text: string) => () => `${text} ${++calls}`
    class Badge extends Model({
      text: Field.string(),
      role: Field.string({ default: made('role'), guarded: true }),
      note: Field.string({ default: made('note') }),
      roomId: Field.foreignKey(() => Room, { nullable: true }),
    }) {
      static room = Relation.belongsTo(() => Room)
    }
    const badge = Badge as Loose
    await database.db.createTables([Badge])
    const room = await aRoom()
    const given = { text: 'a', role: 'r', note: 'n' }
    const counted: [count: number, work: () => unknown][] = [
      [0, () => badge.create(given, { guarded: true })],
      [0, () => badge.createMany([given, given], { guarded: true })],
      [0, () => new badge(given, { guarded: true })],
      [0, () => badge.insertMany([given])],
      [1, () => badge.create({ text: 'a', role: 'r' }, { guarded: true })],
      [1, () => badge.create({ text: 'a', note: 'n', role: undefined })],
      [1, () => badge.create({ text: 'a', note: 'n', roomId: undefined })],
      [2, () => badge.create({ text: 'a', room })],
      [2, () => badge.create({ text: 'a', note: undefined })],
      [2, () => badge.insertMany([{ text: 'a' }, given])],
      [2, () => badge.make({ text: 'a' }).save()],
      [0, () => refusal(() => badge.create(given))],
    ]
    for (const [i, [count, work]] of counted.entries()) {
      calls = 0
      await work()
      expect([i, calls]).toEqual([i, count])
    }
    await database.db.dropTables([Badge])
  })

  it('are no fields of the schemas for what is written', () => {
    for (const schema of [Note.schema.insert, Note.schema.update])
      for (const field of Object.keys(GUARDED)) {
        const result = schema.safeParse({ text: 'a', [field]: GUARDED[field as 'id'] })
        expect(result.success, field).toBe(false)
      }
    expect(Note.schema.insert.parse({ text: 'a' })).toEqual({ text: 'a' })
  })

  it('are set by assignment in code, by inserts of many rows, and by the program itself', async () => {
    const own = new Note({ text: 'own' })
    Object.assign(own, { role: 'admin', made: at })
    await own.save()
    expect(await Note.find(own.id)).toMatchObject({ role: 'admin', made: at })
    expect(own.clone().role).toBe('admin')
    expect(await Note.insertMany([{ text: 'many', made: at, deletedAt: at }])).toBe(1)
    await own.delete()
    expect(own.isDeleted).toBe(true)
    await own.restore()
    expect(own.deletedAt).toBe(null)
    expect(own.saved).toBeInstanceOf(Date)
  })
})
