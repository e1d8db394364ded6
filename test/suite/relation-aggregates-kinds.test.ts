import { Field, Model, sql } from 'corm'
import { expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'
import { looseRelation as Relation } from '../support/loose.js'

class Label extends Model({ name: Field.string(), weight: Field.integer() }) {
  static works = Relation.manyToMany?.(() => Work)
}
class Work extends Model({ title: Field.string() }) {
  static labels = Relation.manyToMany?.(() => Label)
  static notes = Relation.morphMany?.(() => Note, 'about')
  static lines = Relation.hasMany?.(() => Line)
  static words = Relation.hasManyThrough?.(() => Word, { through: () => Line })
}
class Line extends Model({ workId: Field.foreignKey(() => Work) }) {}
class Word extends Model({ lineId: Field.foreignKey(() => Line), size: Field.integer() }) {}
class Note extends Model({
  stars: Field.integer(),
  aboutType: Field.string({ max: 50, nullable: true }),
  aboutId: Field.integer({ nullable: true }),
}) {
  static about = Relation.morphTo?.([() => Work, () => Label])
}

type Any = any
const works = () => Work.query().orderBy('id') as Any
const labels = () => Label.query().orderBy('id') as Any

describeDatabases('values of related rows of every kind of relation', (database) => {
  database.useTables([Label, Work, Line, Word, Note])

  const seed = async () => {
    const [red, blue, gray] = await Label.createMany([
      { name: 'red', weight: 1 },
      { name: 'blue', weight: 10 },
      { name: 'gray', weight: 100 },
    ])
    const [iliad, emma] = await Work.createMany([{ title: 'Iliad' }, { title: 'Emma' }, { title: 'none' }])
    const attach = (work: Any, list: Any[]) => work.related('labels').attach(list)
    await attach(iliad, [red, blue])
    await attach(emma, [blue, gray])
    const [first, second] = await Line.createMany([{ workId: iliad?.id ?? 0 }, { workId: iliad?.id ?? 0 }])
    await Word.createMany([
      { lineId: first?.id ?? 0, size: 3 },
      { lineId: first?.id ?? 0, size: 4 },
      { lineId: second?.id ?? 0, size: 5 },
    ])
    await Note.createMany([
      { stars: 5, aboutType: 'Work', aboutId: iliad?.id ?? 0 },
      { stars: 2, aboutType: 'Work', aboutId: iliad?.id ?? 0 },
      { stars: 1, aboutType: 'Label', aboutId: red?.id ?? 0 },
      { stars: 4 },
    ])
  }

  it('goes by way of a join table', async () => {
    await seed()
    const rows = await works()
      .withCount('labels', 'words')
      .withSum('labels', 'weight')
      .withMax('words', 'size', { as: 'longest', where: (q: Any) => q.where('size', '<', 5) })
      .withExists({ labels: { as: 'gray', where: (q: Any) => q.where('name', 'gray') } })
      .valuesList('title', 'labelsCount', 'labelsSumWeight', 'wordsCount', 'longest', 'gray')
    expect(rows).toEqual([
      ['Iliad', 2, 11, 3, 4, false],
      ['Emma', 2, 110, 0, null, true],
      ['none', 0, null, 0, null, false],
    ])
    const others = await labels().withCount({ works: { where: (q: Any) => q.where('title', '!=', 'Emma') } })
    expect(others.map((row: Any) => row.worksCount)).toEqual([1, 1, 0])
  })

  it('takes distinct rows by way of a join table once for each row', async () => {
    await seed()
    const twice = (q: Any) => q.join(Line, () => sql`1 = 1` as Any)
    const sums = (where: Any) => works().withSum('labels', 'weight', { where }).pluck('labelsSumWeight')
    expect(await sums(twice)).toEqual([22, 220, null])
    expect(await sums((q: Any) => twice(q).distinct())).toEqual([11, 110, null])
    expect(() => works().withCount({ labels: { where: (q: Any) => q.union(q) } })).toThrow(/can't read from a union/)
  })

  it('is about the rows of one model, or of several', async () => {
    await seed()
    const rows = await works()
      .withCount('notes')
      .withSum('notes', 'stars', { where: (q: Any) => q.where('stars', '>', 1) })
    expect(rows.map((row: Any) => [row.notesCount, row.notesSumStars])).toEqual([
      [2, 7],
      [0, null],
      [0, null],
    ])
    const notes = Note.query().orderBy('-stars') as Any
    const told = await notes.withCount('about').withExists('about').valuesList('stars', 'aboutCount', 'aboutExists')
    expect(told).toEqual([
      [5, 1, true],
      [4, 0, false],
      [2, 1, true],
      [1, 1, true],
    ])
    expect(await notes.withExists('about').where('aboutExists', false).pluck('stars')).toEqual([4])
    expect(() => notes.withMax('about', 'id')).toThrow(/morphTo|several|models/)
  })

  it('goes with relations loaded by way of a join table', async () => {
    await seed()
    const rows = await works().with({ labels: (q: Any) => q.withCount('works').orderBy('-worksCount').limit(1) })
    expect(rows.map((row: Any) => row.labels.map((label: Any) => [label.name, label.worksCount]))).toEqual([
      [['blue', 2]],
      [['blue', 2]],
      [],
    ])
  })
})
