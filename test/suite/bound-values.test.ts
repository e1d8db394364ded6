import { createHash, createHmac } from 'node:crypto'
import { Decimal, Field, fn, Model, sql, UsageError, ValidationError } from 'corm'
import { expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Reading extends Model({
  name: Field.string(),
  at: Field.dateTime({ precision: 6, nullable: true }),
  day: Field.date({ nullable: true }),
}) {}

// what the types refuse must be refused at run time as well
type Loose = any

const forged = JSON.parse('{ "toStringTag": "[object Decimal]", "d": [1], "e": 0, "s": 1 }')
const named = {
  Decimal: class Decimal {
    toString = () => '1); drop table readings; --'
  },
}

const REFUSED: readonly (readonly [string, unknown])[] = [
  ['NaN', Number.NaN],
  ['infinity', Number.POSITIVE_INFINITY],
  ['an invalid Date', new Date(Number.NaN)],
  ['half of a surrogate pair', 'a\ud83d'],
  ['a NaN Decimal', new Decimal(Number.NaN)],
  ['a class that is called Decimal', new named.Decimal()],
  ['an object of a request that looks like a Decimal', forged],
  ['what only looks like a Date', Object.create(Date.prototype)],
  ['a symbol', Symbol('x')],
  ['a function', () => 1],
  ['a list', [1]],
  ['an object', { a: 1 }],
]

describeDatabases('values that no field checks', (database) => {
  database.useTables([Reading])

  it.each(REFUSED)('are refused when they are %s', async (_, value) => {
    const { db } = database
    await Reading.create({ name: 'a' })
    const loose = value as Loose
    const attempts: readonly (() => unknown)[] = [
      () => db.select(sql`select ${loose} as one`),
      () => db.execute(sql`update readings set name = ${loose}`),
      () => Reading.query().whereRaw(sql`${Reading.columns.name} = ${loose}`),
      () => Reading.query().whereRaw('1 = 1' as Loose),
      () => Reading.where(sql`${loose} is null`),
      () => Reading.query().where((c) => (sql`${c.name}` as Loose).eq(loose)),
      () => Reading.query().where((c) => (sql`${c.name}` as Loose).in([loose, 'b'])),
      () => sql.join([1, loose]),
      () => sql.join([1, 2], loose),
    ]
    for (const attempt of attempts) {
      const outcome = await Promise.resolve()
        .then(attempt)
        .catch((error: unknown) => error)
      expect(outcome, String(attempt)).toBeInstanceOf(UsageError)
    }
    expect(await Reading.query().pluck('name')).toEqual(['a'])
  })

  it('are bound as they are otherwise', async () => {
    await Reading.create({ name: '2.5' })
    const rows = await database.db.select(
      sql`select ${1} as a, ${'x'} as b, ${null} as c from readings where name = ${new Decimal('2.5')} and ${2n} > 1`,
    )
    expect(rows).toHaveLength(1)
  })

  it('of groupConcat() are texts between the values', async () => {
    const query = Reading.query() as Loose
    for (const separator of ['\ud83d', 'a\0b', 5, null, [], { separator: null }]) {
      await expect((async () => query.groupConcat('name', separator))()).rejects.toBeInstanceOf(UsageError)
      expect(() => (fn as Loose).groupConcat(Reading.columns.name, separator)).toThrow(UsageError)
    }
  })

  it('of a cursor are values of its fields, even behind a valid signature', async () => {
    await Reading.createMany([
      { name: 'a', at: new Date('2024-05-06T07:08:09.123Z'), day: '2024-05-06' },
      { name: 'b', at: new Date('2024-05-07T07:08:09.123Z'), day: '2024-05-07' },
    ])
    const sign = (field: string, marks: unknown[]) => {
      const body = Buffer.from(JSON.stringify(marks))
      const order = [
        [field, 'asc', null],
        ['id', 'asc', null],
      ]
      const key = createHash('sha256').update('corm cursor of Reading').digest()
      const mac = createHmac('sha256', key)
        .update(JSON.stringify([1, 'Reading', order]))
        .update('\0')
        .update(body)
      return Buffer.concat([mac.digest().subarray(0, 16), body]).toString('base64url')
    }
    const read = (field: 'at' | 'day', mark: unknown) =>
      Reading.query()
        .orderBy(field)
        .cursorPaginate({ after: sign(field, [mark, 1]) })
    // the signature is right: these are read
    expect((await read('at', '2024-05-06 07:08:09.123000')).items.map(({ name }) => name)).toContain('b')
    expect((await read('day', '2024-05-06')).items.map(({ name }) => name)).toContain('b')
    for (const mark of [
      "2024-05-06' or 1=1",
      '2024-05-06',
      '2024-02-31 07:08:09.123000',
      'x',
      5,
      true,
      [],
      {},
      'infinity',
    ])
      await expect(read('at', mark), String(mark)).rejects.toBeInstanceOf(ValidationError)
    for (const mark of ["2024-05-06' or 1=1", '2024-02-31', 'x', 5, true, [], {}])
      await expect(read('day', mark), String(mark)).rejects.toBeInstanceOf(ValidationError)
  })
})
