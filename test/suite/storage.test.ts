import { Database, Decimal, Field, fn, Relation, sql } from 'corm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectQueries } from '../support/count-queries.js'
import { looseModel } from '../support/loose.js'

// Files of SQLite as other programs write them: read, compared, ordered, summed and written in their form.

/** How one program keeps a row, and the same row as its model reads it. */
interface Layout {
  readonly program: string
  /** Declared types of the columns. */
  readonly types: {
    readonly at: string
    readonly price: string
    readonly active: string
    readonly key: string
    readonly data?: string
  }
  readonly fields: () => {
    readonly at: any
    readonly price: any
    readonly active: any
    readonly key: any
    readonly data?: any
  }
  /** SQL of the three moments of `MOMENTS`. */
  readonly at: readonly [string, string, string]
  /** SQL of 5, 5.5 and -0.25. */
  readonly price?: readonly [string, string, string]
  readonly active?: readonly [yes: string, no: string]
  /** SQL of the key `…-0001` and so on. */
  readonly keyOf?: (uuid: string) => string
  readonly data?: (json: string) => string
  /** Milliseconds that the program keeps of a moment. */
  readonly step?: number
}

const UUIDS = [
  '0b1c2d3e-4f50-4a61-8b72-9c83ad94be01',
  'f81d4fae-7dec-41d0-a765-00a0c91e6bf6',
  'ffeeddcc-bbaa-4998-8776-655443322110',
] as const
const MOMENTS = ['2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.120Z', '2026-03-31T23:59:59.999Z'].map(
  (iso) => new Date(iso),
)
const PRICES = ['5', '5.5', '-0.25']

const text = (uuid: string) => `'${uuid}'`
const hex = (uuid: string) => `'${uuid.replaceAll('-', '')}'`
const upper = (uuid: string) => `'${uuid.toUpperCase()}'`
const bytes = (uuid: string) => `x'${uuid.replaceAll('-', '')}'`
const guid = (uuid: string) => {
  const digits = uuid.replaceAll('-', '')
  const part = (order: number[]) => order.map((at) => digits.slice(at * 2, at * 2 + 2)).join('')
  return `x'${part([3, 2, 1, 0])}${part([5, 4])}${part([7, 6])}${digits.slice(16)}'`
}

const numeric = {
  price: () => Field.decimal({ precision: 10, scale: 2, storage: 'numeric' }),
  active: () => Field.boolean(),
}
const usual = { price: 'decimal(10, 2)', active: 'bool', key: 'char(36)' }

const fields =
  (at: object, key: object, more: object = {}) =>
  () => ({
    at: Field.dateTime(at as never),
    price: numeric.price(),
    active: numeric.active(),
    key: Field.uuid({ primaryKey: true, ...key } as never),
    ...more,
  })

