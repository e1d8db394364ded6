import { Field, Model, Relation } from 'corm'
import { is } from './support/expect.js'

class Writer extends Model({
  name: Field.string(),
  rank: Field.integer({ default: 0, guarded: true }),
  countryCode: Field.foreignKey(() => Country, { key: 'string', nullable: true }),
}) {
  static country = Relation.belongsTo(() => Country, { foreignKey: 'countryCode' })
  static novels = Relation.hasMany(() => Novel)
  static home = Relation.hasOne(() => Home)
  static groups = Relation.manyToMany(() => Group, { pivot: { role: Field.string({ default: 'member' }) } })
  static notes = Relation.morphMany(() => Note, 'about')
  static editions = Relation.hasManyThrough(() => Edition, { through: () => Novel })
}
class Country extends Model({ code: Field.string({ primaryKey: true }), name: Field.string() }) {
  static writers = Relation.hasMany(() => Writer)
}
class Home extends Model({ street: Field.string(), writerId: Field.oneToOne(() => Writer) }) {}
class Novel extends Model({ title: Field.string(), writerId: Field.foreignKey(() => Writer) }) {
  static writer = Relation.belongsTo(() => Writer)
  static editions = Relation.hasMany(() => Edition)
}
class Edition extends Model({ year: Field.integer(), novelId: Field.foreignKey(() => Novel) }) {}
class Group extends Model({ title: Field.string() }) {}
class Note extends Model({ text: Field.string(), ...Field.morphs('about') }) {
  static about = Relation.morphTo([() => Writer, () => Novel])
}

export async function creating(novel: Novel, group: Group) {
  const writer = await Writer.createWithRelations({
    name: 'Jane',
    country: { code: 'GB', name: 'Britain' },
    novels: [{ title: 'Emma', editions: [{ year: 1815 }, { year: 1816 }] }, novel, Novel.make({ title: 'x' })],
    home: { create: { street: 'x' } },
    groups: [{ title: 'a' }, [{ title: 'b' }, { role: 'head' }], group],
    notes: { create: [{ text: 'x' }], connect: [1, 2] },
  })
  is<string | undefined>()(writer.country?.name)
  is<string[]>()(writer.novels.map((each) => each.title))
  is<string[]>()(writer.groups.map((each) => each.pivot.role))
  is<string | undefined>()(writer.home?.street)
  is<number>()(writer.notes.length)
  await Writer.createWithRelations({ name: 'Jane', country: 'GB', groups: { connect: [group, 7, [8, { role: 'x' }]] } })
  await Writer.createWithRelations({ name: 'Jane', country: null, home: undefined })
  await Novel.createWithRelations({ title: 'Emma', writer: { name: 'Jane', rank: 3 } }, { guarded: true })
  await Note.createWithRelations({ text: 'x', about: novel })
  const plain = await Writer.createWithRelations({ name: 'Jane' })
  is<number>()((await plain.novels).length)
  // @ts-expect-error: not named, so not loaded
  plain.novels.length

  // @ts-expect-error: name is required
  await Writer.createWithRelations({ novels: [] })
  // @ts-expect-error: no such field or relation
  await Writer.createWithRelations({ name: 'Jane', novel: [] })
  // @ts-expect-error: no such field, one level down
  await Writer.createWithRelations({ name: 'Jane', novels: [{ titel: 'Emma' }] })
  // @ts-expect-error: no such field, beside those that are there
  await Writer.createWithRelations({ name: 'Jane', novels: [{ title: 'Emma', pages: 3 }] })
  // @ts-expect-error: no such field, two levels down
  await Writer.createWithRelations({ name: 'Jane', novels: [{ title: 'Emma', editions: [{ years: 3 }] }] })
  // @ts-expect-error: of another type, two levels down
  await Writer.createWithRelations({ name: 'Jane', novels: [{ title: 'Emma', editions: [{ year: '3' }] }] })
  // @ts-expect-error: rank is guarded
  await Writer.createWithRelations({ name: 'Jane', rank: 3 })
  // @ts-expect-error: rank is guarded, one level down
  await Novel.createWithRelations({ title: 'Emma', writer: { name: 'Jane', rank: 3 } })
  // @ts-expect-error: a list is of rows; keys are connected
  await Writer.createWithRelations({ name: 'Jane', novels: [1] })
  // @ts-expect-error: an instance of another model
  await Writer.createWithRelations({ name: 'Jane', novels: [group] })
  // @ts-expect-error: no such pivot field
  await Writer.createWithRelations({ name: 'Jane', groups: [[{ title: 'b' }, { roll: 'head' }]] })
  // @ts-expect-error: a new row has nothing to delete
  await Writer.createWithRelations({ name: 'Jane', novels: { delete: [1] } })
  // @ts-expect-error: data doesn't say of which model it is
  await Note.createWithRelations({ text: 'x', about: { title: 'Emma' } })
  // @ts-expect-error: this relation cannot be written
  await Writer.createWithRelations({ name: 'Jane', editions: [{ year: 3 }] })
}

export async function saving(novel: Novel) {
  const writer = await Writer.with('country').firstOrFail()
  const saved = await writer.saveWithRelations({
    name: 'Jane',
    novels: { disconnect: novel, delete: [1], connect: novel, create: { title: 'x' }, set: [] },
    home: { delete: true, create: { street: 'x' } },
    groups: { set: [[1, { role: 'x' }]], disconnect: 2 },
  })
  is<string | undefined>()(saved.country?.name)
  is<string[]>()(saved.novels.map((each) => each.title))
  is<string[]>()(saved.groups.map((each) => each.pivot.role))
  await writer.saveWithRelations({ country: { disconnect: true } })
  await writer.saveWithRelations({ rank: 3, novels: [] }, { guarded: true })
  // @ts-expect-error: rank is guarded
  await writer.saveWithRelations({ rank: 3, novels: [] })
  // @ts-expect-error: no such operation
  await writer.saveWithRelations({ novels: { remove: [1] } })
  // @ts-expect-error: which of many?
  await writer.saveWithRelations({ novels: { disconnect: true } })
  // @ts-expect-error: no such relation
  await writer.saveWithRelations({ novel: [] })
  // @ts-expect-error: not a key of this model
  await writer.saveWithRelations({ country: { connect: 5 } })
}

export const reserved = () => {
  // @ts-expect-error: is a member of Model
  Model({ saveWithRelations: Field.string() })
}
