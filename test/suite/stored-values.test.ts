import { Field, StoredValueError, sql } from 'corm'
import { describe, expect, it } from 'vitest'
import { expectQueries } from '../support/count-queries.js'
import { type DatabaseKind, describeDatabases } from '../support/databases.js'
import { looseModel } from '../support/loose.js'
import { KINDS, keptBy } from '../support/values.js'

// A column holds what another program wrote: it is read as what it is, or refused with the field, the row and the remedy.

const options = { table: 'misfits' }

class Text extends looseModel(
  { value: Field.text({ nullable: true }), note: Field.string({ default: '' }) },
  options,
) {}

const note = { note: Field.string({ default: '' }) }
const reader = (value: unknown) => class Reader extends looseModel({ value, ...note }, options) {}

/** Fields over a column of texts, and texts that they can't hold. */
const MISFITS: Record<string, readonly [field: () => unknown, texts: readonly string[]]> = {
  smallInteger: [() => Field.smallInteger(), ['abc', '', '1.5', '1e3', '0x10', ' ']],
  integer: [() => Field.integer(), ['abc', '', '1.5', '9007199254740993', 'true']],
  bigInteger: [() => Field.bigInteger(), ['abc', '', '1.5', '1.0', '0x10', '12n', ' 1']],
  'bigInteger as number': [() => Field.bigInteger({ as: 'number' }), ['abc', '9007199254740993']],
  float: [() => Field.float(), ['abc', '', ' ', 'NaN', 'Infinity', '1,5', '0x10', '0b1', ' 5 ', '+5']],
  decimal: [() => Field.decimal({ precision: 10, scale: 2 }), ['abc', '', 'NaN', 'Infinity', '1e5', '0x10', '1.']],
  'long decimal': [() => Field.decimal({ precision: 30, scale: 2, as: 'string' }), ['abc', '', 'NaN', '1e5']],
  boolean: [() => Field.boolean(), ['true', 'false', 't', '1', '0', 'yes', '']],
  uuid: [() => Field.uuid(), ['F81D4FAE-7DEC-41D0-A765-00A0C91E6BF6', 'f81d4fae7dec41d0a76500a0c91e6bf6', 'abc', '']],
  enum: [() => Field.enum(['a', 'b']), ['c', 'A', '', 'a ']],
  'numeric enum': [() => Field.enum({ one: 1, two: 2 }), ['3', 'x', '']],
  json: [
    () => Field.json(),
    [
      '{1,2}',
      '',
      'abc',
      "{'a': 1}",
      'undefined',
      '1e400',
      '9007199254740993',
      '{"a":1e400}',
      '['.repeat(600) + ']'.repeat(600),
    ],
  ],
  date: [
    () => Field.date(),
    [
      '2024-05-01 00:00:00',
      '2024-00-15',
      '2024-02-30',
      '0000-00-00',
      '2024-5-1',
      '01/05/2024',
      '2024-05-01T00:00:00Z',
      '0',
    ],
  ],
  time: [
    () => Field.time(),
    ['10:00', '24:00:00', '-01:00:00', '100:00:00', '10:00:60', '10:00:00+02', '10:00:00.', '10'],
  ],
  dateTime: [
    () => Field.dateTime(),
    [
      '2024-02-30 10:00:00.000',
      '2024-13-01 10:00:00.000',
      '0000-00-00 00:00:00.000',
      '2024-05-01 25:00:00.000',
      'now',
      '',
    ],
  ],
  'dateTime of 6 digits': [
    () => Field.dateTime({ precision: 6 }),
    ['2024-02-30 10:00:00.000000', '2024-00-15 10:00:00.000000', '2024-05-01 10:00:61.000000', 'infinity'],
  ],
  binary: [() => Field.binary(), ['abc', '']],
  custom: [
    () =>
      Field.custom({
        type: 'text',
        encode: String,
        decode: (text: string) => {
          throw new TypeError(`no ${text.length}`)
        },
      })(),
    ['abc'],
  ],
}

