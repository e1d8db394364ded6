import { caseWhen, Field, fn, Model, UnknownFieldError, UsageError } from 'corm'
import { beforeEach, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'
import { fillItems, Item, namesOf } from '../support/items.js'

class Label extends Model({
  text: Field.string(),
  itemId: Field.foreignKey(() => Item, { onDelete: 'cascade' }),
}) {}

describeDatabases('annotate', (database) => {
  database.useTables([Item, Label])
  beforeEach(async () => {
    const { axe, ball } = await fillItems()
    await Label.createMany([
      { text: 'cart', itemId: axe.id },
      { text: 'ball', itemId: axe.id },
      { text: 'drum', itemId: ball.id },
    ])
  })
  const labels = () => Label.query().where((label) => label.itemId.eq(Item.columns.id))
  const withChildren = () => Item.query().annotate({ kids: () => labels().annotate({ n: fn.count() }).select('n') })

  it('adds values to instances, that are no fields of theirs', async () => {
    const [axe, , , drum] = await Item.query()
      .annotate({ shout: (c) => c.name.upper(), next: (c) => c.big.plus(1n), twice: (c) => c.price.times(2) })
      .orderBy('name')
    expect(axe?.shout).toBe('AXE')
    expect(axe?.next).toBe(9007199254740994n)
    expect(axe?.twice?.toFixed(2)).toBe('3.00')
    expect(drum?.twice).toBeNull()
    expect(Object.keys(axe as object)).toContain('shout')
    expect(axe?.toJSON()).toMatchObject({ name: 'axe', shout: 'AXE', next: '9007199254740994', twice: '3.00' })
    expect(axe?.toObject().next).toBe(9007199254740994n)
    expect(axe?.isDirty()).toBe(false)
    if (axe === undefined) return
    axe.shout = 'changed'
    expect(axe.isDirty()).toBe(false)
    axe.note = 'new'
    await axe.save()
    expect((await Item.find(axe.id))?.note).toBe('new')
    expect(axe.toJSON().shout).toBe('changed')
  })

  it('is a key of where, orderBy, values, valuesList, pluck and select', async () => {
    const query = Item.query().annotate({ left: (c) => c.limitAge.minus(c.age) })
    expect(await namesOf(query.where('left', '>', 0))).toEqual(['axe'])
    expect(await namesOf(query.where({ left: 0 }).orWhere((c) => c.left.lt(0)))).toEqual(['ball', 'cart'])
    expect(await namesOf(query.whereNull('left'))).toEqual(['drum'])
    expect(await namesOf(query.whereIn('left', [4, 0]).whereNotNull('left').whereBetween('left', [0, 4]))).toEqual([
      'axe',
      'ball',
    ])
    expect(await namesOf(query.whereColumn('left', '>', 'age'))).toEqual(['axe'])
    const sorted = query.whereNotNull('left').orderBy('-left')
    expect(await sorted.values('name', 'left')).toEqual([
      { name: 'axe', left: 4 },
      { name: 'ball', left: 0 },
      { name: 'cart', left: -1 },
    ])
    expect(await sorted.valuesList('left')).toEqual([[4], [0], [-1]])
    expect(await sorted.orderBy((c) => c.left.asc()).pluck('left')).toEqual([4, 0, -1])
    const [first] = await sorted.select('left')
    expect(first?.left).toBe(4)
    expect(() => (first as unknown as { name: string }).name).toThrow()
    expect(await query.where('left', 4).count()).toBe(1)
    expect(await query.where('left', 9).exists()).toBe(false)
    expect(await query.where('left', 9)).toEqual([])
    expect(await query.where('left', 4).update({ note: 'left' })).toBe(1)
  })

  it('builds on annotations before it, and repeats their values', async () => {
    const query = Item.query()
      .annotate({ group: caseWhen(Item.columns.age.lt(2), 'low').else('high') })
      .annotate({ label: (c) => c.group.concat('-', c.name) })
    expect(await query.where('group', 'low').where('label', 'low-axe').pluck('label')).toEqual(['low-axe'])
    expect(await query.where('group', 'high').where('label', 'like', 'high-%').orderBy('label').pluck('name')).toEqual([
      'ball',
      'cart',
      'drum',
    ])
    expect(await namesOf(Item.query().whereIn('id', query.where('group', 'low').select('id')))).toEqual(['axe'])
  })

  it('takes scalar subqueries, correlated through the columns of the model', async () => {
    expect(await withChildren().orderBy('name').valuesList('name', 'kids')).toEqual([
      ['axe', 2],
      ['ball', 1],
      ['cart', 0],
      ['drum', 0],
    ])
    expect(await namesOf(withChildren().where('kids', '>', 0))).toEqual(['axe', 'ball'])
    const last = Item.query().annotate({ last: () => labels().orderBy('-text').limit(1).select('text') })
    expect(await last.orderBy('name').pluck('last')).toEqual(['cart', 'drum', null, null])
  })

  it('an order is a query of one value as well', async () => {
    const last = Item.query().orderBy((c) =>
      Label.where((l) => l.itemId.eq(c.id))
        .orderBy('-text')
        .limit(1)
        .select('text'),
    )
    expect((await last.pluck('name')).filter((name) => name < 'c')).toEqual(['axe', 'ball'])
    const count = (id: number) => Label.where('itemId', id).annotate({ n: fn.count() }).select('n')
    const younger = Item.query().orderBy((c) => [
      Item.where((other) => other.age.lt(c.age))
        .annotate({ n: fn.count() })
        .select('n'),
      c.name.desc(),
    ])
    expect(await younger.pluck('name')).toEqual(['drum', 'axe', 'ball', 'cart'])
    expect(await Item.query().orderBy(count(0)).orderBy('name').limit(1).pluck('name')).toEqual(['axe'])
    expect(() => Item.query().orderBy(Item.where(Item.columns.age.gt(1)).select('age'))).toThrow(/over the same table/)
  })

  it('refuses a subquery over the same table that names the row outside: it would mean its own', () => {
    const inner = () =>
      Item.query()
        .where((c) => c.age.gt(Item.columns.age))
        .select('name')
    expect(() => Item.query().annotate({ younger: inner })).toThrow(/inside a query over the same table/)
  })

  it('a condition on an aggregate is one on groups', async () => {
    const query = Item.query().annotate({ n: fn.count(), total: (c) => fn.sum(c.age) })
    expect(await namesOf(query.where('total', '>', 1).where('kind', 'toy'))).toEqual(['ball', 'cart'])
    expect(await namesOf(query.where('total', '>', 3).orWhere('name', 'axe'))).toEqual(['axe', 'cart'])
    const [cart] = await query.where('total', '>', 3)
    expect(cart).toMatchObject({ name: 'cart', n: 1, total: 4, kind: 'toy' })
    expect(await query.where('total', '>', 1).count()).toBe(2)
    expect(await query.where('total', '>', 1).exists()).toBe(true)
    expect(await query.where('total', '>', 9).first()).toBeNull()
    expect(await query.where('total', '>', 3).update({ note: 'old' })).toBe(1)
    expect(
      await Item.query()
        .where((c) => fn.max(c.age).eq(4))
        .pluck('note'),
    ).toEqual(['old'])
  })

  it('having() and groupBy() know names and expressions', async () => {
    const kinds = Item.query().annotate({ n: fn.count() }).groupBy('kind')
    expect(await kinds.having('n', '>', 1).aggregate({ n: (c) => c.n })).toEqual([{ kind: 'toy', n: 3 }])
    expect(await kinds.having((c) => fn.max(c.age).eq(1)).aggregate({ n: (c) => c.n })).toEqual([
      { kind: 'tool', n: 1 },
    ])
    expect(await kinds.having('n', 7).aggregate({ n: (c) => c.n })).toEqual([])
    expect(
      await kinds
        .having({ n: 1 })
        .orHaving('n', 3)
        .orderBy('n')
        .aggregate({ n: (c) => c.n }),
    ).toEqual([
      { kind: 'tool', n: 1 },
      { kind: 'toy', n: 3 },
    ])
    const group = caseWhen(Item.columns.age.lt(2), 'low').when(Item.columns.age.isNull(), 'none').else('high')
    const grouped = Item.query().annotate({ group }).groupBy('group').orderBy('group')
    const counts = [
      { group: 'high', n: 2 },
      { group: 'low', n: 1 },
      { group: 'none', n: 1 },
    ]
    expect(await grouped.aggregate({ n: fn.count() })).toEqual(counts)
    expect(await grouped.having(fn.count().gt(1)).aggregate({ n: fn.count() })).toEqual(counts.slice(0, 1))
    expect(await grouped.where('kind', 'tool').aggregate({ n: fn.count() })).toEqual([{ group: 'low', n: 1 }])
    const lengths = Item.query()
      .groupBy((c) => c.name.length())
      .aggregate({ n: fn.count() })
    expect((await lengths).map((row) => row.n).sort()).toEqual([1, 3])
    expect(() => Item.query().groupBy(group).toSQL()).toThrow(UsageError)
  })

  it('aggregates over annotations see the rows', async () => {
    expect(await withChildren().aggregate({ all: (c) => fn.sum(c.kids) })).toEqual({ all: 3 })
    expect(
      await withChildren()
        .orderBy('-kids')
        .limit(1)
        .aggregate({ all: (c) => fn.sum(c.kids) }),
    ).toEqual({ all: 2 })
  })

  it('goes with relations', async () => {
    const rows = await withChildren()
      .with({
        children: (q) =>
          q
            .annotate({ up: (c) => c.name.upper() })
            .orderBy('up')
            .limit(1),
      })
      .orderBy('name')
    expect(rows[0]?.children.map((child) => child.up)).toEqual(['BALL'])
    expect(rows[0]?.toJSON()).toMatchObject({ kids: 2, children: [{ up: 'BALL' }] })
  })

  it('refuses names that are taken, and what is no expression', () => {
    for (const name of [
      'name',
      'parentId',
      'parent_id',
      'children',
      'save',
      'constructor',
      '__proto__',
      'toJSON',
      'then',
      'a b',
      '',
    ])
      expect(() => Item.query().annotate({ [name]: fn.count() }), name).toThrow(UsageError)
    expect(() => Item.query().annotate({})).toThrow(UsageError)
    expect(() => Item.query().annotate({ x: [1] as never })).toThrow(UsageError)
    expect(() => Item.query().annotate({ x: fn.count() }).annotate({ x: fn.count() })).toThrow('already')
    expect(() => Item.query().where('kids' as 'name', 'x')).toThrow(UnknownFieldError)
    expect(() =>
      Item.query()
        .annotate({ x: fn.count() })
        .where('y' as 'x', 1),
    ).toThrow(UnknownFieldError)
    expect(() =>
      Item.query()
        .annotate({ x: fn.count() })
        .where('x', undefined as never),
    ).toThrow('undefined')
  })
})