const LAYOUTS: readonly Layout[] = [
  {
    program: 'Django',
    types: { ...usual, at: 'datetime', key: 'char(32)', data: 'text' },
    fields: fields({ digits: 6, trim: true }, { storage: 'hex' }, { data: Field.json() }),
    at: ["'2026-01-02 03:04:05'", "'2026-01-02 03:04:05.120000'", "'2026-03-31 23:59:59.999000'"],
    keyOf: hex,
  },
  {
    program: 'SQLAlchemy',
    types: { ...usual, at: 'DATETIME', active: 'BOOLEAN', key: 'CHAR(32)', data: 'JSON' },
    fields: fields({ digits: 6 }, { storage: 'hex' }, { data: Field.json() }),
    at: ["'2026-01-02 03:04:05.000000'", "'2026-01-02 03:04:05.120000'", "'2026-03-31 23:59:59.999000'"],
    keyOf: hex,
  },
  {
    program: 'TypeORM',
    types: { ...usual, at: 'datetime', active: 'boolean', key: 'varchar' },
    fields: fields({}, {}),
    at: ["'2026-01-02 03:04:05.000'", "'2026-01-02 03:04:05.120'", "'2026-03-31 23:59:59.999'"],
  },
  {
    program: 'Sequelize',
    types: { ...usual, at: 'DATETIME', active: 'TINYINT(1)', key: 'UUID', data: 'JSON' },
    fields: fields({ zone: ' +00:00' }, {}, { data: Field.json() }),
    at: ["'2026-01-02 03:04:05.000 +00:00'", "'2026-01-02 03:04:05.120 +00:00'", "'2026-03-31 23:59:59.999 +00:00'"],
  },
  {
    program: 'Prisma',
    types: { ...usual, at: 'DATETIME', active: 'BOOLEAN', key: 'TEXT', data: 'JSONB' },
    fields: fields({ storage: 'iso', zone: '+00:00' }, {}, { data: Field.json() }),
    at: ["'2026-01-02T03:04:05.000+00:00'", "'2026-01-02T03:04:05.120+00:00'", "'2026-03-31T23:59:59.999+00:00'"],
  },
  {
    program: 'an ISO writer',
    types: { ...usual, at: 'text', key: 'text' },
    fields: fields({ storage: 'iso' }, {}),
    at: ["'2026-01-02T03:04:05.000Z'", "'2026-01-02T03:04:05.120Z'", "'2026-03-31T23:59:59.999Z'"],
  },
  {
    program: 'an ISO writer that trims',
    types: { ...usual, at: 'text', key: 'text' },
    fields: fields({ storage: 'iso', trim: 'zeros' }, {}),
    at: ["'2026-01-02T03:04:05Z'", "'2026-01-02T03:04:05.12Z'", "'2026-03-31T23:59:59.999Z'"],
  },
  {
    program: 'Drizzle in milliseconds',
    types: { ...usual, at: 'integer', active: 'integer', key: 'text', data: 'blob' },
    fields: fields({ storage: 'milliseconds' }, {}, { data: Field.json({ storage: 'blob' }) }),
    at: ['1767323045000', '1767323045120', '1775001599999'],
    data: (json) => `cast('${json}' as blob)`,
  },
  {
    program: 'Drizzle in seconds',
    types: { ...usual, at: 'integer', active: 'integer', key: 'blob' },
    fields: fields({ storage: 'seconds' }, { storage: 'blob' }),
    at: ['1767323045', '1767323046', '1775001599'],
    keyOf: bytes,
    step: 1000,
  },
  {
    program: 'Knex',
    types: { ...usual, price: 'float', at: 'datetime', active: 'boolean' },
    fields: fields({ storage: 'milliseconds' }, {}),
    at: ['1767323045000', '1767323045120', '1775001599999'],
  },
  {
    program: 'MikroORM',
    types: { ...usual, price: 'numeric(10,2)', at: 'datetime', active: 'integer', key: 'text', data: 'json' },
    fields: fields({ storage: 'milliseconds' }, {}, { data: Field.json() }),
    at: ['1767323045000', '1767323045120', '1775001599999'],
  },
  {
    program: 'Lucid',
    types: { ...usual, at: 'datetime', active: 'boolean' },
    fields: fields({ digits: 0 }, {}),
    at: ["'2026-01-02 03:04:05'", "'2026-01-02 03:04:06'", "'2026-03-31 23:59:59'"],
    step: 1000,
  },
  {
    program: 'Rails of old',
    types: { ...usual, at: 'datetime', active: 'varchar' },
    fields: () => ({ ...fields({ digits: 6 }, {})(), active: Field.boolean({ storage: 'text', words: ['t', 'f'] }) }),
    at: ["'2026-01-02 03:04:05.000000'", "'2026-01-02 03:04:05.120000'", "'2026-03-31 23:59:59.999000'"],
    active: ["'t'", "'f'"],
  },
  {
    program: 'EF Core',
    types: { ...usual, price: 'TEXT', at: 'TEXT', active: 'INTEGER', key: 'TEXT' },
    fields: () => ({
      ...fields({ digits: 7, trim: 'zeros' }, { storage: 'upper' })(),
      price: Field.decimal({ precision: 10, scale: 2, storage: 'text' }),
    }),
    at: ["'2026-01-02 03:04:05'", "'2026-01-02 03:04:05.12'", "'2026-03-31 23:59:59.999'"],
    price: ["'5.0'", "'5.50'", "'-0.25'"],
    keyOf: upper,
  },
  {
    program: 'a .NET program',
    types: { ...usual, at: 'real', key: 'blob' },
    fields: fields({ storage: 'julian' }, { storage: 'guid' }),
    at: [
      "julianday('2026-01-02 03:04:05.000')",
      "julianday('2026-01-02 03:04:05.120')",
      "julianday('2026-03-31 23:59:59.999')",
    ],
    keyOf: guid,
  },
]

