import { caseWhen, Field, fn, Model, Relation } from 'corm'
import { Decimal } from 'decimal.js'
import { expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Staff extends Model(
  {
    name: Field.string({ max: 10 }),
    pay: Field.decimal({ precision: 8, scale: 2 }),
    bossId: Field.foreignKey(() => Staff, { nullable: true, onDelete: 'cascade' }),
  },
  { table: 'staff' },
) {
  static boss = Relation.belongsTo(() => Staff)
  static sales = Relation.hasMany(() => Sale)
}

class Sale extends Model({
  region: Field.string(),
  day: Field.date(),
  amount: Field.decimal({ precision: 8, scale: 2 }),
  staffId: Field.foreignKey(() => Staff),
}) {
  static staff = Relation.belongsTo(() => Staff)
}

describeDatabases('queries of reports', (database) => {
  database.useTables([Staff, Sale])

  const seed = async () => {
    const top = await Staff.create({ name: 'Catherine', pay: 90 })
    const middle = await Staff.create({ name: 'Alexandra', pay: '60.50', bossId: top.id })
    const low = await Staff.create({ name: 'Maximilian', pay: 40, bossId: middle.id })
    await Sale.insertMany([
      { region: 'north', day: '2024-01-01', amount: 10, staffId: middle.id },
      { region: 'north', day: '2024-01-02', amount: 30, staffId: low.id },
      { region: 'north', day: '2024-01-05', amount: 5, staffId: low.id },
      { region: 'south', day: '2024-01-02', amount: 20, staffId: middle.id },
      { region: 'south', day: '2024-01-03', amount: 70, staffId: middle.id },
      { region: 'east', day: '2024-01-09', amount: 1, staffId: low.id },
    ])
    return { top, middle, low }
  }

  it('recursive queries of one name may carry different values', async () => {
    await seed()
    const levels = Staff.query()
      .withRecursive('chain', Staff.query().whereNull('bossId').annotate({ level: 0 }), (self) =>
        Staff.query()
          .join(self, (c, t) => c.bossId.eq(t.id))
          .annotate({ level: (_, t) => t.chain.level.plus(1) }),
      )
      .from('chain')
    const spent = Staff.query()
      .withRecursive(
        'chain',
        Staff.query()
          .whereNull('bossId')
          .annotate({ total: (c) => c.pay }),
        (self) =>
          Staff.query()
            .join(self, (c, t) => c.bossId.eq(t.id))
            .annotate({ total: (c, t) => t.chain.total.plus(c.pay) }),
      )
      .from('chain')
    expect(await levels.orderBy('level').pluck('level')).toEqual([0, 1, 2])
    expect(await spent.orderBy('total').pluck('total')).toEqual([90, 150.5, 190.5].map((n) => new Decimal(n)))
  })

  it('texts may grow in recursive queries', async () => {
    await seed()
    const paths = Staff.query()
      .withRecursive(
        'chain',
        Staff.query()
          .whereNull('bossId')
          .annotate({ path: (c) => c.name }),
        (self) =>
          Staff.query()
            .join(self, (c, t) => c.bossId.eq(t.id))
            .annotate({ path: (c, t) => t.chain.path.concat(' > ', c.name) }),
      )
      .from('chain')
      .orderBy('path')
    expect(await paths.pluck('path')).toEqual([
      'Catherine',
      'Catherine > Alexandra',
      'Catherine > Alexandra > Maximilian',
    ])
    expect(await paths.where('path', 'endsWith', 'Maximilian').count()).toBe(1)
  })

  it('a condition on an aggregate is asked of groups by a computed value', async () => {
    await seed()
    const runs = Sale.query()
      .annotate({ n: (c) => fn.rowNumber().over({ partitionBy: c.region, orderBy: c.day }) })
      .annotate({ island: (c) => c.day.daysSince('2024-01-01').minus(c.n) })
      .groupBy('region', 'island')
      .annotate({ days: fn.count(), from: (c) => fn.min(c.day) })
      .orderBy('region')
    expect(await runs.where('days', '>', 1).values('region', 'from', 'days')).toEqual([
      { region: 'north', from: '2024-01-01', days: 2 },
      { region: 'south', from: '2024-01-02', days: 2 },
    ])
    expect(await runs.where('region', 'north').where('days', 1).values('region', 'from')).toEqual([
      { region: 'north', from: '2024-01-05' },
    ])
    expect(await runs.where('days', '>', 1).orWhere('region', 'east').pluck('region')).toEqual([
      'east',
      'north',
      'south',
    ])
    expect(
      await runs
        .having('days', '>', 1)
        .having((c) => c.region.ne('south'))
        .count(),
    ).toBe(1)
  })

  it('a window function may be asked for in where()', async () => {
    await seed()
    const first = Sale.query().where((c) => fn.rowNumber().over({ partitionBy: c.region, orderBy: c.day }).eq(1))
    expect(await first.orderBy('region').valuesList('region', 'day')).toEqual([
      ['east', '2024-01-09'],
      ['north', '2024-01-01'],
      ['south', '2024-01-02'],
    ])
    expect(await first.count()).toBe(3)
    expect(await first.where('staff.name', 'Alexandra').orderBy('id').pluck('region')).toEqual(['north', 'south'])
    const rows = await first.with('staff').orderBy('-amount')
    expect(rows.map((row) => [row.region, row.staff.name])).toEqual([
      ['south', 'Alexandra'],
      ['north', 'Alexandra'],
      ['east', 'Maximilian'],
    ])
    expect(Object.keys(rows[0] as object)).not.toContain('corm_asked_1')
    const share = Sale.query().where((c) => c.amount.times(2).gt(fn.sum(c.amount).over({ partitionBy: c.region })))
    expect(await share.orderBy('region').pluck('amount')).toEqual([1, 30, 70].map((n) => new Decimal(n)))
    expect(await share.where('region', '!=', 'east').update({ region: 'best' })).toBe(2)
    expect(await Sale.where('region', 'best').count()).toBe(2)
    const inLists = Staff.query().whereIn('id', share.select('staffId')).orderBy('id')
    expect(await inLists.pluck('name')).toEqual(['Alexandra', 'Maximilian'])
  })

  it('a window function of groups may be asked for in where()', async () => {
    await seed()
    const best = Sale.query()
      .groupBy('region', 'staffId')
      .where((c) =>
        fn
          .rowNumber()
          .over({ partitionBy: c.region, orderBy: fn.sum(c.amount).desc() })
          .eq(1),
      )
      .orderBy('region')
    expect(await best.aggregate({ sold: (c) => fn.sum(c.amount) })).toMatchObject([
      { region: 'east', sold: new Decimal(1) },
      { region: 'north', sold: new Decimal(35) },
      { region: 'south', sold: new Decimal(90) },
    ])
  })

  it('windows over groups take windows over groups', async () => {
    await seed()
    const ranks = Sale.query()
      .groupBy('region', 'day')
      .annotate({ sold: (c) => fn.sum(c.amount) })
      .annotate({ place: (c) => fn.rank().over({ partitionBy: c.region, orderBy: c.sold.desc() }) })
      .annotate({ before: (c) => fn.lag(c.place).over({ partitionBy: c.region, orderBy: c.day }) })
      .annotate({ change: (c) => c.place.minus(c.before), label: (c) => c.region.concat('!') })
    const south = [
      { day: '2024-01-02', sold: new Decimal(20), place: 2, before: null, change: null, label: 'south!' },
      { day: '2024-01-03', sold: new Decimal(70), place: 1, before: 2, change: -1, label: 'south!' },
    ]
    const ordered = ranks.orderBy('day').where('region', 'south')
    expect(await ordered.values('day', 'sold', 'place', 'before', 'change', 'label')).toEqual(south)
    expect(
      await ranks.orderBy('-change', 'day').where('change', '!=', 0).valuesList('region', 'day', 'change'),
    ).toEqual([
      ['north', '2024-01-05', 2],
      ['north', '2024-01-02', -1],
      ['south', '2024-01-03', -1],
    ])
    expect(await ranks.where('before', null).count()).toBe(3)
    const page = await ranks.orderBy('region', 'day').paginate({ page: 2, size: 4 })
    expect([page.total, page.items.map(({ change }) => change)]).toEqual([6, [null, -1]])
    expect(
      await ranks
        .orderBy('-change', 'day')
        .limit(1)
        .aggregate({ n: (c) => c.change }),
    ).toHaveLength(1)
  })

  it('a query of one value stands wherever a value does', async () => {
    await seed()
    const all = Sale.query()
      .annotate({ all: (c) => fn.sum(c.amount) })
      .select('all')
    const none = Sale.where('region', 'west').limit(1).select('amount')
    const name = Staff.query().orderBy('-pay').limit(1).select('name')
    const rows = await Sale.query()
      .where('day', '2024-01-03')
      .annotate({
        share: (c) => c.amount.times(100).dividedBy(all),
        both: (c) => c.amount.plus(all),
        other: (c) => c.amount.nullIf(70).coalesce(all),
        first: fn.coalesce(Sale.columns.amount, none),
        most: (c) => fn.greatest(c.amount, all),
        label: (c) => c.region.concat('/', name),
        which: (c) => caseWhen(c.amount.gt(50), name).else('small'),
        missing: (c) => c.amount.plus(none),
      })
      .values('share', 'both', 'other', 'first', 'most', 'label', 'which', 'missing')
    expect(rows).toEqual([
      {
        share: new Decimal(7000).dividedBy(136).toDecimalPlaces(10),
        both: new Decimal(206),
        other: new Decimal(136),
        first: new Decimal(70),
        most: new Decimal(136),
        label: 'south/Catherine',
        which: 'Catherine',
        missing: null,
      },
    ])
  })

  it('a value of related rows is computed once, also where groups are made of windows over it', async () => {
    await seed()
    const halves = Staff.query()
      .withSum('sales', 'amount')
      .annotate({ half: (c) => fn.ntile(2).over({ orderBy: [c.salesSumAmount.desc({ nulls: 'last' }), c.id] }) })
      .groupBy('half')
      .orderBy('half')
    expect(await halves.aggregate({ staff: fn.count(), least: (c) => fn.min(c.salesSumAmount) })).toEqual([
      { half: 1, staff: 2, least: new Decimal(36) },
      { half: 2, staff: 1, least: null },
    ])
  })

  it('an update takes a query of one value', async () => {
    const { middle } = await seed()
    const last = (c: { id: typeof Staff.columns.id }) =>
      Sale.query()
        .where((sale) => sale.staffId.eq(c.id))
        .orderBy('-day')
        .limit(1)
        .select('amount')
    await Staff.query()
      .whereHas('sales')
      .update((c) => ({ pay: last(c) }))
    expect(await Staff.query().orderBy('id').pluck('pay')).toEqual([90, 70, 1].map((n) => new Decimal(n)))
    const name = Staff.query().orderBy('id').limit(1).select('name')
    await Staff.where('id', middle.id).update((c) => ({ pay: fn.coalesce(last(c), 0).plus(1), bossId: null }))
    expect(await Staff.where('id', middle.id).values('pay', 'bossId')).toEqual([{ pay: new Decimal(71), bossId: null }])
    if (database.kind !== 'mysql') {
      await Staff.where('id', middle.id).update({ name })
      expect(await Staff.where('id', middle.id).pluck('name')).toEqual(['Catherine'])
    }
  })

  it('groups with windows are in the order that was asked for, also by an indexed column', async () => {
    const staff = await Staff.createMany(Array.from({ length: 9 }, (_, i) => ({ name: `n${i}`, pay: i })))
    await Sale.insertMany(
      Array.from({ length: 40 }, (_, i) => ({
        region: 'r',
        day: '2024-01-01',
        amount: (i * 37) % 101,
        staffId: staff[(i * 7) % 9]?.id ?? 0,
      })),
    )
    const ranks = Sale.query()
      .groupBy('staffId')
      .annotate({ place: (c) => fn.rank().over({ orderBy: fn.max(c.amount) }) })
    const ids = staff.map(({ id }) => id)
    expect(await ranks.orderBy('staffId').pluck('staffId')).toEqual(ids)
    expect(await ranks.orderBy('-staffId').limit(3).pluck('staffId')).toEqual(ids.slice(-3).reverse())
    expect(await ranks.orderBy('place').pluck('place')).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
    const sums = await Sale.query()
      .groupBy('id')
      .orderBy('id')
      .aggregate({ place: (c) => fn.rank().over({ orderBy: fn.max(c.amount).desc() }) })
    expect(sums.map(({ id }) => id)).toEqual(sums.map(({ id }) => id).toSorted((a, b) => a - b))
  })

  it('computed decimals are compared with numbers, and stand next to them', async () => {
    await seed()
    const rows = Sale.query()
      .annotate({
        before: (c) => fn.lag(c.amount).over({ partitionBy: c.region, orderBy: c.day }),
        north: (c) => caseWhen(c.region.eq('north'), c.amount).else(0),
      })
      .orderBy('id')
    expect(await rows.where('before', '>', 9.5).pluck('amount')).toEqual([30, 5, 70].map((n) => new Decimal(n)))
    expect(await rows.where((c) => c.before.lt(11)).pluck('amount')).toEqual([new Decimal(30)])
    expect(await rows.where((c) => c.north.between(5, 10)).count()).toBe(2)
    expect(await rows.where((c) => fn.nullIf(c.amount, 30).coalesce(0).lt(1)).pluck('amount')).toEqual([
      new Decimal(30),
    ])
    const sums = await rows
      .reorder()
      .groupBy('region')
      .orderBy('region')
      .aggregate({ sum: (c) => fn.sum(c.north) })
    expect(sums.map(({ sum }) => String(sum))).toEqual(['0', '45', '0'])
    expect(await rows.where((c) => fn.sum(c.amount).over({ partitionBy: c.region }).gt(45)).count()).toBe(2)
  })

  it('a value of related rows that a window sorts by is computed once', async () => {
    await seed()
    const best = Staff.query()
      .withSum('sales', 'amount')
      .annotate({ place: (c) => fn.rowNumber().over({ orderBy: c.salesSumAmount.desc({ nulls: 'last' }) }) })
      .where('place', '<=', 2)
      .orderBy('place')
    expect(best.toSQL().sql.match(/select sum\(/g)).toHaveLength(1)
    expect(await best.valuesList('name', 'salesSumAmount')).toEqual([
      ['Alexandra', new Decimal(100)],
      ['Maximilian', new Decimal(36)],
    ])
  })
})
