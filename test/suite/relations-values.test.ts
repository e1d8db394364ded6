import { Field, fn, Model, Relation } from 'corm'
import { beforeEach, expect, it } from 'vitest'
import { expectQueries } from '../support/count-queries.js'
import { describeDatabases } from '../support/databases.js'

// Values of related rows are the same whichever way they come: in rows of their own, or along with the rows they belong to.

class Shelf extends Model({ label: Field.string() }, { table: 'value_shelves' }) {
  static samples = Relation.hasMany(() => Sample)
  static texts = Relation.hasMany(() => Essay)
  static marks = Relation.manyToMany(() => Mark, {
    pivot: { weight: Field.bigInteger({ nullable: true }), since: Field.dateTime({ nullable: true }) },
  })
}

class Sample extends Model(
  {
    shelfId: Field.foreignKey(() => Shelf),
    big: Field.bigInteger({ nullable: true }),
    asText: Field.bigInteger({ as: 'string', nullable: true }),
    float: Field.float({ nullable: true }),
    money: Field.decimal({ precision: 18, scale: 4, nullable: true }),
    exact: Field.decimal({ precision: 30, scale: 10, as: 'string', nullable: true }),
    on: Field.boolean({ nullable: true }),
    text: Field.string({ nullable: true }),
    size: Field.enum(['small', 'large'], { nullable: true }),
    key: Field.uuid({ nullable: true }),
    at: Field.dateTime({ nullable: true }),
    day: Field.date({ nullable: true }),
    time: Field.time({ nullable: true }),
    parentId: Field.foreignKey(() => Sample, { nullable: true, onDelete: 'cascade' }),
    deletedAt: Field.softDelete(),
  },
  { table: 'value_samples' },
) {
  static parts = Relation.hasMany(() => Sample, { foreignKey: 'parentId' })
  static shelf = Relation.belongsTo(() => Shelf)
}

class Essay extends Model(
  { shelfId: Field.foreignKey(() => Shelf), body: Field.text(), meta: Field.json<object>(), bytes: Field.binary() },
  { table: 'value_essays' },
) {}

class Mark extends Model({ name: Field.string() }, { table: 'value_marks' }) {}

const EMPTY = {
  big: null,
  asText: null,
  float: null,
  money: null,
  exact: null,
  on: null,
  text: null,
  size: null,
  key: null,
  at: null,
  day: null,
  time: null,
}
const ROWS = [
  EMPTY,
  {
    big: 9223372036854775807n,
    asText: '-9223372036854775808',
    float: 0.1 + 0.2,
    money: '12345678901234.5678',
    exact: '12345678901234567890.0123456789',
    on: true,
    text: '"quoted" \\ back\n\ttab \u2028 é 😀 [1,2] null',
    size: 'large' as const,
    key: '01890a5d-ac96-774b-bcce-b302099a8057',
    at: new Date('2026-11-25T12:34:56.789Z'),
    day: '2026-02-28',
    time: '23:59:58',
  },
  { ...EMPTY, big: 9007199254740993n, float: 5e-324, money: '-0.0001', on: false, text: '' },
  { ...EMPTY, big: -1n, float: 1.7976931348623157e308, at: new Date('1969-07-20T20:17:40.001Z'), text: '[[1]]' },
  { ...EMPTY, float: -123456789.123456, text: "it's null", money: '0.0000' },
]

const createShelf = (label: string) => Shelf.create({ label })