const iso = (date: Date) => date.toISOString()

describe.each(LAYOUTS.map((layout) => [layout.program, layout] as const))('a file of %s', (_, layout) => {
  const { types, step = 1, keyOf = text, data = (json) => `'${json}'` } = layout
  const price = layout.price ?? ['5', '5.5', '-0.25']
  const [yes, no] = layout.active ?? ['1', '0']
  const hasData = types.data !== undefined
  const moments = layout.at.map((__, i) =>
    step === 1
      ? (MOMENTS[i] as Date)
      : new Date(Math.ceil((i === 2 ? MOMENTS[i]!.getTime() - 999 : MOMENTS[i]!.getTime()) / 1000) * 1000),
  )
  const Row: any = class Row extends looseModel(
    { ...layout.fields(), note: Field.string({ default: '' }) },
    { table: 'rows' },
  ) {
    static lines = Relation.hasMany(() => Line as never)
  }
  const Line: any = class Line extends looseModel(
    { rowKey: Field.foreignKey(() => Row, { key: 'uuid' }), text: Field.string() },
    { table: 'lines' },
  ) {
    static row = Relation.belongsTo(() => Row as never)
  }
  let db: Database
  beforeAll(async () => {
    db = await Database.connect('sqlite::memory:')
    const columns = ['at', 'price', 'active', 'key', ...(hasData ? ['data'] : [])]
    const declared = columns.map(
      (name) => `${name} ${types[name as 'at']} not null${name === 'key' ? ' primary key' : ''}`,
    )
    await db.execute(sql.raw(`create table rows (${declared.join(', ')}, note varchar(20))`))
    await db.execute(sql.raw('create index rows_at on rows (at)'))
    await db.execute(
      sql.raw(
        `create table lines (id integer primary key, row_key ${types.key} not null references rows (key), text varchar(20))`,
      ),
    )
    for (const [i, uuid] of UUIDS.entries()) {
      const values = [
        layout.at[i],
        price[i],
        i === 1 ? no : yes,
        keyOf(uuid),
        ...(hasData ? [data(`{"n":${i}}`)] : []),
        "'old'",
      ]
      await db.execute(sql.raw(`insert into rows values (${values.join(', ')})`))
      await db.execute(sql.raw(`insert into lines (row_key, text) values (${keyOf(uuid)}, 'line ${i}')`))
    }
  })
  afterAll(() => db.close())

  const notes = async (query: any) => (await query.orderBy('at').get()).map((row: any) => UUIDS.indexOf(row.key))

  it('is read', async () => {
    const rows = await Row.query().orderBy('at').get()
    expect(rows.map((row: any) => [row.key, iso(row.at), String(row.price), row.active])).toEqual(
      UUIDS.map((uuid, i) => [uuid, iso(moments[i] as Date), PRICES[i], i !== 1]),
    )
    if (hasData) expect(rows.map((row: any) => row.data)).toEqual([{ n: 0 }, { n: 1 }, { n: 2 }])
    for (const row of rows) {
      expect(row.isDirty()).toBe(false)
      await expectQueries(0, () => row.save(), db)
    }
    expect(await Row.query().orderBy('at').pluck('key')).toEqual(UUIDS)
    expect(
      (await Row.query().orderBy('at').values('at', 'price')).map((row: any) => [iso(row.at), String(row.price)]),
    ).toEqual(moments.map((at, i) => [iso(at), PRICES[i]]))
  })

  it('is compared', async () => {
    const [first, second] = moments as [Date, Date, Date]
    const between = new Date(second.getTime() - 1)
    expect(await notes(Row.where('at', first))).toEqual([0])
    expect(await notes(Row.where('at', '!=', first))).toEqual([1, 2])
    expect(await notes(Row.where('at', between))).toEqual([])
    expect(await notes(Row.where('at', '<', between))).toEqual([0])
    expect(await notes(Row.where('at', '<=', between))).toEqual([0])
    expect(await notes(Row.where('at', '>', between))).toEqual([1, 2])
    expect(await notes(Row.where('at', '<=', second))).toEqual([0, 1])
    expect(await notes(Row.where('at', '<', second))).toEqual([0])
    expect(await notes(Row.query().whereIn('at', [first, between, moments[2]]))).toEqual([0, 2])
    expect(await notes(Row.where('at', 'between', [first, between]))).toEqual([0])
    expect(await notes(Row.where('price', '>', 4))).toEqual([0, 1])
    expect(await notes(Row.where('price', '5.50'))).toEqual([1])
    expect(await notes(Row.query().whereIn('price', ['5', '-0.25']))).toEqual([0, 2])
    expect(await notes(Row.where('price', 'between', ['-1', '5']))).toEqual([0, 2])
    expect(await notes(Row.where('active', false))).toEqual([1])
    expect(await notes(Row.where((c: any) => c.active.eq(true).and(c.price.gt(0))).limit(5))).toEqual([0])
    for (const [i, uuid] of UUIDS.entries()) {
      expect((await Row.find(uuid.toUpperCase())).at).toEqual(moments[i])
      expect(await notes(Row.where('key', '>', uuid))).toEqual([0, 1, 2].slice(i + 1))
    }
    expect(await notes(Row.query().whereIn('key', [UUIDS[0], UUIDS[2]]))).toEqual([0, 2])
    expect(await notes(Row.where((c: any) => c.at.eq(c.at)))).toEqual([0, 1, 2])
    expect(await notes(Row.query().whereIn('at', Row.where('price', '>', 5).select('at')))).toEqual([1])
  })

  it('is ordered, summed and paged', async () => {
    expect(await Row.query().orderBy('price').pluck('key')).toEqual([UUIDS[2], UUIDS[0], UUIDS[1]])
    expect(await Row.query().orderBy('-key').pluck('key')).toEqual([...UUIDS].reverse())
    expect(String(await Row.query().sum('price'))).toBe('10.25')
    expect(String(await Row.query().max('price'))).toBe('5.5')
    expect(iso(await Row.query().min('at'))).toBe(iso(moments[0] as Date))
    expect(iso(await Row.query().max('at'))).toBe(iso(moments[2] as Date))
    expect(await Row.query().max('key')).toBe(UUIDS[2])
    expect(Number(await Row.query().avg('price'))).toBeCloseTo(10.25 / 3, 1)
    const groups = await Row.query()
      .groupBy('active')
      .orderBy('active')
      .aggregate({ active: (c: any) => c.active, total: (c: any) => fn.sum(c.price) })
    expect(groups.map(({ active, total }: any) => [active, String(total)])).toEqual([
      [false, '5.5'],
      [true, '4.75'],
    ])
    for (const order of ['at', '-at', 'price', 'key', '-key']) {
      const all = await Row.query().orderBy(order).pluck('key')
      const paged: unknown[] = []
      let after: string | undefined
      do {
        const page: any = await Row.query().orderBy(order).cursorPaginate({ size: 1, after })
        for (const row of page.data ?? page.items ?? page.rows) paged.push(row.key)
        after = page.nextCursor ?? page.next ?? undefined
      } while (after !== undefined && after !== null)
      expect(paged).toEqual(all)
    }
  })

  it('is computed with', async () => {
    const rows = await Row.query()
      .annotate({
        year: (c: any) => c.at.year(),
        day: (c: any) => c.at.truncate('day'),
        later: (c: any) => c.at.add({ days: 1 }),
        double: (c: any) => c.price.times(2),
        or: (c: any) => c.at.coalesce(new Date(0)),
        short: (c: any) => c.key.cast('text').substring(1, 8),
      })
      .orderBy('at')
      .get()
    expect(rows.map((row: any) => [row.year, iso(row.day), String(row.double), row.short])).toEqual(
      moments.map((at, i) => [
        2026,
        `${iso(at).slice(0, 10)}T00:00:00.000Z`,
        String(new Decimal(PRICES[i] as string).times(2)),
        UUIDS[i]!.slice(0, 8),
      ]),
    )
    expect(rows.map((row: any) => [iso(row.later), iso(row.or)])).toEqual(
      moments.map((at) => [iso(new Date(at.getTime() + 86_400_000)), iso(at)]),
    )
    if (hasData) expect(await notes(Row.where((c: any) => c.data.json('n').eq(1)))).toEqual([1])
    expect(await notes(Row.where((c: any) => c.at.month().eq(3)))).toEqual([2])
  })

  it('is related by its keys', async () => {
    const rows = await Row.query().with('lines').orderBy('at').get()
    expect(rows.map((row: any) => row.lines.map((line: any) => line.text))).toEqual([
      ['line 0'],
      ['line 1'],
      ['line 2'],
    ])
    const lines = await Line.query().with('row').orderBy('id').get()
    expect(lines.map((line: any) => line.row.key)).toEqual(UUIDS)
    expect(await Line.where('row.at', moments[1]).pluck('text')).toEqual(['line 1'])
    expect(
      await Row.query()
        .whereHas('lines', (q: any) => q.where('text', 'line 2'))
        .pluck('key'),
    ).toEqual([UUIDS[2]])
    expect(
      (
        await Line.query()
          .first()
          .then((line: any) => line.row)
      ).key,
    ).toBe(UUIDS[0])
  })

  it('is written in its form', async () => {
    const raw = (where = '') =>
      db.select(
        sql.raw(
          `select quote(at) as at, quote(price) as price, quote(active) as active, quote(key) as key${hasData ? ', quote(data) as data' : ''} from rows ${where}`,
        ),
      )
    const before = await raw(`where key = ${keyOf(UUIDS[1])}`)
    const row = await Row.find(UUIDS[1])
    await row.update({ note: 'new' })
    expect(await raw(`where key = ${keyOf(UUIDS[1])}`)).toEqual(before)
    // all columns written anew are what they were
    row.at = new Date((moments[1] as Date).getTime() + 5000)
    row.price = '7.25'
    row.active = true
    if (hasData) row.data = { n: 9 }
    await row.save()
    await Row.where('key', UUIDS[1]).update({
      at: moments[1],
      price: '5.50',
      active: false,
      ...(hasData && { data: { n: 1 } }),
    })
    expect(await raw(`where key = ${keyOf(UUIDS[1])}`)).toEqual(before)
    await Row.where('key', UUIDS[1]).update((c: any) => ({ at: c.at.add({ seconds: 1 }), price: c.price.plus('0.5') }))
    await Row.where('key', UUIDS[1]).update((c: any) => ({
      at: c.at.subtract({ seconds: 1 }),
      price: c.price.minus('0.5'),
    }))
    expect(await raw(`where key = ${keyOf(UUIDS[1])}`)).toEqual(before)
    const created = await Row.create({
      key: '00000000-0000-4000-8000-000000000001',
      at: moments[0],
      price: '5.00',
      active: true,
      ...(hasData && { data: { n: 0 } }),
    })
    const [made] = await raw(`where key = ${keyOf(created.key)}`)
    const [first] = await raw(`where key = ${keyOf(UUIDS[0])}`)
    expect({ ...made, key: '', price: Number.parseFloat(String(made?.price).replaceAll("'", '')) }).toEqual({
      ...first,
      key: '',
      price: 5,
    })
    await created.refresh()
    expect(created.isDirty()).toBe(false)
    await created.delete()
    expect(await Row.query().count()).toBe(3)
  })

  it('by its indexes', async () => {
    if (layout.fields().at.options.trim === 'zeros' && layout.fields().at.options.storage === 'iso') return
    for (const query of [
      Row.where('at', moments[0]),
      Row.where('at', '>', moments[0]),
      Row.query().orderBy('at').limit(1),
    ])
      expect(await query.explain()).toContain('rows_at')
  })
})