/** They say what is wrong, and nothing of what was stored. */
const WORDS = new Set(['Infinity', 'infinity', 'true', 'false'])

interface Odd {
  readonly type: string
  /** SQL of the value. */
  readonly value: string
  readonly field: () => unknown
  /** What the message has. */
  readonly says: string
}

const at = () => Field.dateTime()
const fine = () => Field.dateTime({ precision: 6 })
const day = () => Field.date()

/** What only some databases can hold. */
const POSTGRES: readonly Odd[] = [
  { type: 'timestamptz', value: "'infinity'", field: at, says: 'infinity' },
  { type: 'timestamptz', value: "'-infinity'", field: at, says: 'infinity' },
  { type: 'timestamptz', value: "'infinity'", field: fine, says: 'infinity' },
  { type: 'date', value: "'infinity'", field: day, says: 'infinity' },
  { type: 'date', value: "'0044-03-15 BC'", field: day, says: 'YYYY-MM-DD' },
  { type: 'date', value: "'10000-01-01'", field: day, says: 'YYYY-MM-DD' },
  { type: 'time', value: "'24:00:00'", field: () => Field.time(), says: 'HH:MM:SS' },
  { type: 'timetz', value: "'10:00:00+02'", field: () => Field.time(), says: 'HH:MM:SS' },
  { type: 'int[]', value: "'{1,2}'", field: () => Field.json(), says: 'JSON' },
  { type: 'int', value: '2', field: () => Field.boolean(), says: 'true or false' },
  { type: 'int', value: '2', field: () => Field.string(), says: 'text' },
  { type: 'float8', value: '1.5', field: () => Field.integer(), says: 'integer' },
  { type: 'float8', value: "'NaN'", field: () => Field.float(), says: 'NaN' },
  { type: 'numeric', value: "'NaN'", field: () => Field.decimal(), says: 'decimal' },
  { type: 'bigint', value: '9007199254740993', field: () => Field.integer(), says: '2^53' },
]

const MYSQL: readonly Odd[] = [
  ...['datetime', 'datetime(3)', 'datetime(6)'].flatMap((type) =>
    ["'0000-00-00'", "'2024-00-15'", "'2024-05-00 10:00:00'"].map((value) => ({
      type,
      value,
      field: at,
      says: 'calendar',
    })),
  ),
  { type: 'datetime(6)', value: "'2024-00-15 10:00:00'", field: fine, says: 'calendar' },
  { type: 'date', value: "'0000-00-00'", field: day, says: 'YYYY-MM-DD' },
  { type: 'date', value: "'2024-00-15'", field: day, says: 'YYYY-MM-DD' },
  { type: 'time', value: "'838:59:59'", field: () => Field.time(), says: 'HH:MM:SS' },
  { type: 'time', value: "'-01:00:00'", field: () => Field.time(), says: 'HH:MM:SS' },
  { type: 'tinyint', value: '2', field: () => Field.boolean(), says: '1 or 0' },
  { type: 'double', value: '1.5', field: () => Field.integer(), says: 'integer' },
  { type: 'bigint unsigned', value: '18446744073709551615', field: () => Field.integer(), says: '2^53' },
  { type: 'blob', value: "'abc'", field: () => Field.string(), says: 'text' },
]