describeDatabases('values of related rows', (database) => {
  database.useTables([Shelf, Sample, Essay, Mark])
  let first: Awaited<ReturnType<typeof createShelf>>
  let second: typeof first
  beforeEach(async () => {
    first = await createShelf('first')
    second = await createShelf('second')
    await Sample.createMany(ROWS.map((row) => ({ ...row, shelfId: first.id })))
    await Sample.create({ ...EMPTY, shelfId: second.id, text: 'other' })
  })
  const plain = (samples: readonly Sample[]) => samples.map((sample) => ({ ...sample }))

  it('are those of a query of their own, to the last digit', async () => {
    const shelves = await Shelf.with('samples').orderBy('id')
    for (const shelf of shelves) {
      const apart = await Sample.where('shelfId', shelf.id).orderBy('id')
      const together = [...shelf.samples].sort((a, b) => a.id - b.id)
      expect(plain(together)).toEqual(plain(apart))
      expect(together.map((sample) => sample.constructor)).toEqual(apart.map(() => Sample))
    }
    expect(shelves.map((shelf) => shelf.samples.length)).toEqual([ROWS.length, 1])
  })

  it('are originals: nothing is changed, and what is changed is saved', async () => {
    const [shelf] = await Shelf.with('samples').orderBy('id').limit(1)
    const samples = [...shelf!.samples].sort((a, b) => a.id - b.id)
    expect(samples.map((sample) => sample.isDirty())).toEqual(ROWS.map(() => false))
    await expectQueries(0, () => samples[1]!.save())
    samples[1]!.big = -5n
    expect(samples[1]!.isDirty('big')).toBe(true)
    await expectQueries(1, () => samples[1]!.save())
    expect((await Sample.findOrFail(samples[1]!.id)).big).toBe(-5n)
  })

  it('leave deleted rows out, and rows of others', async () => {
    const gone = await Sample.where('text', '').sole()
    await gone.delete()
    const shelves = await Shelf.with('samples').orderBy('id')
    expect(shelves.map((shelf) => shelf.samples.length)).toEqual([ROWS.length - 1, 1])
    const all = await Shelf.with({ samples: (q) => q.withTrashed() }).orderBy('id')
    expect(all.map((shelf) => shelf.samples.length)).toEqual([ROWS.length, 1])
  })

  it('go on below: rows of the same table, of rows that came along, and awaited ones', async () => {
    const root = await Sample.where('text', 'other').sole()
    await Sample.createMany(
      [1, 2, 3].map((n) => ({ ...EMPTY, shelfId: first.id, parentId: root.id, text: `part ${n}` })),
    )
    const shelves = await Shelf.with('samples.parts.shelf').orderBy('-id')
    expect(shelves[0]!.samples[0]!.parts.map((part) => [part.text, part.shelf.label])).toEqual([
      ['part 1', 'first'],
      ['part 2', 'first'],
      ['part 3', 'first'],
    ])
    const [shelf] = await Shelf.with('samples').orderBy('-id')
    const samples = await expectQueries(1, async () => {
      for (const sample of shelf!.samples) await sample.parts
      return shelf!.samples
    })
    expect(samples[0]!.parts).toHaveLength(3)
  })

  it('come with chosen fields, limits, counts and offsets of their owners', async () => {
    const [one] = await Shelf.query()
      .select('id')
      .with('samples')
      .withCount('samples')
      .orderBy('label')
      .limit(1)
      .offset(1)
    expect([one!.samplesCount, one!.samples.map((sample) => sample.text)]).toEqual([1, ['other']])
    const shelf = await Shelf.with('samples').findOrFail(second.id)
    expect(shelf.samples.map((sample) => sample.shelfId)).toEqual([second.id])
    const counted = await Shelf.with('samples')
      .annotate({ most: (c) => fn.max(c.samples.float) })
      .orderBy('id')
    expect(counted.map((each) => [each.most, each.samples.length])).toEqual([
      [1.7976931348623157e308, ROWS.length],
      [null, 1],
    ])
  })

  it('of long texts, documents and bytes come too', async () => {
    const body = `${'long "text" '.repeat(2000)}\n`
    await Essay.create({ shelfId: first.id, body, meta: { a: [1, 'x'] }, bytes: new Uint8Array([0, 255, 10]) })
    const shelves = await Shelf.with('texts', 'samples').orderBy('id')
    expect(shelves[0]!.texts.map((essay) => [essay.body, essay.meta, [...essay.bytes]])).toEqual([
      [body, { a: [1, 'x'] }, [0, 255, 10]],
    ])
    expect(shelves[1]!.texts).toHaveLength(0)
  })

  it('of a join table come with each row', async () => {
    const [red, blue] = await Mark.createMany([{ name: 'red' }, { name: 'blue' }])
    const since = new Date('2026-01-02T03:04:05.006Z')
    await first.related('marks').attach(red!, { weight: 9007199254740993n, since })
    await Shelf.attachMany('marks', [
      [first, blue!],
      [second, blue!],
    ])
    const shelves = await Shelf.with('marks').orderBy('id')
    const pivots = shelves.map((shelf) =>
      [...shelf.marks].sort((a, b) => a.id - b.id).map((mark) => ({ ...mark.pivot })),
    )
    const pair = (shelf: typeof first, mark: Mark | undefined) => ({ shelfId: shelf.id, markId: mark?.id })
    expect(pivots).toEqual([
      [
        { ...pair(first, red), weight: 9007199254740993n, since },
        { ...pair(first, blue), weight: null, since: null },
      ],
      [{ ...pair(second, blue), weight: null, since: null }],
    ])
    expect(shelves[0]!.marks[0]).not.toBe(shelves[1]!.marks[0])
  })

  it('of a thousand owners and more belong to theirs', async () => {
    await Shelf.insertMany(Array.from({ length: 1100 }, (_, n) => ({ label: `many ${n}` })))
    const ids = await Shelf.where('label', 'startsWith', 'many').orderBy('id').pluck('id')
    await Sample.insertMany(ids.flatMap((id) => [1n, 2n].map((n) => ({ ...EMPTY, shelfId: id, big: BigInt(id) * n }))))
    const shelves = await Shelf.with('samples').where('label', 'startsWith', 'many').orderBy('id')
    expect(shelves.map((shelf) => shelf.samples.map((sample) => sample.big).sort())).toEqual(
      ids.map((id) => [BigInt(id), BigInt(id) * 2n]).map((list) => list.sort()),
    )
  })
  it('are not looked for in a whole table once for each owner', async () => {
    class Bin extends Model({ code: Field.string() }, { table: 'value_bins' }) {
      static parts = Relation.hasMany(() => BinPart, { foreignKey: 'binId' })
    }
    // no foreign key, so no index either
    class BinPart extends Model({ binId: Field.integer(), name: Field.string() }, { table: 'value_bin_parts' }) {}
    await database.db.createTables([Bin, BinPart])
    try {
      const [one, two] = await Bin.createMany([{ code: 'one' }, { code: 'two' }])
      await BinPart.createMany([one, two, one].map((bin, n) => ({ binId: bin!.id, name: `part ${n}` })))
      const bins = await expectQueries(2, () => Bin.with('parts').orderBy('id'))
      expect(bins.map((bin) => bin.parts.map(({ name }) => name).sort())).toEqual([['part 0', 'part 2'], ['part 1']])
      expect(database.db.lastSQL).not.toContain('explain')
    } finally {
      await database.db.dropTables([Bin, BinPart])
    }
  })
})
