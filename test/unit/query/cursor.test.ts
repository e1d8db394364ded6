import { type AnyQuery, Database, Field, Model, ValidationError } from 'corm'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { metadataOf } from '../../../src/metadata/metadata.js'
import { plainContext } from '../../../src/query/columns/context.js'
import { parseOrder } from '../../../src/query/condition/order.js'
import { writeCursor } from '../../../src/query/pages/cursor.js'
import { keysetOf } from '../../../src/query/pages/keyset.js'
import { expectRefusal } from '../../support/count-queries.js'

class Thing extends Model({
  count: Field.integer(),
  small: Field.integer({ nullable: true }),
  big: Field.bigInteger(),
  price: Field.decimal({ precision: 10, scale: 2 }),
  rating: Field.float(),
  active: Field.boolean(),
  day: Field.date(),
  hour: Field.time(),
  at: Field.dateTime(),
  micro: Field.dateTime({ precision: 6 }),
  bytes: Field.binary(),
  uuid: Field.uuid(),
  kind: Field.enum(['a', 'b']),
  name: Field.string({ max: 5 }),
}) {}

let db: Database
beforeAll(async () => {
  db = await Database.connect('sqlite::memory:')
  await db.createTables([Thing])
})
afterAll(() => db.close())

/** What somebody who knows how cursors are made would send. */
function forged(key: string, marks: unknown): { query: AnyQuery<typeof Thing>; cursor: string } {
  const meta = metadataOf(Thing)
  const columns = keysetOf(meta, { order: parseOrder(plainContext(meta), key), named: new Map() }, 'cursorPaginate')
  return {
    query: Thing.query().orderBy(key as 'count'),
    cursor: writeCursor(meta, columns, marks as [], undefined),
  }
}

const GOOD: Readonly<Record<string, unknown>> = {
  count: 5,
  small: null,
  big: '9007199254740993',
  price: '1.50',
  rating: 0.1,
  active: true,
  day: '2024-02-29',
  hour: '10:00:00',
  at: 1704067200000,
  micro: '2024-01-01 00:00:00.123456',
  bytes: 'AP8',
  uuid: '123e4567-e89b-42d3-a456-426614174000',
  kind: 'a',
  name: 'text',
}

it.each(Object.keys(GOOD))('takes a forged cursor whose value is one of %s', async (key) => {
  const { query, cursor } = forged(key, [GOOD[key], 1])
  expect((await query.cursorPaginate({ after: cursor })).items).toEqual([])
})

const OTHERS = [
  null,
  true,
  1.5,
  2 ** 53,
  '',
  'x',
  '1 or 1=1',
  '01',
  ' 1',
  '1e3',
  '0x10',
  '2024-02-30',
  [],
  [1],
  {},
  { gt: 0 },
  { toString: 1 },
  JSON.parse('{"__proto__":{"x":1}}') as unknown,
]
const fits = (key: string, value: unknown) =>
  JSON.stringify(value) === JSON.stringify(GOOD[key]) ||
  (value === null && key === 'small') ||
  (typeof value === 'string' && key === 'name') ||
  (typeof value === 'number' && key === 'rating') ||
  (typeof value === 'string' && key === 'bytes' && Buffer.from(value, 'base64url').toString('base64url') === value) ||
  (value === true && key === 'active')

it.each(Object.keys(GOOD))('refuses a forged cursor with anything else for %s', async (key) => {
  for (const value of OTHERS) {
    if (fits(key, value)) continue
    const { query, cursor } = forged(key, [value, 1])
    const error = await expectRefusal(() => query.cursorPaginate({ after: cursor }))
    expect(error, JSON.stringify(value)).toBeInstanceOf(ValidationError)
  }
})

it('refuses a forged cursor of another form', async () => {
  for (const marks of [null, 1, 'x', {}, [], [1], [1, 1, 1], { 0: 1, 1: 1, length: 2 }, [1, null], [1, '1']]) {
    const { query, cursor } = forged('count', marks)
    expect(await expectRefusal(() => query.cursorPaginate({ before: cursor }))).toBeInstanceOf(ValidationError)
  }
})