const SQLITE: readonly Odd[] = [
  { type: '', value: '1767322984000', field: at, says: "'milliseconds'" },
  { type: '', value: "'2026-01-02T03:04:05Z'", field: at, says: "'iso'" },
  { type: '', value: "'2026-01-02 03:04:05'", field: at, says: 'storage' },
  { type: '', value: "'2026-01-02 03:04:05.123456'", field: at, says: 'storage' },
  { type: '', value: '1767322984000', field: day, says: "'milliseconds'" },
  { type: '', value: "'2024-05-01 00:00:00'", field: day, says: 'YYYY-MM-DD' },
  { type: '', value: '2', field: () => Field.boolean(), says: 'words' },
  { type: '', value: "'true'", field: () => Field.boolean(), says: 'words' },
  { type: '', value: '1.5', field: () => Field.boolean(), says: 'words' },
  { type: '', value: '5.5', field: () => Field.decimal({ scale: 2 }), says: "'numeric'" },
  { type: '', value: "'5.50'", field: () => Field.decimal({ scale: 2 }), says: "'text'" },
  ...["'5'", "'05'", "'-0'", "'9223372036854775808'", "x'35'"].flatMap((value) =>
    [10, 17].map((precision) => ({
      type: '',
      value,
      field: () => Field.decimal({ precision, scale: 2 }),
      says: 'storage',
    })),
  ),
  ...["'5'", "'5.5'", "'05.50'", "'-0.00'", "'5.500'", '5', '5.5'].map((value) => ({
    type: '',
    value,
    field: () => Field.decimal({ precision: 30, scale: 2 }),
    says: "'text'",
  })),
  { type: '', value: '1.5', field: () => Field.integer(), says: 'integer' },
  { type: '', value: '1.5', field: () => Field.bigInteger(), says: 'integer' },
  { type: '', value: '9007199254740993', field: () => Field.integer(), says: '2^53' },
  { type: '', value: "x'616263'", field: () => Field.string(), says: 'text' },
  { type: '', value: '12', field: () => Field.string(), says: 'text' },
  { type: '', value: "'abc'", field: () => Field.binary(), says: 'bytes' },
  { type: '', value: "x'f81d4fae7dec41d0a76500a0c91e6bf6'", field: () => Field.uuid(), says: "'blob'" },
  { type: '', value: '5', field: () => Field.json(), says: 'JSON' },
  { type: '', value: "x'7b7d'", field: () => Field.json(), says: 'JSON' },
]

const ODD: Record<DatabaseKind, readonly Odd[]> = { sqlite: SQLITE, pglite: POSTGRES, postgres: POSTGRES, mysql: MYSQL }

/** SQLite refuses the column as a whole, before a row is read. */
const isDeclared = ({ message }: Error) => message.includes('declared as')

async function refusal(work: PromiseLike<unknown>): Promise<StoredValueError> {
  const error = await Promise.resolve(work).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(StoredValueError)
  return error as StoredValueError
}