describe('columns of other programs whose storage is not declared', () => {
  let db: Database
  beforeAll(async () => {
    db = await Database.connect('sqlite::memory:')
  })
  afterAll(() => db.close())

  it.each([
    ['decimal(10, 2)', () => Field.decimal({ precision: 10, scale: 2 }), '5', '3.50', "storage: 'numeric'"],
    ['numeric', () => Field.decimal(), '5', '3.50', "storage: 'numeric'"],
    ['real', () => Field.decimal(), '5', '3.50', "storage: 'numeric'"],
    ['text', () => Field.decimal(), "'5.0'", '3.50', "storage: 'text'"],
    ['integer', () => Field.dateTime(), '1767323045', new Date(0), "'milliseconds', 'seconds'"],
    ['real', () => Field.dateTime(), '2461042.5', new Date(0), "'julian'"],
    ['bigint', () => Field.date(), '1767312000000', '2024-01-01', "storage: 'milliseconds'"],
  ])('as %s are refused, and other columns are not', async (type, field, value, sample, says) => {
    await db.execute(sql.raw('drop table if exists others'))
    await db.execute(sql.raw(`create table others (id integer primary key, value ${type}, note text)`))
    await db.execute(sql.raw(`insert into others values (1, ${value}, 'a')`))
    const other = () =>
      class Other extends looseModel({ value: field(), note: Field.string() }, { table: 'others' }) {} as any
    const works: ((Other: any) => unknown)[] = [
      (Other) => Other.find(1),
      (Other) => Other.query().get(),
      (Other) => Other.query().orderBy('value').pluck('id'),
      (Other) => Other.query().pluck('value'),
      (Other) => Other.where('value', '>', sample).get(),
      (Other) => Other.query().max('value'),
      (Other) => Other.query().all().update({ value: sample }),
      (Other) => Other.create({ value: sample, note: 'b' }),
      (Other) => Other.insertMany([{ value: sample, note: 'b' }]),
    ]
    for (const work of works) {
      const error = await Promise.resolve()
        .then(() => work(other()))
        .then(
          () => null,
          (thrown: unknown) => thrown,
        )
      expect(error).toMatchObject({ code: 'STORED_VALUE', model: 'Other', field: 'value' })
      expect((error as Error).message).toContain(says)
    }
    expect(await db.select(sql`select count(*) as count from others`)).toEqual([{ count: 1 }])
    const row = await other().query().omit('value').findOrFail(1)
    await row.update({ note: 'b' })
    expect(await other().query().pluck('note')).toEqual(['b'])
  })

  it('are refused where another model reads them, by what the query names and not by its words', async () => {
    await db.execute(sql`create table shelves (id integer primary key, price integer)`)
    await db.execute(sql`create table foreign_books (id integer primary key, price real, shelf_id integer)`)
    await db.execute(sql`insert into shelves values (1, 500)`)
    await db.execute(sql`insert into foreign_books values (1, 5, 1)`)
    const price = () => Field.decimal({ scale: 2 })
    class Shelf extends looseModel({ price: price() }, { table: 'shelves' }) {
      static books = Relation.hasMany(() => ForeignBook as any, { foreignKey: 'shelfId' } as any)
    }
    const fields = { price: price(), shelfId: Field.integer() }
    class ForeignBook extends looseModel(fields, { table: 'foreign_books' }) {
      static shelf = Relation.belongsTo(() => Shelf as any)
    }
    const refused: (() => PromiseLike<unknown>)[] = [
      () => Shelf.query().with('books').get(),
      () =>
        Shelf.query()
          .whereHas('books', (book: any) => book.where('price', '>', '1'))
          .get(),
      () => Shelf.query().withSum('books', 'price').get(),
      () => ForeignBook.query().whereIn('id', ForeignBook.query().select('id').where('price', '5')).pluck('id'),
    ]
    for (const query of refused)
      await expect((async () => query())()).rejects.toMatchObject({ code: 'STORED_VALUE', model: 'ForeignBook' })
    // the same name in another table, and in a text
    const near = ForeignBook.query().whereHas('shelf', (shelf: any) => shelf.where('price', '>', '1'))
    expect(await near.pluck('id')).toEqual([1])
    expect(
      await ForeignBook.query()
        .orderBy((book: any) => book.shelf.price)
        .pluck('id'),
    ).toEqual([1])
    expect(await ForeignBook.query().whereRaw(sql`'"price"' <> ''`).pluck('id')).toEqual([1])
  })

  it('are no others where their types are those of corm, or none', async () => {
    const fields = { price: Field.decimal({ scale: 2 }), at: Field.dateTime(), day: Field.date() }
    for (const types of [
      ['integer', 'text', 'text'],
      ['bigint', 'datetime', 'date'],
      ['', '', ''],
    ]) {
      await db.execute(sql.raw('drop table if exists plain'))
      await db.execute(
        sql.raw(
          `create table plain (id integer primary key, ${['price', 'at', 'day'].map((name, i) => `${name} ${types[i]}`).join(', ')})`,
        ),
      )
      class Plain extends looseModel(fields, { table: 'plain' }) {}
      const { id } = await Plain.create({ price: '5.5', at: new Date(0), day: '2024-01-01' })
      expect(await Plain.find(id)).toMatchObject({ at: new Date(0), day: '2024-01-01' })
    }
  })
})

