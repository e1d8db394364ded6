import { CheckViolationError, Decimal, Field, Model, sql } from 'corm'
import { expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

const VALUES: readonly [string, unknown][] = [
  ['an integer', -1],
  ['a bigint', -1n],
  ['a float', -1.5],
  ['a small float', -1e-9],
]

class Balance extends Model(
  {
    n: Field.integer(),
    price: Field.decimal({ precision: 10, scale: 2, default: 0 }),
    low: Field.integer({ dbDefault: sql`5 -${-1}` }),
  },
  {
    checks: {
      raw: (c) => sql`(${c.n} -${-1} > 5)`,
      computed: (c) => c.n.minus(-1).gt(5),
      decimals: (c) => c.price.gte(new Decimal('-2.5')),
    },
  },
) {}

describeDatabases('negative numbers in the text of a statement', (database) => {
  database.useTables([Balance])

  it('begin no comment in checks and defaults', async () => {
    const balance = await Balance.create({ n: 5, price: '-2.50' })
    expect((await Balance.find(balance.id))?.low).toBe(6)
    await expect(Balance.create({ n: 4 })).rejects.toThrow(CheckViolationError)
    await expect(Balance.create({ n: 5, price: '-2.51' })).rejects.toThrow(CheckViolationError)
  })

  it.each(VALUES)('nor in toRawSQL: %s', async (_, value) => {
    await Balance.create({ n: 6 })
    const found = async (query: { toRawSQL(): string }) => (await database.db.select(sql.raw(query.toRawSQL()))).length
    const { n } = Balance.columns
    expect(await found(Balance.query().whereRaw(sql`${n} -${value} > 6`))).toBe(1)
    expect(await found(Balance.query().whereRaw(sql`${n} -${value} > 8`))).toBe(0)
    expect(await found(Balance.query().whereRaw(sql`-${value} > 0`))).toBe(1)
    expect(await found(Balance.query().whereRaw(sql`${n} in (${sql.join([value, 6])})`))).toBe(1)
  })

  it('nor beside columns, in lists and limits of ranges', async () => {
    await Balance.create({ n: 6, price: '-1.25' })
    const found = async (query: { toRawSQL(): string }) => (await database.db.select(sql.raw(query.toRawSQL()))).length
    expect(await found(Balance.where((c) => c.n.minus(-1).eq(7)))).toBe(1)
    expect(await found(Balance.where((c) => c.price.minus(-1).eq('-0.25')))).toBe(1)
    expect(await found(Balance.query().whereIn('price', ['-1.25', '-1.5']))).toBe(1)
    expect(await found(Balance.query().whereBetween('price', [-2, -1]))).toBe(1)
    expect(await found(Balance.query().whereIn('n', [-6, 6]))).toBe(1)
  })
})