describeDatabases('stored values', (database) => {
  describe('that another program wrote', () => {
    database.useTables([Text])

    it.each(Object.entries(MISFITS))(
      'as %s: each is refused with its field, row and remedy',
      async (_, [field, texts]) => {
        const Reader = reader(field())
        for (const text of texts) {
          const { id } = await Text.create({ value: text, note: 'before' })
          const read = [
            () => Reader.find(id),
            () => Reader.where('id', id).get(),
            () => Reader.where('id', id).pluck('value'),
            () => Reader.where('id', id).values(),
          ]
          for (const [i, work] of read.entries()) {
            const error = await refusal(work())
            expect(error.message, text).toMatch(/^"Reader\.value" .+\. .+/)
            expect(error).toMatchObject({ code: 'STORED_VALUE', model: 'Reader', field: 'value' })
            if (i !== 2 && !isDeclared(error))
              expect([error.key, error.message]).toEqual([id, expect.stringContaining(`key ${id}`)])
            if (text.length > 3 && !WORDS.has(text)) expect(error.message).not.toContain(text)
          }
          const row = await Reader.query().omit('value').findOrFail(id)
          row.note = 'after'
          await row.save()
          expect(await Text.find(id)).toMatchObject({ value: text, note: 'after' })
        }
      },
    )

    it('as NULL in a field that is not nullable', async () => {
      for (const [field] of Object.values(MISFITS)) {
        const Reader = reader(field())
        const { id } = await Text.create({ note: 'before' })
        for (const work of [() => Reader.find(id), () => Reader.where('id', id).values()]) {
          const error = await refusal(work())
          expect(error).toMatchObject({ model: 'Reader', field: 'value' })
          if (isDeclared(error)) continue
          expect(error.message).toContain('NULL')
          expect(error.message).toContain('nullable: true')
          expect(error.key).toBe(id)
        }
        await refusal(Reader.where('id', id).pluck('value'))
        expect(await Text.where('id', id).whereNull('value').count()).toBe(1)
      }
    })

    it('reads the rows that are right beside one that is not', async () => {
      await Text.createMany([{ value: '2024-01-01' }, { value: 'no day' }, { value: '2024-01-03' }])
      const Reader = reader(Field.date())
      await refusal(Reader.query().get())
      expect(
        await Reader.where('value', '<', '2025')
          .pluck('value')
          .catch(() => null),
      ).toBe(null)
      expect(await Reader.where('value', '<', '2024-12-31').orderBy('value').pluck('value')).toEqual([
        '2024-01-01',
        '2024-01-03',
      ])
    })
  })

  it('of types that other tables have are refused, and the rows saved without them', async () => {
    const { db, kind } = database
    for (const [i, { type, value, field, says }] of ODD[kind].entries()) {
      const table = `odd_${i}`
      // MariaDB takes such dates when it is told to
      const told = kind === 'mysql' ? "set statement sql_mode = '' for " : ''
      await db.execute(
        sql.raw(`create table ${table} (id integer not null primary key, value ${type}, note varchar(20))`),
      )
      await db.execute(sql.raw(`${told}insert into ${table} values (1, ${value}, 'a')`))
      class Odd extends looseModel({ value: field(), note: Field.string() }, { table }) {}
      const error = await refusal(Odd.find(1))
      expect(error.message, value).toContain(says)
      expect(error).toMatchObject({ model: 'Odd', field: 'value', key: 1 })
      // the second time another reader may be at work
      await refusal(Odd.query().get())
      const row = await Odd.query().omit('value').findOrFail(1)
      await row.update({ note: 'b' })
      expect(await Odd.query().pluck('note')).toEqual(['b'])
      await db.execute(sql`drop table ${sql.id(table)}`)
    }
  })

  describe('leave their instances clean', () => {
    database.useTables([Text])

    it.each(KINDS.map((kind) => [kind.title, kind] as const))('%s', async (_, kind) => {
      const { model } = kind
      await database.db.createTables([model])
      await model.createMany([...keptBy(database, kind), null].map((value) => ({ value })))
      for (const row of await model.query().get()) {
        expect([row.value, row.isDirty(), row.getChanges()]).toEqual([row.value, false, {}])
        await expectQueries(0, () => row.save())
      }
      await database.db.dropTables([model])
    })

    const JSONS = [
      ...[
        '{"b":1,  "a":[1 ,2]}',
        ' null ',
        'null',
        '\n{}',
        '1.50',
        '-0',
        '-0.0',
        '1e2',
        '"\\u0041"',
        '{"a":1,"a":2}',
        '"\\ud800"',
        '{"toJSON":1}',
      ],
      ...['{"__proto__":{"x":1}}', '12345678901234567000', '1e22', '0.1000000000000000055', '[]', '{"a":{}}'],
    ]

    it.each([
      ['json', Field.json(), JSONS],
      ['nullable json', Field.json({ nullable: true }), JSONS],
      [
        'custom',
        Field.custom({ type: 'text', encode: (v: string) => v, decode: (text: string) => text.trim().toLowerCase() })(),
        [' Abc ', 'x'],
      ],
      [
        'long decimal',
        Field.decimal({ precision: 30, scale: 10, storage: 'text' }),
        ['1.5', '1.5000000000', '0', '-0', '-0.0', '007.1', '5'],
      ],
    ])('%s that other programs write in their own way', async (_, field, texts) => {
      const Reader = reader(field)
      for (const value of texts) {
        const { id } = await Text.create({ value })
        const row = await Reader.findOrFail(id)
        expect([value, row.isDirty(), row.getChanges()]).toEqual([value, false, {}])
        await expectQueries(0, () => row.save())
        await row.update({ note: 'other' })
        expect(await Text.find(id)).toMatchObject({ value, note: 'other' })
      }
    })
  })
})