describe('decimals of many digits', () => {
  let db: Database
  const fields = (options: object) => ({ value: Field.decimal({ precision: 30, scale: 2, ...options }) })
  class Long extends looseModel(fields({ storage: 'text' }), { table: 'longs' }) {}
  class Own extends looseModel(fields({}), { table: 'longs' }) {}
  const WRITTEN = ['5', '5.5', '-0.25', '12345678901234567890.1', '005.50', '-0']
  beforeAll(async () => {
    db = await Database.connect('sqlite::memory:')
    await db.execute(sql`create table longs (id integer primary key, value)`)
    for (const [i, value] of WRITTEN.entries()) await db.execute(sql`insert into longs values (${i}, ${value})`)
  })
  afterAll(() => db.close())

  it('are compared as numbers, however many zeros another program wrote', async () => {
    const values = await Long.query().orderBy('id').pluck('value')
    expect(values.map(String)).toEqual(['5', '5.5', '-0.25', '12345678901234567890.1', '5.5', '0'])
    expect(await Long.where('value', '5.50').pluck('id')).toEqual([1, 4])
    expect(await Long.query().whereIn('value', ['5', '0']).pluck('id')).toEqual([0, 5])
    expect(await Long.where('value', '>', '5.2').pluck('id')).toEqual([1, 3, 4])
    expect(await Long.query().orderBy('value').orderBy('id').pluck('id')).toEqual([2, 5, 0, 1, 4, 3])
    expect(await Long.query().groupBy('value').aggregate({ n: fn.count() })).toHaveLength(5)
    expect(String(await Long.query().sum('value'))).toBe('12345678901234567905.85')
    await Long.where('id', 1).update((c: any) => ({ value: c.value.plus('0.05').minus('0.05') }))
    expect(await db.select(sql`select value from longs where id = 1`)).toEqual([{ value: '5.50' }])
  })

  it('of another form are refused, not compared as texts', async () => {
    const works = [() => Own.query().pluck('value'), () => Own.where('id', 0).get(), () => Own.query().max('id')]
    await expect(works[0]!()).rejects.toThrow("storage: 'text'")
    await expect(works[1]!()).rejects.toThrow("storage: 'text'")
    expect(await works[2]!()).toBe(5)
  })

  it.each(['5', '5.5', "'0x10'", "' 5'", "'secret words'", "x'35'"])('are not computed of %s', async (value) => {
    await db.execute(sql`create table others_longs (id integer primary key, value)`)
    await db.execute(sql`insert into others_longs values (1, ${sql.raw(value)})`)
    class Other extends looseModel(fields({}), { table: 'others_longs' }) {}
    const works = [
      () => Other.query().sum('value'),
      () => Other.query().max('value'),
      () => Other.query().avg('value'),
      () => Other.query().aggregate({ x: (c: any) => fn.sum(c.value.times(2)) }),
      () => Other.query().aggregate({ x: (c: any) => fn.sum(c.value.abs()) }),
      () => Other.query().aggregate({ x: (c: any) => fn.max(c.value.round(1)) }),
      () => Other.all().update((c: any) => ({ value: c.value.plus(1) })),
    ]
    for (const [i, work] of works.entries()) {
      const error = await Promise.resolve()
        .then(work)
        .catch((thrown: Error) => thrown)
      expect([i, String(error)]).toEqual([i, expect.stringContaining("storage: 'numeric' or 'text'")])
      expect(String(error)).not.toContain('secret')
    }
    await db.execute(sql`drop table others_longs`)
  })
})

