import { Field, fn, Model, UsageError } from 'corm'
import { expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Entry extends Model({
  label: Field.string(),
  amount: Field.integer(),
  price: Field.decimal({ precision: 10, scale: 2 }),
  long: Field.decimal({ precision: 30, scale: 4 }),
  measure: Field.float(),
}) {}

describeDatabases('unions of values of different types', (database) => {
  database.useTables([Entry])

  const seed = () =>
    Entry.insertMany([
      { label: 'a', amount: 3, price: '0.5', long: '100.0001', measure: 0.25 },
      { label: 'b', amount: 10, price: '4.25', long: '20', measure: 1.123456789012 },
    ])
  const entries = () => Entry.query()
  const texts = (values: readonly unknown[]) => values.map(String)

  it('keep the digits of each query', async () => {
    await seed()
    const doubled = entries().annotate({ value: (c) => c.price.times(2) })
    const taxed = entries().annotate({ value: (c) => c.price.times('1.125') })
    const all = ['0.5625', '1', '4.78125', '8.5']
    const both = doubled.union(taxed).orderBy('value')
    expect(texts(await both.pluck('value'))).toEqual(all)
    expect(texts(await taxed.union(doubled).orderBy('value').pluck('value'))).toEqual(all)
    expect(texts((await both).map((entry) => entry.value))).toEqual(all)
    expect(await both.where('value', '>', '0.5624').where('value', '<', '4.78126').count()).toBe(3)
    expect(String(await both.sum('value'))).toBe('14.84375')
    const more = doubled.unionAll(taxed).unionAll(entries().annotate({ value: (c) => c.long }))
    expect(texts(await more.orderBy('value').pluck('value'))).toEqual([...all, '20', '100.0001'])
    expect(texts(await entries().from(more).orderBy('-value').limit(1).pluck('value'))).toEqual(['100.0001'])
  })

  it('bring numbers to one type', async () => {
    await seed()
    const value = (of: 'amount' | 'price' | 'measure') => entries().annotate({ value: (c) => c[of] as typeof c.price })
    const sorted = async (query: ReturnType<typeof value>) => texts(await query.orderBy('value').pluck('value'))
    expect(await sorted(value('price').union(value('amount')))).toEqual(['0.5', '3', '4.25', '10'])
    expect(await sorted(value('amount').union(value('price')))).toEqual(['0.5', '3', '4.25', '10'])
    expect(await sorted(value('price').union(value('measure')))).toEqual(['0.25', '0.5', '1.123456789', '4.25'])
    expect(await sorted(value('amount').union(value('measure')))).toEqual(['0.25', '1.123456789012', '3', '10'])
  })

  it('are refused where they have no type in common, or other columns', () => {
    const text = entries().annotate({ value: (c) => c.label })
    const number = entries().annotate({ value: (c) => c.amount })
    const attempts = [
      () => text.union(number as never),
      () => number.unionAll(entries().annotate({ value: (c) => c.amount.gt(1) }) as never),
    ]
    for (const attempt of attempts) expect(attempt).toThrow(/values of different types as "value"/)
    const third = text.union(text).union(entries().annotate({ other: (c) => c.label }) as never)
    expect(() => third.toSQL()).toThrow(UsageError)
    const later = text.union(text).annotate({ more: (c) => c.label.upper() })
    expect(() => later.union(text as never).toSQL()).toThrow(/select the same fields and names/)
  })

  it('of groups are of their rows', async () => {
    await seed()
    const cheap = entries().from(
      entries()
        .groupBy('label')
        .annotate({ value: (c) => fn.sum(c.price) }),
    )
    const taxed = entries().from(
      entries()
        .groupBy('label')
        .annotate({ value: (c) => fn.sum(c.price.times('1.125')) }),
    )
    expect(texts(await cheap.union(taxed).orderBy('value').pluck('value'))).toEqual([
      '0.5',
      '0.5625',
      '4.25',
      '4.78125',
    ])
  })
})
