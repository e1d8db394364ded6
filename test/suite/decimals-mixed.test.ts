import { caseWhen, DatabaseError, Field, fn, Model, ValidationError } from 'corm'
import { Decimal } from 'decimal.js'
import { expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Reading extends Model({
  price: Field.decimal({ precision: 8, scale: 2, nullable: true }),
  long: Field.decimal({ precision: 30, scale: 4, nullable: true }),
  measure: Field.float({ nullable: true }),
  amount: Field.integer({ nullable: true }),
  big: Field.bigInteger({ as: 'number', nullable: true }),
}) {}

describeDatabases('decimals and other numbers', (database) => {
  database.useTables([Reading])

  const seed = () =>
    Reading.insertMany([
      { price: '0.98', long: '0.9801', measure: 0.1, amount: 1, big: 5_000_000_000 },
      { price: null, long: null, measure: 1.123456789012345, amount: 2, big: null },
      { price: '3', long: '12345678901234567890.1234', measure: null, amount: null, big: 7 },
    ])
  const list = (values: readonly unknown[]) => values.map((value) => (value === null ? null : String(value)))
  const rows = () => Reading.query().orderBy('id')

  it('give decimals wherever they meet: of floats eight digits more take part', async () => {
    await seed()
    const mixed = rows().annotate({
      coalesced: (c) => fn.coalesce(c.price, c.measure as never),
      other: (c) => c.measure.coalesce(c.price as never),
      either: (c) => caseWhen(c.amount.eq(1), c.price).else(c.measure),
      least: (c) => fn.least(c.price, c.measure as never),
      sum: (c) => c.price.plus(c.measure as never),
      literal: (c) => c.price.coalesce(0.1234567890123),
    })
    expect(list(await mixed.pluck('coalesced'))).toEqual(['0.98', '1.123456789', '3'])
    expect(list(await mixed.pluck('other'))).toEqual(['0.1', '1.123456789', '3'])
    expect(list(await mixed.pluck('either'))).toEqual(['0.98', '1.123456789', null])
    expect(list(await mixed.pluck('least'))).toEqual(['0.1', null, null])
    expect(list(await mixed.pluck('sum'))).toEqual(['1.08', null, null])
    expect(list(await mixed.pluck('literal'))).toEqual(['0.98', '0.1234567890123', '3'])
    expect(await mixed.orderBy('id').pluck('either')).toContainEqual(new Decimal('0.98'))
    expect(await mixed.where('coalesced', '>', '0.98').count()).toBe(2)
  })

  it('beyond the digits that a database computes with are an error, never another number', async () => {
    await Reading.insertMany([
      { price: '1', measure: 1e36 },
      { price: '2', measure: -1e300 },
      { price: '3', measure: 1e-300 },
    ])
    const of = async (price: number, value: (query: ReturnType<typeof rows>) => Promise<unknown[]>) => {
      const outcome = await value(Reading.where('price', price)).catch((error: unknown) => error)
      return outcome instanceof DatabaseError ? 'error' : list(outcome as unknown[])[0]
    }
    const plus = (query: ReturnType<typeof rows>) =>
      query.annotate({ n: (c) => c.price.plus(c.measure as never) }).pluck('n')
    const coalesced = (query: ReturnType<typeof rows>) =>
      query.annotate({ n: (c) => fn.greatest(c.measure, c.price as never, 0) }).pluck('n')
    const divided = (query: ReturnType<typeof rows>) =>
      query.annotate({ n: (c) => c.price.dividedBy(c.measure as never) }).pluck('n')
    expect(await of(1, plus)).toBe('1.000000000000000000000000000000000001e+36')
    expect(await of(1, coalesced)).toBe('1e+36')
    // all of its 300 digits, where they are kept
    expect(['error', `-9.${'9'.repeat(298)}8e+299`]).toContain(await of(2, plus))
    expect(['error', '2']).toContain(await of(2, coalesced))
    expect(await of(3, plus)).toBe('3')
    expect(['error', '3e+300']).toContain(await of(3, divided))
    expect(['error', '0', '-0']).toContain(await of(2, divided))
  })

  it('integers beside floats are floats, and beside larger integers as large', async () => {
    await seed()
    const mixed = rows().annotate({
      first: (c) => caseWhen(c.amount.eq(1), c.amount).else(c.measure),
      coalesced: (c) => fn.coalesce(c.amount, c.measure),
      large: (c) => fn.coalesce(c.big, c.amount),
      larger: (c) => fn.greatest(c.amount, c.big),
    })
    expect(await mixed.values('first', 'coalesced', 'large', 'larger')).toEqual([
      { first: 1, coalesced: 1, large: 5_000_000_000, larger: 5_000_000_000 },
      { first: 1.123456789012345, coalesced: 2, large: 2, larger: null },
      { first: null, coalesced: null, large: 7, larger: null },
    ])
    expect(
      await rows()
        .annotate({ n: (c) => fn.coalesce(c.measure, c.amount, 0.5) })
        .pluck('n'),
    ).toEqual([0.1, 1.123456789012345, 0.5])
  })

  it('are equal only with all of their digits', async () => {
    await seed()
    const query = rows().annotate({
      same: (c) => fn.nullIf(c.price, c.long),
      other: (c) => fn.nullIf(c.price, c.measure as never),
    })
    expect(list(await query.pluck('same'))).toEqual(['0.98', null, '3'])
    expect(list(await query.pluck('other'))).toEqual(['0.98', null, '3'])
    expect(
      list(
        await rows()
          .annotate({ n: (c) => c.price.nullIf(0.98) })
          .pluck('n'),
      ),
    ).toEqual([null, null, '3'])
    expect(
      list(
        await rows()
          .annotate({ n: (c) => c.price.nullIf('0.9801') })
          .pluck('n'),
      ),
    ).toEqual(['0.98', null, '3'])
  })

  it('of requests are compared with all of their digits', async () => {
    await seed()
    const found = async (filter: Parameters<ReturnType<typeof rows>['filter']>[0]) =>
      list(await rows().filter(filter).pluck('price'))
    expect(await found(['price', '>', 0.985])).toEqual(['3'])
    expect(await found(['price', '<', '0.9800000001'])).toEqual(['0.98'])
    expect(await found(['price', '=', 0.1 + 0.2])).toEqual([])
    expect(await found(['price', 'in', [0.98, '0.98000', 3.0001]])).toEqual(['0.98'])
    expect(await found(['price', 'between', ['0.975', '2.999']])).toEqual(['0.98'])
    expect(await found(['price', 'not in', [0.981, 3]])).toEqual(['0.98'])
    expect(await found(['price', '<', `1${'0'.repeat(60)}`])).toEqual(['0.98', '3'])
    expect(await found(['long', '>', '0.98009'])).toEqual(['0.98', '3'])
    for (const value of ['1e3', 'x', '', true, '1'.repeat(2000)])
      await expect(Promise.resolve().then(() => found(['price', '>', value]))).rejects.toBeInstanceOf(ValidationError)
  })
})
