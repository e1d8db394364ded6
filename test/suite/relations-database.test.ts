import { Database, Field, Model, Relation } from 'corm'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

const OTHER = { database: 'relations other' }

class Song extends Model({ name: Field.string() }, OTHER) {
  static tags = Relation.manyToMany(() => Tag)
  static lists = Relation.manyToMany(() => List, { through: () => Entry })
  static labels = Relation.morphToMany(() => Label, 'labelable')
  static alike = Relation.manyToMany(() => Song, { symmetrical: true, through: 'alike_songs' })
  static verses = Relation.hasMany(() => Verse)
}
class Tag extends Model({ name: Field.string() }, OTHER) {
  static songs = Relation.manyToMany(() => Song)
}
class List extends Model({ name: Field.string() }, OTHER) {}
class Label extends Model({ name: Field.string() }, OTHER) {
  static songs = Relation.morphedByMany(() => Song, 'labelable')
}
/** Says nothing of a database: its rows are where those that it links are. */
class Entry extends Model({ songId: Field.foreignKey(() => Song), listId: Field.foreignKey(() => List) }) {}
class Verse extends Model({ text: Field.string(), songId: Field.foreignKey(() => Song, { nullable: true }) }, OTHER) {
  static song = Relation.belongsTo(() => Song)
}

describeDatabases('relations of models in a database of another name', (database) => {
  const tables = [Song, Tag, List, Label, Entry, Verse]
  let other: Database
  beforeAll(async () => {
    other = await Database.connect({ name: OTHER.database, url: database.url })
    await other.createTables(tables)
  })
  afterAll(async () => {
    await other.dropTables(tables)
    await other.close()
  })
  const strayed: string[] = []
  beforeEach(() => {
    strayed.length = 0
    return database.db.on('query', ({ sql }) => strayed.push(sql))
  })

  const everyWrite = async () => {
    const [a, b] = await Song.createMany([{ name: 'a' }, { name: 'b' }])
    if (!a || !b) throw new Error('created')
    const tag = await Tag.create({ name: 't' })
    const list = await List.create({ name: 'l' })
    const label = await Label.create({ name: 'x' })
    const seen: unknown[] = []
    const linked = async <R>(write: Promise<R>) => seen.push([await write, await a.related('tags').count()])
    await linked(a.related('tags').attach(tag))
    await linked(a.related('tags').detach(tag))
    await linked(a.related('tags').toggle(tag.id))
    await linked(a.related('tags').clear())
    await linked(a.related('tags').sync([tag]))
    await linked(tag.related('songs').detach(a))
    await linked(Song.attachMany('tags', [[a.id, tag.id]]))
    await linked(Song.detachMany('tags', [[a.id, tag.id]]))
    expect(seen.map((one) => (one as [unknown, number])[1])).toEqual([1, 0, 1, 0, 1, 0, 1, 0])
    const made = await a.related('tags').create({ name: 'made' })
    expect(await made.related('songs').pluck('name')).toEqual(['a'])
    await a.related('lists').attach(list)
    await a.related('labels').attach(label)
    await a.related('alike').attach(b)
    expect(await a.related('lists').pluck('name')).toEqual(['l'])
    expect(await label.related('songs').pluck('name')).toEqual(['a'])
    expect(await b.related('alike').pluck('name')).toEqual(['a'])
    const verse = await a.related('verses').create({ text: 'v' })
    await b.related('verses').attach(verse)
    await verse.related('song').associate(a)
    const nested = await Song.createWithRelations({ name: 'n', tags: [{ name: 'u' }], verses: [{ text: 'w' }] })
    expect(await nested.related('tags').pluck('name')).toEqual(['u'])
    expect(await Entry.using(other).count()).toBe(1)
    for (const each of [a.related('lists'), a.related('labels'), a.related('alike')]) expect(await each.clear()).toBe(1)
    for (const model of [Verse, Song]) await model.all().forceDelete()
    for (const model of [Tag, List, Label]) await model.all().forceDelete()
  }

  it('every write stays in it', async () => {
    await everyWrite()
    expect(strayed).toEqual([])
  })
  it('and in a transaction of it', async () => {
    await other.transaction(everyWrite)
    expect(strayed).toEqual([])
  })
})
