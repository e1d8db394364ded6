import { caseWhen, Field, fn, Model, not, sql, UsageError } from 'corm'
import { expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Entry extends Model({
  n: Field.integer(),
  price: Field.decimal({ precision: 8, scale: 2 }),
  long: Field.decimal({ precision: 30, scale: 4 }),
  measure: Field.float(),
  label: Field.string(),
}) {}

type Numbers = Readonly<Record<string, typeof Entry.columns.n>>

describeDatabases('long and deep expressions', (database) => {
  database.useTables([Entry])

  const COUNT = 1200
  const seed = () => Entry.create({ n: 2, price: '1.25', long: '0.5', measure: 0.5, label: 'a' })

  /** A value with many steps taken. */
  function after<T>(count: number, start: T, step: (value: T, i: number) => T): T {
    let value = start
    for (let i = 0; i < count; i++) value = step(value, i)
    return value
  }

  it('sums, products and texts may be as long as they like', async () => {
    await seed()
    const [row] = await Entry.query().annotate({
      sum: (c) => after(COUNT, c.n, (sum) => sum.plus(1)),
      columns: (c) => after(COUNT, c.n, (sum) => c.n.plus(sum)),
      mixed: (c) => after(COUNT, c.n, (sum, i) => (i % 2 === 0 ? sum.minus(c.n) : sum.plus(3))),
      from: (c) => after(COUNT, c.n, (rest) => rest.minus(1)),
      decimals: (c) => after(COUNT, c.price, (sum) => sum.plus(c.price)),
      digits: (c) => after(COUNT, c.long, (sum) => sum.plus(c.long)),
      floats: (c) => after(COUNT, c.measure, (sum) => sum.plus(c.measure)),
      product: (c) => after(COUNT, c.n, (product) => product.times(1)),
      text: (c) => after(COUNT, c.label, (text) => text.concat('b')),
    })
    expect([row?.sum, row?.columns, row?.mixed, row?.from, row?.floats, row?.product]).toEqual([
      2 + COUNT,
      2 + 2 * COUNT,
      2 + COUNT / 2,
      2 - COUNT,
      (COUNT + 1) / 2,
      2,
    ])
    expect([String(row?.decimals), String(row?.digits)]).toEqual([String(1.25 * (COUNT + 1)), String((COUNT + 1) / 2)])
    expect(row?.text).toBe(`a${'b'.repeat(COUNT)}`)
  })

  it('differences keep their signs wherever they stand', async () => {
    await seed()
    // as `sum` computes it, in the order of the terms
    const signs = Array.from({ length: 300 }, (_, i) => (i * 7) % 5 < 2)
    const [row] = await Entry.query().annotate({
      left: (c) => signs.reduce((sum, plus, i) => (plus ? sum.plus(i) : sum.minus(i)), c.n),
      right: (c) => signs.reduce((sum, plus, i) => (plus ? c.n.plus(sum) : c.n.minus(sum)).plus(i), c.n),
    })
    expect(row?.left).toBe(signs.reduce((sum, plus, i) => (plus ? sum + i : sum - i), 2))
    expect(row?.right).toBe(signs.reduce((sum, plus, i) => (plus ? 2 + sum : 2 - sum) + i, 2))
  })

  it('what is nested too deep is told before it is sent', () => {
    const deep = 5000
    const attempts = [
      () => Entry.where((c) => after(deep, c.n.eq(1), (test) => not(test))),
      () => Entry.where((c) => after(deep, c.n.eq(1), (test, i) => (i % 2 ? test.and(c.n.ne(3)) : test.or(c.n.eq(4))))),
      () => Entry.query().annotate({ text: (c) => after(deep, c.label, (text) => text.upper()) }),
      () => Entry.query().annotate({ deep: (c) => after(deep, c.n, (n) => n.coalesce(c.n)) }),
      () => Entry.query().annotate({ deep: (c) => after(deep, c.n, (n) => n.dividedBy(2)) }),
      () => Entry.query().annotate({ deep: (c) => after(deep, c.n, (n) => caseWhen(c.n.eq(1), 1).else(n)) }),
      () => Entry.query().whereRaw(after(deep, sql`1 = 1`, (text) => sql`not ${text}`)),
      () => fn.max(after(deep, Entry.columns.n, (n) => n.abs())),
    ]
    for (const attempt of attempts) {
      expect(attempt, String(attempt)).toThrow(UsageError)
      expect(attempt, String(attempt)).toThrow(/nested more than 200 levels deep/)
    }
  })

  it('names that are made of each other are nested as well', async () => {
    await seed()
    const query = (count: number) =>
      after(count, Entry.query().annotate({ n0: (c) => c.n.plus(1).abs() }), (before, i) =>
        before.annotate({ [`n${i + 1}`]: (c: unknown) => (c as Numbers)[`n${i}`]?.plus(1).abs() } as never),
      ) as unknown as { pluck(key: string): Promise<unknown[]> }
    expect(await query(80).pluck('n80')).toEqual([83])
    await expect(Promise.resolve().then(() => query(400).pluck('n400'))).rejects.toThrow(/nested more than 200 levels/)
  })
})
