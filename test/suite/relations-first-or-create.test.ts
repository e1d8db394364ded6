import { Field, Model, Relation, UniqueViolationError, UsageError } from 'corm'
import { expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Owner extends Model({ name: Field.string({ max: 40 }) }, { table: 'first_owners' }) {
  static pets = Relation.hasMany(() => Pet)
  static card = Relation.hasOne(() => Card)
  static notes = Relation.morphMany(() => Note, 'notable')
  static clubs = Relation.manyToMany(() => Club, {
    pivot: { role: Field.string({ default: 'guest' }), rank: Field.integer({ nullable: true, guarded: true }) },
  })
}
class Pet extends Model(
  {
    name: Field.string({ max: 40 }),
    kind: Field.string({ default: 'cat' }),
    chip: Field.string({ nullable: true, guarded: true }),
    ownerId: Field.foreignKey(() => Owner, { nullable: true }),
  },
  { table: 'first_pets', uniques: [['ownerId', 'name']] },
) {
  static owner = Relation.belongsTo(() => Owner)
}
class Card extends Model(
  { code: Field.string({ max: 40 }), ownerId: Field.foreignKey(() => Owner, { nullable: true }) },
  { table: 'first_cards' },
) {}
class Note extends Model({ text: Field.string({ max: 40 }), ...Field.morphs('notable') }, { table: 'first_notes' }) {
  static notable = Relation.morphTo([() => Owner])
}
class Club extends Model({ name: Field.string({ unique: true, max: 40 }) }, { table: 'first_clubs' }) {}

describeDatabases('firstOrCreate() and updateOrCreate() of a relation', (database) => {
  database.useTables([Owner, Pet, Card, Note, Club])

  it('find a row of this owner, else insert one with its keys', async () => {
    const [ada, ben] = await Owner.createMany([{ name: 'Ada' }, { name: 'Ben' }])
    const theirs = await ben.related('pets').create({ name: 'Tom' })
    const [tom, created] = await ada.related('pets').firstOrCreate({ name: 'Tom' }, { kind: 'dog' })
    expect([tom.ownerId, tom.kind, created]).toEqual([ada.id, 'dog', true])
    const [again, anew] = await ada.related('pets').firstOrCreate({ name: 'Tom' }, { kind: 'cow' })
    expect([again.id, again.kind, anew]).toEqual([tom.id, 'dog', false])
    const [changed, isNew] = await ada.related('pets').updateOrCreate({ name: 'Tom' }, { kind: 'cow' })
    expect([changed.id, changed.kind, isNew]).toEqual([tom.id, 'cow', false])
    expect((await Pet.findOrFail(tom.id)).kind).toBe('cow')
    expect((await Pet.findOrFail(theirs.id)).kind).toBe('cat')
    const [note] = await ada.related('notes').updateOrCreate({ text: 'x' }, { text: 'y' })
    expect([note.text, note.notableType, note.notableId]).toEqual(['y', 'Owner', ada.id])
  })
  it('do not let data give the row to another owner', async () => {
    const [ada, ben] = await Owner.createMany([{ name: 'Ada' }, { name: 'Ben' }])
    const [tom] = await ada.related('pets').firstOrCreate({ name: 'Tom' }, { ownerId: ben.id })
    expect(tom.ownerId).toBe(ada.id)
  })
  it('keep a loaded relation in step', async () => {
    const ada = await Owner.create({ name: 'Ada' })
    await ada.related('pets').create({ name: 'Tom' })
    const loaded = await Owner.with('pets', 'clubs').findOrFail(ada.id)
    const [ann] = await loaded.related('pets').firstOrCreate({ name: 'Ann' })
    expect(loaded.pets).toHaveLength(2)
    expect(loaded.pets[1]).toBe(ann)
    await loaded.related('pets').updateOrCreate({ name: 'Tom' }, { kind: 'dog' })
    expect(loaded.pets.map((pet) => `${pet.name} ${pet.kind}`).sort()).toEqual(['Ann cat', 'Tom dog'])
    await loaded.related('clubs').firstOrCreate({ name: 'chess' })
    await loaded.related('clubs').updateOrCreate({ name: 'chess' }, { name: 'go' })
    expect(loaded.clubs.map((club) => [club.name, club.pivot.role])).toEqual([['go', 'guest']])
  })
  it('replace the row of a relation to one that does not match', async () => {
    const ada = await Owner.create({ name: 'Ada' })
    const [first, created] = await ada.related('card').firstOrCreate({ code: 'a' })
    expect([created, (await ada.related('card').firstOrCreate({ code: 'a' }))[1]]).toEqual([true, false])
    const [second] = await ada.related('card').firstOrCreate({ code: 'b' })
    expect([(await first.refresh()).ownerId, second.ownerId]).toEqual([null, ada.id])
    expect(await Card.query().count()).toBe(2)
  })
  it('link an existing row of a relation with a join table, and insert what is nowhere', async () => {
    const ada = await Owner.create({ name: 'Ada' })
    const chess = await Club.create({ name: 'chess' })
    const [linked, created] = await ada.related('clubs').firstOrCreate({ name: 'chess' }, {}, { role: 'chair' })
    expect([linked.id, created]).toEqual([chess.id, false])
    const [go, isNew] = await ada.related('clubs').updateOrCreate({ name: 'go' }, { name: 'Go' })
    expect([go.name, isNew]).toEqual(['Go', true])
    const clubs = await ada.related('clubs').orderBy('id')
    expect(clubs.map((club) => [club.name, club.pivot.role])).toEqual([
      ['chess', 'chair'],
      ['Go', 'guest'],
    ])
    await ada.related('clubs').firstOrCreate({ name: 'chess' }, {}, { role: 'guest' })
    expect((await ada.related('clubs').where('name', 'chess').sole()).pivot.role).toBe('chair')
  })
  it('refuse guarded fields and values, unless the call allows them', async () => {
    const ada = await Owner.create({ name: 'Ada' })
    await expect(ada.related('pets').firstOrCreate({ name: 'T' }, { chip: 'x' } as object)).rejects.toThrow(/chip/)
    await expect(ada.related('clubs').firstOrCreate({ name: 'C' }, {}, { rank: 1 })).rejects.toThrow(/rank/)
    expect(await Pet.query().count()).toBe(0)
    expect(await Club.query().count()).toBe(0)
    const [pet] = await ada.related('pets').firstOrCreate({ name: 'T' }, { chip: 'x' }, { guarded: true })
    expect(pet.chip).toBe('x')
    await ada.related('clubs').updateOrCreate({ name: 'C' }, {}, { rank: 1 }, { guarded: true })
    expect((await ada.related('clubs').sole()).pivot.rank).toBe(1)
  })
  it('refuse what is no object of fields', async () => {
    const ada = await Owner.create({ name: 'Ada' })
    const pets = ada.related('pets') as any
    for (const match of [undefined, null, {}, 'Tom', [], 7])
      await expect(pets.firstOrCreate(match), String(match)).rejects.toThrow(UsageError)
    await expect(pets.updateOrCreate({ name: 'Tom' })).rejects.toThrow(UsageError)
    await expect(pets.firstOrCreate({ name: 'Tom' }, null)).rejects.toThrow(UsageError)
    expect(await Pet.query().count()).toBe(0)
  })
  it('make one row where several calls want it at a time', async () => {
    const ada = await Owner.create({ name: 'Ada' })
    const times = [1, 2, 3, 4, 5, 6]
    const pets = await Promise.all(times.map(() => ada.related('pets').firstOrCreate({ name: 'Tom' })))
    expect(new Set(pets.map(([pet]) => pet.id)).size).toBe(1)
    expect(pets.filter(([, created]) => created)).toHaveLength(1)
    const cards = await Promise.all(times.map(() => ada.related('card').firstOrCreate({ code: 'a' })))
    expect(new Set(cards.map(([card]) => card.id)).size).toBe(1)
    const clubs = await Promise.all(times.map(() => ada.related('clubs').firstOrCreate({ name: 'chess' })))
    expect(new Set(clubs.map(([club]) => club.id)).size).toBe(1)
    expect(await ada.related('clubs').count()).toBe(1)
  })
  it('leave nothing behind when the row can not be made', async () => {
    const [ada, ben] = await Owner.createMany([{ name: 'Ada' }, { name: 'Ben' }])
    await Club.create({ name: 'chess' })
    await expect(ada.related('clubs').updateOrCreate({ name: 'go' }, { name: 'chess' })).rejects.toThrow(
      UniqueViolationError,
    )
    expect([await Club.query().count(), await ada.related('clubs').count()]).toEqual([1, 0])
    await ben.related('pets').createMany([{ name: 'a' }, { name: 'b' }])
    await expect(ben.related('pets').updateOrCreate({ name: 'a' }, { name: 'b' })).rejects.toThrow(UniqueViolationError)
  })
})
