import { Database, sql } from 'corm'
import { column } from 'corm/migration'
import { describe, expect, it } from 'vitest'
import { EMPTY } from '../../src/ast/schema.js'
import { isSchema } from '../../src/migration/definition.js'
import { resolveOperation } from '../../src/migration/resolve.js'
import type { MigrationColumn, MigrationOperation } from '../../src/types/migration.js'
import { databaseKinds, describeDatabases } from '../support/databases.js'
import { runOperations } from '../support/schema-run.js'

// Values of a column whose type changes on SQLite, which has no conversions that fail.

type Change = readonly [
  from: MigrationColumn,
  to: MigrationColumn,
  /** SQL of stored values, and of what they become. */
  kept: readonly (readonly [before: string, after: string])[],
  refused: readonly string[],
]

const numbers = (precision: number, scale: number) => column.decimal({ precision, scale, nullable: true })
const yes = { nullable: true } as const

const CHANGES: Readonly<Record<string, Change>> = {
  'text to integer': [
    column.text(yes),
    column.integer(yes),
    [
      ["'12'", '12'],
      ["'-3'", '-3'],
      ["'007'", '7'],
      ["'+8'", '8'],
    ],
    ["'12abc'", "'x'", "''", "'-'", "' 1'", "'1.0'", "'3000000000'", "'3000000000000000000000000'"],
  ],
  'text to smallInteger': [column.text(yes), column.smallInteger(yes), [["'32767'", '32767']], ["'32768'"]],
  'bigInteger to integer': [
    column.bigInteger(yes),
    column.integer(yes),
    [['-2147483648', '-2147483648']],
    ['2147483648'],
  ],
  'integer to bigInteger': [column.integer(yes), column.bigInteger(yes), [['5', '5']], []],
  'integer to string': [column.integer(yes), column.string({ max: 3, nullable: true }), [['-12', "'-12'"]], ['1234']],
  'integer to decimal': [
    column.integer(yes),
    numbers(6, 2),
    [
      ['12', '1200'],
      ['-9999', '-999900'],
    ],
    ['10000'],
  ],
  'integer to long decimal': [column.integer(yes), numbers(30, 2), [['12', "'12.00'"]], []],
  'integer to boolean': [
    column.integer(yes),
    column.boolean(yes),
    [
      ['0', '0'],
      ['1', '1'],
    ],
    ['2'],
  ],
  'boolean to text': [
    column.boolean(yes),
    column.text(yes),
    [
      ['0', "'false'"],
      ['1', "'true'"],
    ],
    [],
  ],
  'integer to float': [column.bigInteger(yes), column.float(yes), [['3', '3.0']], ['9007199254740993']],
  'float to integer': [column.float(yes), column.integer(yes), [['3.0', '3']], ['3.5', '1e300']],
  'float to decimal': [
    column.float(yes),
    numbers(6, 2),
    [
      ['1.1', '110'],
      ['-2.25', '-225'],
    ],
    ['1.125', '10000.0'],
  ],
  'decimal to more digits': [
    numbers(6, 2),
    numbers(8, 4),
    [
      ['110', '11000'],
      ['-5', '-500'],
    ],
    [],
  ],
  'decimal to fewer digits': [numbers(6, 2), numbers(6, 1), [['110', '11']], ['115', '-5']],
  'decimal to fewer whole digits': [numbers(6, 2), numbers(6, 4), [['9999', '999900']], ['10000']],
  'decimal to integer': [numbers(6, 2), column.integer(yes), [['1200', '12']], ['1250']],
  'decimal to float': [numbers(6, 2), column.float(yes), [['125', '1.25']], []],
  'decimal to text': [
    numbers(6, 2),
    column.text(yes),
    [
      ['-5', "'-0.05'"],
      ['1200', "'12.00'"],
    ],
    [],
  ],
  'decimal to long decimal': [numbers(6, 2), numbers(30, 4), [['-5', "'-0.0500'"]], []],
  'long decimal to fewer digits': [numbers(30, 4), numbers(30, 2), [["'1.2500'", "'1.25'"]], ["'1.2550'"]],
  'long decimal to whole': [numbers(30, 2), numbers(30, 0), [["'12.00'", "'12'"]], ["'12.50'"]],
  'string to shorter': [
    column.string({ max: 9, nullable: true }),
    column.string({ max: 3, nullable: true }),
    [["'äöü'", "'äöü'"]],
    ["'four'"],
  ],
  'text to decimal': [
    column.text(yes),
    numbers(6, 2),
    [
      ["'5.5'", '550'],
      ["'100'", '10000'],
      ["'-0.05'", '-5'],
      ["'007.500'", '750'],
      ["'.5'", '50'],
      ["'5.'", '500'],
      ["'-0'", '0'],
      ["'+9999.99'", '999999'],
    ],
    ["'10000'", "'0.001'", "'x'", "''", "'.'", "'1.2.3'", "'1e3'", "' 1'", "'--1'", "'1-'"],
  ],
  'text to long decimal': [
    column.text(yes),
    numbers(30, 2),
    [
      ["'5.5'", "'5.50'"],
      ["'-00.10'", "'-0.10'"],
      ["'-0'", "'0.00'"],
      ["'1234567890123456789012345678.9'", "'1234567890123456789012345678.90'"],
    ],
    ["'12345678901234567890123456789'", "'0.001'", "'x'"],
  ],
  'text to long whole': [column.text(yes), numbers(30, 0), [["'-12.0'", "'-12'"]], ["'1.5'"]],
  'text to bigInteger': [
    column.text(yes),
    column.bigInteger(yes),
    [
      ["'9223372036854775807'", '9223372036854775807'],
      ["'00012'", '12'],
    ],
    ["'9223372036854775808'"],
  ],
  'text to float': [
    column.text(yes),
    column.float(yes),
    [
      ["'5'", '5.0'],
      ["'0.1'", '0.1'],
    ],
    ["'x'", "''"],
  ],
  'text to boolean': [
    column.text(yes),
    column.boolean(yes),
    [
      ["'true'", '1'],
      ["'false'", '0'],
    ],
    ["'yes'", "''"],
  ],
  'text to time': [column.text(yes), column.time(yes), [["'09:05:00'", "'09:05:00'"]], ["'9:05'", "'25:00:00'"]],
  'long decimal to decimal': [
    numbers(30, 2),
    numbers(12, 2),
    [
      ["'1.50'", '150'],
      ["'-0.05'", '-5'],
      ["'0.00'", '0'],
      ["'9999999999.99'", '999999999999'],
    ],
    ["'10000000000.00'"],
  ],
  'long decimal to shorter': [numbers(30, 2), numbers(20, 2), [["'1.50'", "'1.50'"]], ["'1234567890123456789.00'"]],
  'long decimal to integer': [
    numbers(30, 2),
    column.integer(yes),
    [
      ["'-12.00'", '-12'],
      ["'0.00'", '0'],
    ],
    ["'12.50'", "'3000000000.00'"],
  ],
  'text to uuid': [
    column.text(yes),
    column.uuid(yes),
    [["'0b8a2f3e-6d0e-4f4c-9f4e-0a1b2c3d4e5f'", "'0b8a2f3e-6d0e-4f4c-9f4e-0a1b2c3d4e5f'"]],
    ["'0B8A2F3E-6D0E-4F4C-9F4E-0A1B2C3D4E5F'", "'x'"],
  ],
  'text to json': [column.text(yes), column.json(yes), [[`'{"a":1}'`, `'{"a":1}'`]], ["'{'"]],
  'text to date': [
    column.text(yes),
    column.date(yes),
    [["'2026-02-28'", "'2026-02-28'"]],
    ["'2026-02-30'", "'now'", "'2026-2-3'"],
  ],
  'text to dateTime': [
    column.text(yes),
    column.dateTime(yes),
    [["'2026-02-28 01:02:03.004'", "'2026-02-28 01:02:03.004'"]],
    ["'2026-02-28'", "'x'"],
  ],
  'date to dateTime': [
    column.date(yes),
    column.dateTime({ precision: 6, nullable: true }),
    [["'2026-02-28'", "'2026-02-28 00:00:00.000000'"]],
    [],
  ],
  'dateTime to date': [
    column.dateTime(yes),
    column.date(yes),
    [["'2026-02-28 00:00:00.000'", "'2026-02-28'"]],
    ["'2026-02-28 00:00:00.001'"],
  ],
  'dateTime to more digits': [
    column.dateTime(yes),
    column.dateTime({ precision: 6, nullable: true }),
    [["'2026-02-28 01:02:03.004'", "'2026-02-28 01:02:03.004000'"]],
    [],
  ],
  'dateTime to fewer digits': [
    column.dateTime({ precision: 6, nullable: true }),
    column.dateTime(yes),
    [["'2026-02-28 01:02:03.004000'", "'2026-02-28 01:02:03.004'"]],
    ["'2026-02-28 01:02:03.004500'"],
  ],
  'json to binary': [column.json(yes), column.binary(yes), [], ["'{}'"]],
  'a declared type to one of corm': [
    column.string({ max: 20, nullable: true, sql: 'varchar(20)' }),
    column.text(yes),
    [["'Ada'", "'Ada'"]],
    [],
  ],
  'a declared integer to a larger one': [
    column.integer({ nullable: true, sql: 'int' }),
    column.bigInteger(yes),
    [['5', '5']],
    [],
  ],
  'a declared type that stores something else': [
    column.decimal({ precision: 8, scale: 2, nullable: true, sql: 'numeric' }),
    column.text(yes),
    [],
    ['5'],
  ],
}