describe('options of storage', () => {
  const loose = Field as any
  it.each([
    ['dateTime', { storage: 'text ' }, "'text', 'iso', 'milliseconds', 'seconds', 'julian'"],
    ['dateTime', { storage: 'seconds', digits: 3 }, '"digits"'],
    ['dateTime', { storage: 'milliseconds', precision: 6 }, 'precision of 3'],
    ['dateTime', { zone: '+02:00' }, '"zone"'],
    ['dateTime', { digits: 10 }, '"digits"'],
    ['dateTime', { trim: 'all' }, 'trim'],
    ['date', { storage: 'iso' }, "'text', 'milliseconds'"],
    ['decimal', { storage: 'real' }, "'scaled', 'numeric', 'text'"],
    ['decimal', { storage: 'numeric', precision: 30 }, 'precision of 18'],
    ['boolean', { storage: 'text' }, "words: ['t', 'f']"],
    ['boolean', { words: ['t', 'f'] }, "storage: 'text'"],
    ['boolean', { storage: 'text', words: ['t', 't'] }, "words: ['t', 'f']"],
    ['uuid', { storage: 'bytes' }, "'upper', 'hex', 'blob', 'guid'"],
    ['json', { storage: 'jsonb' }, "'text', 'blob'"],
    ['string', { storage: 'text' }, 'storage'],
  ])('of %s: %o is refused', (kind, options, says) => {
    const define = () => class Wrong extends looseModel({ value: loose[kind](options) }) {}.columns
    expect(define).toThrow(says)
    expect(define).toThrow(expect.objectContaining({ code: 'DEFINITION' }))
  })
})
