import { setImmediate } from 'node:timers/promises'
import { type AnyQuery, type Entity, Field, Model } from 'corm'
import { beforeAll, describe, expect, it } from 'vitest'
import { describeDatabases, type TestDatabase } from '../support/databases.js'

class Row extends Model({
  int: Field.integer({ nullable: true }),
  text: Field.string({ max: 20, nullable: true }),
  money: Field.decimal({ precision: 10, scale: 2, nullable: true }),
  moment: Field.dateTime({ nullable: true }),
  flag: Field.boolean({ nullable: true }),
  float: Field.float({ nullable: true }),
  few: Field.boolean(),
}) {}

const NAMES = ['int', 'text', 'money', 'moment', 'flag', 'float'] as const
type Name = (typeof NAMES)[number]
const ROWS = 300
const FEW = 30

/** Numbers that are the same in each run. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const VALUES: Record<Name, readonly unknown[]> = {
  int: [-2_147_483_648, -1, 0, 1, 2, 2_147_483_647],
  text: ['', ' ', 'a', 'A', 'b', 'ä', 'ab', "o'clock", '%', '\\', '表', '😀'],
  money: ['-99999999.99', '-0.01', '0', '0.1', '9', '10', '99999999.99'],
  moment: [
    '1969-12-31T23:59:59.999Z',
    '1970-01-01T00:00:00.000Z',
    '2024-02-29T12:00:00.001Z',
    '2024-02-29T12:00:00.002Z',
  ].map((text) => new Date(text)),
  flag: [false, true],
  float: [-1e300, -0.1, 0, 0.1 + 0.2, 0.3, 1 / 3, 5e-324, 1e300],
}

function rows() {
  const random = seeded(20_240_228)
  const one = (name: Name) => (random() < 0.4 ? null : VALUES[name][Math.floor(random() * VALUES[name].length)])
  return Array.from({ length: ROWS }, (_, i) => ({
    ...Object.fromEntries(NAMES.map((name) => [name, one(name)])),
    few: i % Math.floor(ROWS / FEW) === 0,
  })) as unknown as Parameters<typeof Row.insertMany<typeof Row>>[0]
}

interface Order {
  readonly name: Name
  readonly direction: 'asc' | 'desc'
  readonly nulls: 'first' | 'last' | undefined
}

const told = (orders: readonly Order[]) =>
  orders
    .map(({ name, direction, nulls }) => `${name} ${direction}${nulls === undefined ? '' : ` nulls ${nulls}`}`)
    .join(', ')

/** Each column alone in each way, and 60 combinations of two and three. */
function orders(): Order[][] {
  const ways = (['asc', 'desc'] as const).flatMap((direction) =>
    ([undefined, 'first', 'last'] as const).map((nulls) => ({ direction, nulls })),
  )
  const random = seeded(7)
  const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)] as T
  const singles = NAMES.flatMap((name) => ways.map((way) => [{ name, ...way }]))
  const combined = Array.from({ length: 60 }, (_, i) => {
    const names = [...NAMES].sort(() => random() - 0.5).slice(0, i % 2 === 0 ? 2 : 3)
    return names.map((name) => ({ name, ...pick(ways) }))
  })
  return [...singles, ...combined]
}

type Rows = AnyQuery<typeof Row>

const ordered = (query: Rows, list: readonly Order[]): Rows =>
  list.reduce(
    (sorted, { name, direction, nulls }) =>
      sorted.orderBy((c) => (c[name] as any)[direction](nulls === undefined ? {} : { nulls })),
    query,
  )

