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

  it('conditions joined one by one are as quick to join as there are many, and each row stays what it was', async () => {
    await Entry.insertMany([0, 63, 64, 4999, 20_000].map((n) => ({ n, price: '1', long: '1', measure: 1, label: 'a' })))
    const numbers = async (test: typeof first) => (await Entry.where(test).orderBy('n').pluck('n')) as number[]
    const first = Entry.columns.n.eq(0)
    const rows: (typeof first)[] = []
    const start = performance.now()
    const last = after(19_999, first, (row, i) => {
      rows.push(row)
      return i % 2 === 0 ? row.or(Entry.columns.n.eq(i + 1)) : Entry.columns.n.eq(i + 1).or(row)
    })
    // joined by copies it took a minute
    expect(performance.now() - start).toBeLessThan(15_000)
    expect(Entry.where(last).toSQL().sql.match(/ or /g)).toHaveLength(19_999)
    // SQLite takes 15 seconds to prepare 20 000 of them
    expect(await numbers(rows[4999]!)).toEqual([0, 63, 64, 4999])
    expect(await numbers(rows[63]!)).toEqual([0, 63])
    expect(await numbers(rows[64]!)).toEqual([0, 63, 64])
    expect(await numbers(rows[100]!.or(rows[64]!, Entry.columns.n.eq(20_000)))).toEqual([0, 63, 64, 20_000])
    expect(await numbers(rows[100]!.and(Entry.columns.n.ne(0)))).toEqual([63, 64])
    expect(await numbers(rows[200]!.not())).toEqual([4999, 20_000])
    const all = after(2000, Entry.columns.n.ne(63), (row, i) => row.and(Entry.columns.n.ne(i + 100)))
    expect(await numbers(all)).toEqual([0, 64, 4999, 20_000])
    expect(
      await Entry.where((c) => after(3000, c.n.eq(-1), (row, i) => row.or(c.n.eq(i))))
        .orderBy('n')
        .pluck('n'),
    ).toEqual([0, 63, 64])
    // one that was made and left out is noticed all the same
    expect(() =>
      Entry.where((c) => {
        c.n.eq(5)
        return after(3000, c.n.eq(-1), (row, i) => row.or(c.n.eq(i)))
      }),
    ).toThrow(UsageError)
  })
})