describe.runIf(databaseKinds.includes('sqlite'))('a type that changes on SQLite', () => {
  const define = (definition: MigrationColumn) =>
    ({ op: 'createTable', table: 'things', columns: { id: column.id(), v: definition } }) as const

  it.each(Object.entries(CHANGES))('%s', async (_, [from, to, kept, refused]) => {
    const change = async (values: readonly string[]) => {
      await using db = await Database.connect({ url: 'sqlite::memory:', name: 'conversions' })
      let state = EMPTY
      const run = async (given: MigrationOperation) => {
        const operation = resolveOperation(given, state)
        if (!isSchema(operation)) throw new TypeError('an operation of the schema')
        state = await runOperations(db, [operation], state)
      }
      await run(define(from))
      for (const value of [...values, 'null']) await db.execute(sql.raw(`insert into things (v) values (${value})`))
      await run({ op: 'alterColumn', table: 'things', column: 'v', to })
      return (await db.select<{ v: string }>(sql`select quote(v) as v from things order by id`)).map(({ v }) => v)
    }
    expect(await change(kept.map(([before]) => before))).toEqual([...kept.map(([, after]) => after), 'NULL'])
    for (const value of refused) await expect(change([value]), value).rejects.toThrow("can't become")
  })
})

describeDatabases('a type that changes', (database) => {
  it('cuts no text that is too long', async () => {
    const { db } = database
    let state = EMPTY
    const run = async (given: MigrationOperation) => {
      const operation = resolveOperation(given, state)
      if (!isSchema(operation)) throw new TypeError('an operation of the schema')
      state = await runOperations(db, [operation], state)
    }
    await run({ op: 'createTable', table: 'tees', columns: { id: column.id(), v: column.string({ max: 20 }) } })
    await db.execute(sql`insert into tees (v) values ('long text')`)
    await run({ op: 'alterColumn', table: 'tees', column: 'v', to: column.string({ max: 12 }) })
    await expect(
      run({ op: 'alterColumn', table: 'tees', column: 'v', to: column.string({ max: 5 }) }),
    ).rejects.toThrow()
    expect(await db.select(sql`select v from tees`)).toMatchObject([{ v: 'long text' }])
    await db.execute(sql`drop table tees`)
  })
})