/** Forwards to the end, then backwards to the beginning, by the cursors that each page gives. */
async function walk(query: Rows, size: number): Promise<{ there: number[]; back: number[]; wrong: string[] }> {
  // asserted at the end: there are thousands of pages
  const wrong: string[] = []
  const check = (isRight: boolean, what: string) => isRight || wrong.push(what)
  const ids = (items: readonly unknown[]) => (items as Entity<typeof Row>[]).map((row) => row.id)
  const there: number[] = []
  let page = await query.cursorPaginate({ size })
  check(page.hasPrevious === false, 'the first page has a previous one')
  there.push(...ids(page.items))
  while (page.hasNext && wrong.length === 0) {
    page = await query.cursorPaginate({ size, after: page.nextCursor as string })
    check(page.items.length > 0, 'a next page is empty')
    check(page.hasPrevious === true, 'a next page has no previous one')
    there.push(...ids(page.items))
  }
  const back = [...ids(page.items)]
  while (page.hasPrevious && wrong.length === 0) {
    page = await query.cursorPaginate({ size, before: page.previousCursor as string })
    check(page.items.length > 0, 'a previous page is empty')
    check(page.hasNext === true, 'a previous page has no next one')
    back.unshift(...ids(page.items))
  }
  return { there, back, wrong }
}

/** What the server's own sort of all rows gives. */
const sorted = (query: Rows): Promise<number[]> => query.orderBy('id').pluck('id')

describeDatabases('pages over 40 % NULLs and many ties', (database: TestDatabase) => {
  beforeAll(async () => {
    await database.db.createTables([Row])
    await Row.insertMany(rows())
  })
  const all = orders()
  const only = (list: readonly Order[], few: boolean) => ordered(few ? Row.where('few', true) : Row.query(), list)

  it('has rows as they were meant', async () => {
    expect(await Row.count()).toBe(ROWS)
    const nulls = await Promise.all(NAMES.map((name) => Row.query().whereNull(name).count()))
    for (const count of nulls) expect(Math.abs(count - ROWS * 0.4)).toBeLessThan(ROWS * 0.06)
  })

  describe.each([
    { size: 1, few: true, every: 5 },
    { size: 2, few: true, every: 3 },
    { size: 7, few: true, every: 2 },
    { size: 7, few: false, every: 7 },
    { size: 40, few: false, every: 1 },
  ])('of $size rows (few: $few)', ({ size, few, every }) => {
    const chosen = all.filter((_, i) => i % every === 0)
    const title = `have every row once, in the order of the server, forwards and backwards: ${chosen.length} orders`
    it(title, { timeout: 300_000 }, async () => {
      for (const list of chosen) {
        const query = only(list, few)
        const expected = await sorted(query)
        const { there, back, wrong } = await walk(query, size)
        await setImmediate() // SQLite answers without a pause, and the test runner waits for its messages
        expect(wrong, told(list)).toEqual([])
        expect(there, told(list)).toEqual(expected)
        expect(back, told(list)).toEqual(expected)
      }
    })
  })

  it('streams and batches go the same way', async () => {
    for (const list of all.filter((_, i) => i % 4 === 0)) {
      const query = only(list, false)
      const expected = await sorted(query)
      const streamed: number[] = []
      for await (const row of query.stream({ chunkSize: 40 })) streamed.push((row as Entity<typeof Row>).id)
      expect(streamed, told(list)).toEqual(expected)
      const inBatches: number[] = []
      for await (const batch of query.batches(29)) {
        expect(batch.length).toBeLessThanOrEqual(29)
        inBatches.push(...(batch as Entity<typeof Row>[]).map((row) => row.id))
      }
      expect(inBatches, told(list)).toEqual(expected)
    }
  })

  it('pages by number go the same way', async () => {
    for (const list of all.filter((_, i) => i % 8 === 0)) {
      const query = only(list, false)
      const expected = await sorted(query)
      const ids: number[] = []
      for (let number = 1; number <= 5; number++) {
        const { items, total } = await query.paginate({ page: number, size: ROWS / 5 })
        expect(total).toBe(ROWS)
        ids.push(...(items as Entity<typeof Row>[]).map((row) => row.id))
      }
      expect(ids, told(list)).toEqual(expected)
    }
  })
})
