import { caseWhen, Field, fn, Model, Relation, sql } from 'corm'
import { beforeEach, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Shelf extends Model({ name: Field.string() }) {
  static books = Relation.hasMany(() => Tome)
}
class Tome extends Model({
  title: Field.string(),
  pages: Field.integer(),
  body: Field.text({ lazy: true, nullable: true }),
  shelfId: Field.foreignKey(() => Shelf),
}) {
  static shelf = Relation.belongsTo(() => Shelf)
  static readings = Relation.hasMany(() => Reading)
  static marks = Relation.manyToMany(() => Mark)
}
class Reading extends Model({
  stars: Field.integer(),
  cost: Field.decimal({ precision: 12, scale: 2 }),
  steps: Field.bigInteger(),
  tomeId: Field.foreignKey(() => Tome),
}) {}
class Mark extends Model({ word: Field.string() }) {
  static tomes = Relation.manyToMany(() => Tome)
}
class TomeNote extends Model({ text: Field.string(), tomeId: Field.foreignKey(() => Tome) }) {}

describeDatabases('annotations that are used several times', (database) => {
  database.useTables([Shelf, Tome, Reading, Mark, TomeNote])

  /** Tome t1 to t6 have 1 to 6 readings, on two shelves in turn. */
  beforeEach(async () => {
    const shelves = await Shelf.createMany([{ name: 'high' }, { name: 'low' }])
    const tomes = await Tome.createMany(
      [1, 2, 3, 4, 5, 6].map((n) => ({
        title: `t${n}`,
        pages: 100 - n,
        body: `b${n}`,
        shelfId: shelves[n % 2]?.id ?? 0,
      })),
    )
    await Reading.createMany(
      tomes.flatMap((tome, i) =>
        Array.from({ length: i + 1 }, (_, k) => ({
          stars: k,
          cost: `${k}.10`,
          steps: 9007199254740993n,
          tomeId: tome.id,
        })),
      ),
    )
    await TomeNote.createMany(tomes.map((tome, i) => ({ text: `n${i + 1}`, tomeId: tome.id })))
    const mark = await Mark.create({ word: 'red' })
    await mark.related('tomes').attach(tomes.slice(2))
  })
  const counted = () => Tome.query().annotate({ n: (c) => fn.count(c.readings) })

  it('may be selected, asked about and sorted by', async () => {
    const rows = await counted().where('n', '>', 2).where('n', '<', 6).where('pages', '<', 97).orderBy('-n')
    expect(rows.map(({ title, n, pages }) => [title, n, pages])).toEqual([
      ['t5', 5, 95],
      ['t4', 4, 96],
    ])
    const [first] = rows
    expect(first).toBeInstanceOf(Tome)
    if (first === undefined) return
    first.pages = 7
    await first.save()
    expect((await Tome.find(first.id))?.pages).toBe(7)
  })

  it('may be cut and offset by, in an order of it or not', async () => {
    const query = counted().where('n', '>', 1)
    expect(await query.orderBy('-n').limit(2).pluck('title')).toEqual(['t6', 't5'])
    expect(await query.orderBy('n').limit(2).offset(1).pluck('title')).toEqual(['t3', 't4'])
    expect(await query.orderBy('pages').limit(2).pluck('title')).toEqual(['t6', 't5'])
    expect((await query.orderBy('-n').first())?.n).toBe(6)
  })

  it('counts, exists, aggregates', async () => {
    const query = counted().where('n', '>', 1).where('n', '<', 6)
    expect(await query.count()).toBe(4)
    expect(await query.exists()).toBe(true)
    expect(await query.aggregate({ all: (c) => fn.sum(c.n), most: (c) => fn.max(c.n), k: () => fn.count() })).toEqual({
      all: 14,
      most: 5,
      k: 4,
    })
    expect(
      await query
        .orderBy('-n')
        .limit(2)
        .aggregate({ all: (c) => fn.sum(c.n), low: (c) => fn.min(c.n) }),
    ).toEqual({
      all: 9,
      low: 4,
    })
  })

  it('has pages, numbered and by cursor', async () => {
    const query = counted().where('n', '>', 1).orderBy('-n')
    const page = await query.paginate({ page: 2, size: 2 })
    expect([page.total, page.items.map(({ n }) => n)]).toEqual([5, [4, 3]])
    const seen: number[] = []
    let after: string | null | undefined
    do {
      const cursor = await query.cursorPaginate({ size: 2, after: after ?? undefined })
      seen.push(...cursor.items.map(({ n }) => n))
      after = cursor.nextCursor
    } while (after)
    expect(seen).toEqual([6, 5, 4, 3, 2])
  })

  it('streams, loads relations and joins', async () => {
    const streamed: number[] = []
    for await (const { n } of counted().where('n', '>', 3).orderBy('n').stream()) streamed.push(n)
    expect(streamed).toEqual([4, 5, 6])
    const loaded = await counted().where('n', '>', 4).orderBy('-n').with('readings', 'shelf', 'marks')
    expect(loaded.map((tome) => [tome.readings.length, tome.shelf.name, tome.marks.length])).toEqual([
      [6, 'high', 1],
      [5, 'low', 1],
    ])
    const joined = await counted()
      .join(TomeNote, (c, t) => t.tomeId.eq(c.id), { alias: 'note' })
      .annotate({ text: (_, t) => t.note.text })
      .where('n', '>', 4)
      .where((_, t) => t.note.text.ne('n5'))
      .orderBy('-n')
      .orderBy((_, t) => t.note.text.desc())
    expect(joined.map(({ n, text }) => [n, text])).toEqual([[6, 'n6']])
    const paths = await counted()
      .where('n', '>', 2)
      .orderBy((c) => c.shelf.name, '-n')
      .annotate({ place: (c) => c.shelf.name.concat('!') })
    expect(paths.map(({ n, place }) => [n, place])).toEqual([
      [6, 'high!'],
      [4, 'high!'],
      [5, 'low!'],
      [3, 'low!'],
    ])
  })

  it('is used by annotations of its own, and by windows', async () => {
    const query = counted()
      .annotate({ twice: (c) => c.n.times(2), size: (c) => caseWhen(c.n.gt(4), 'big').else('small') })
      .annotate({ place: (c) => fn.rowNumber().over({ orderBy: c.twice.desc() }) })
    const rows = await query.where('twice', '>', 6).orderBy('n')
    expect(rows.map(({ n, twice, size, place }) => [n, twice, size, place])).toEqual([
      [4, 8, 'small', 3],
      [5, 10, 'big', 2],
      [6, 12, 'big', 1],
    ])
    expect((await query.where('place', '<=', 2).where('n', '<', 9).orderBy('n')).map(({ n }) => n)).toEqual([5, 6])
    expect(await query.orderBy('-twice').limit(1).pluck('twice')).toEqual([12])
  })

  it('goes with values that are only asked about', async () => {
    const query = counted()
      .withSum('readings', 'cost')
      .where('readingsSumCost', '>', '3.5')
      .where('n', '>', 1)
      .join(TomeNote, (c, t) => t.tomeId.eq(c.id).and(c.readingsSumCost.lt('15')), { alias: 'note' })
    expect(await query.where('n', '<', 9).orderBy('-n').pluck('title')).toEqual(['t5', 't4'])
    expect(await query.count()).toBe(2)
  })

  it('keeps the digits of decimals and wide integers, in conditions and orders', async () => {
    const query = Tome.query()
      .withSum('readings', 'cost')
      .withMax('readings', 'steps')
      .withSum('readings', 'steps', { as: 'all' })
    const rows = await query
      .where('readingsSumCost', '>', '1.2')
      .where('readingsMaxSteps', 9007199254740993n)
      .orderBy('-readingsSumCost')
    expect(rows.map((row) => [row.title, row.readingsSumCost?.toFixed(2), row.readingsMaxSteps])).toEqual([
      ['t6', '15.60', 9007199254740993n],
      ['t5', '10.50', 9007199254740993n],
      ['t4', '6.40', 9007199254740993n],
      ['t3', '3.30', 9007199254740993n],
    ])
    expect(await query.orderBy('-all').limit(2).pluck('title')).toEqual(['t6', 't5'])
    expect(await query.orderBy('readingsSumCost').where('all', '>', 9007199254740993n).limit(2).pluck('title')).toEqual(
      ['t2', 't3'],
    )
  })

  it('is true or false as well', async () => {
    const query = Tome.query().withExists({ readings: { as: 'praised', where: (q) => q.where('stars', '>', 3) } })
    const rows = await query.where('praised', true).orderBy('praised', 'title')
    expect(rows.map(({ title, praised }) => [title, praised])).toEqual([
      ['t5', true],
      ['t6', true],
    ])
    expect(await query.orderBy('-praised', 'title').limit(3).pluck('title')).toEqual(['t5', 't6', 't1'])
  })

  it('is grouped by, and aggregated in groups', async () => {
    const groups = await counted()
      .groupBy('shelfId')
      .where('n', '>', 1)
      .having((c) => fn.sum(c.n).gt(8))
      .orderBy('shelfId')
      .aggregate({ all: (c) => fn.sum(c.n), most: (c) => fn.max(c.n) })
    expect(groups.map(({ all, most }) => [all, most])).toEqual([[12, 6]])
    const byCount = await counted()
      .where('n', '>', 4)
      .groupBy('n')
      .orderBy('-n')
      .aggregate({ k: () => fn.count() })
    expect(byCount).toEqual([
      { n: 6, k: 1 },
      { n: 5, k: 1 },
    ])
  })

  it('is distinct, a part of unions and a source', async () => {
    expect(await counted().where('n', '>', 4).distinct().orderBy('-n').select('title', 'n').pluck('n')).toEqual([6, 5])
    const both = counted()
      .where('n', '>', 4)
      .union(counted().where('n', '<', 2).orderBy('n').limit(1))
    expect(await both.where('n', '<', 6).where('n', '>', 0).orderBy('-n').pluck('n')).toEqual([5, 1])
    const source = Tome.query().from(counted().where('n', '>', 2).orderBy('-n').limit(3))
    expect(await source.where('n', '<', 6).orderBy('n').pluck('n')).toEqual([4, 5])
  })

  it('is a condition of updates and deletes, and of relations', async () => {
    expect(await counted().where('n', '>', 4).where('n', '<', 6).update({ pages: 1 })).toBe(1)
    expect(await counted().where('n', '>', 1).orderBy('-n').limit(1).update({ pages: 2 })).toBe(1)
    expect(await Tome.query().where('pages', '<', 3).orderBy('title').pluck('pages')).toEqual([1, 2])
    const shelves = await Shelf.query()
      .orderBy('name')
      .whereHas('books', (q) =>
        q
          .annotate({ n: (c) => fn.count(c.readings) })
          .where('n', '>', 5)
          .where('n', '<', 9),
      )
      .with({
        books: (q) =>
          q
            .annotate({ n: (c) => fn.count(c.readings) })
            .where('n', '>', 2)
            .orderBy('-n')
            .limit(1),
      })
    expect(shelves.map(({ name, books }) => [name, books.map(({ n }) => n)])).toEqual([['high', [6]]])
    const mark = await Mark.query()
      .with({
        tomes: (q) =>
          q
            .annotate({ n: (c) => fn.count(c.readings) })
            .where('n', '>', 3)
            .orderBy('-n'),
      })
      .firstOrFail()
    expect(mark.tomes.map(({ n }) => n)).toEqual([6, 5, 4])
    const ofMark = mark.related('tomes').annotate({ n: (c) => fn.count(c.readings) })
    expect(await ofMark.where('n', '>', 3).orderBy('-n').pluck('title')).toEqual(['t6', 't5', 't4'])
    await Reading.query().all().delete()
    expect(await counted().where('n', 0).where('n', '<', 3).orderBy('n').where('title', 't1').count()).toBe(1)
  })

  it('has alternatives, and locks the rows of the statement', async () => {
    const either = counted()
      .where('n', '>', 5)
      .orWhere((c) => c.n.lt(2))
      .orderBy('n')
    expect(await either.pluck('title')).toEqual(['t1', 't6'])
    await database.db.transaction(async () => {
      expect(await either.lock('update').pluck('title')).toEqual(['t1', 't6'])
    })
  })

  it('is computed once for each row', async () => {
    const query = counted().where('n', '>', 1).where('n', '<', 6).orderBy('-n')
    if (database.kind === 'sqlite') {
      let calls = 0
      await database.db.connection((raw) => {
        const driver = raw as { function(name: string, options: object, work: (value: unknown) => unknown): void }
        driver.function('corm_counted', { deterministic: false }, (value) => {
          calls++
          return value
        })
      })
      const heavy = Tome.query().annotate({
        n: sql<number>`(select corm_counted(count(*)) from ${sql.id('readings')} r where r.tome_id = ${Tome.columns.id})`,
      })
      expect(await heavy.where('n', '>', 1).where('n', '<', 6).orderBy('-n').limit(2).pluck('n')).toEqual([5, 4])
      expect(calls).toBe(6)
    } else {
      const plan = await query.explain()
      const found = String(plan).match(database.kind === 'mysql' ? /derived/i : /SubPlan \d+\n/g)
      expect(new Set(found).size, String(plan)).toBe(1)
    }
  })
})
