import { column } from 'corm/migration'
import { afterEach, expect, it } from 'vitest'
import { EMPTY } from '../../src/ast/schema.js'
import { DataAccess } from '../../src/migration/data.js'
import { isSchema } from '../../src/migration/definition.js'
import { resolveOperation } from '../../src/migration/resolve.js'
import type { MigrationColumn, MigrationOperation } from '../../src/types/migration.js'
import { describeDatabases } from '../support/databases.js'
import { dropAll } from '../support/migrations.js'
import { runOperations } from '../support/schema-run.js'

// A change of type keeps a value or is refused, and which of the two it is does not depend on the database.

type Change = readonly [
  from: MigrationColumn,
  to: MigrationColumn,
  /** Values, and what they become; undefined: the same. */
  kept: readonly (readonly [before: unknown, after?: unknown])[],
  refused: readonly unknown[],
]

const yes = { nullable: true } as const
const numbers = (precision: number, scale: number) => column.decimal({ precision, scale, nullable: true })
const short = (max: number) => column.string({ max, nullable: true })
const micros = column.dateTime({ precision: 6, nullable: true })

const UUID = '0b8a2f3e-6d0e-4f4c-9f4e-0a1b2c3d4e5f'

const CHANGES: Readonly<Record<string, Change>> = {
  'text to integer': [
    column.text(yes),
    column.integer(yes),
    [
      ['12', 12],
      ['-3', -3],
      ['007', 7],
      ['+8', 8],
      ['2147483647', 2147483647],
    ],
    ['12abc', 'x', '', '-', ' 1', '1.0', '1\n', '3000000000', '3000000000000000000000000'],
  ],
  'text to smallInteger': [column.text(yes), column.smallInteger(yes), [['32767', 32767]], ['32768']],
  'text to bigInteger': [
    column.text(yes),
    column.bigInteger(yes),
    [
      ['9223372036854775807', 9223372036854775807n],
      ['00012', 12n],
    ],
    ['9223372036854775808'],
  ],
  'bigInteger to integer': [column.bigInteger(yes), column.integer(yes), [[-2147483648n, -2147483648]], [2147483648n]],
  'integer to smallInteger': [column.integer(yes), column.smallInteger(yes), [[-32768]], [40000]],
  'integer to bigInteger': [column.integer(yes), column.bigInteger(yes), [[5, 5n]], []],
  'integer to string': [column.integer(yes), short(3), [[-12, '-12']], [1234]],
  'integer to decimal': [
    column.integer(yes),
    numbers(6, 2),
    [
      [12, '12.00'],
      [-9999, '-9999.00'],
    ],
    [10000],
  ],
  'integer to long decimal': [column.integer(yes), numbers(30, 2), [[12, '12.00']], []],
  'integer to boolean': [
    column.integer(yes),
    column.boolean(yes),
    [
      [0, false],
      [1, true],
    ],
    [2, -1],
  ],
  'bigInteger to boolean': [
    column.bigInteger(yes),
    column.boolean(yes),
    [
      [0n, false],
      [1n, true],
    ],
    [2n],
  ],
  'boolean to integer': [
    column.boolean(yes),
    column.integer(yes),
    [
      [true, 1],
      [false, 0],
    ],
    [],
  ],
  'boolean to bigInteger': [
    column.boolean(yes),
    column.bigInteger(yes),
    [
      [true, 1n],
      [false, 0n],
    ],
    [],
  ],
  'boolean to text': [
    column.boolean(yes),
    column.text(yes),
    [
      [true, 'true'],
      [false, 'false'],
    ],
    [],
  ],
  'bigInteger to float': [
    column.bigInteger(yes),
    column.float(yes),
    [
      [3n, 3],
      [2n ** 62n, 2 ** 62],
    ],
    [9007199254740993n, 2n ** 63n - 1n],
  ],
  'float to integer': [column.float(yes), column.integer(yes), [[3], [-4]], [3.5, 1.9999, 1e300, 2147483648]],
  'float to bigInteger': [column.float(yes), column.bigInteger(yes), [[2 ** 60, 2n ** 60n]], [2 ** 63, 0.25]],
  'float to decimal': [
    column.float(yes),
    numbers(6, 2),
    [
      [1.1, '1.10'],
      [-2.25, '-2.25'],
    ],
    [1.125, 10000, 1e200],
  ],
  'decimal to more digits': [
    numbers(6, 2),
    numbers(8, 4),
    [
      ['1.10', '1.1000'],
      ['-0.05', '-0.0500'],
    ],
    [],
  ],
  'decimal to fewer digits': [numbers(6, 2), numbers(6, 1), [['1.10', '1.1']], ['1.15', '-0.05']],
  'decimal to fewer whole digits': [numbers(6, 2), numbers(6, 4), [['99.99', '99.9900']], ['100.00']],
  'decimal to integer': [numbers(6, 2), column.integer(yes), [['12.00', 12]], ['12.50', '-0.01']],
  'decimal to float': [numbers(6, 2), column.float(yes), [['1.25', 1.25]], []],
  'a long number to float': [
    numbers(18, 2),
    column.float(yes),
    [['1234567890123.45', 1234567890123.45]],
    ['1234567890123456.78'],
  ],
  'decimal to text': [numbers(6, 2), column.text(yes), [['-0.05'], ['12.00']], []],
  'decimal to string': [numbers(6, 2), short(5), [['12.00']], ['123.00']],
  'decimal to long decimal': [numbers(6, 2), numbers(30, 4), [['-0.05', '-0.0500']], []],
  'long decimal to fewer digits': [numbers(30, 4), numbers(30, 2), [['1.2500', '1.25']], ['1.2550']],
  'long decimal to whole': [numbers(30, 2), numbers(30, 0), [['12.00', '12']], ['12.50']],
  'long decimal to decimal': [
    numbers(30, 2),
    numbers(12, 2),
    [['1.50'], ['-0.05'], ['9999999999.99']],
    ['10000000000.00'],
  ],
  'long decimal to integer': [numbers(30, 2), column.integer(yes), [['-12.00', -12]], ['12.50', '3000000000.00']],
  'string to shorter': [short(9), short(3), [['äöü'], ['😀😀😀']], ['four']],
  'string to text': [short(9), column.text(yes), [['four']], []],
  'text to decimal': [
    column.text(yes),
    numbers(6, 2),
    [
      ['5.5', '5.50'],
      ['100', '100.00'],
      ['-0.05'],
      ['007.500', '7.50'],
      ['.5', '0.50'],
      ['5.', '5.00'],
      ['+9999.99', '9999.99'],
    ],
    ['10000', '0.001', 'x', '', '.', '1.2.3', '1e3', ' 1', '--1', '1-', '1\n'],
  ],
  'text to long decimal': [
    column.text(yes),
    numbers(30, 2),
    [
      ['5.5', '5.50'],
      ['-00.10', '-0.10'],
      ['12345678901234567890.9', '12345678901234567890.90'],
    ],
    ['12345678901234567890123456789', '0.001', 'x'],
  ],
  'text to float': [
    column.text(yes),
    column.float(yes),
    [
      ['5', 5],
      ['0.1', 0.1],
      ['-2.5', -2.5],
    ],
    ['x', '', '0.10000000000000000001'],
  ],
  'text to boolean': [
    column.text(yes),
    column.boolean(yes),
    [
      ['true', true],
      ['false', false],
    ],
    ['yes', '', 't', '1'],
  ],
  'text to time': [column.text(yes), column.time(yes), [['09:05:00']], ['9:05', '25:00:00', '24:00:00']],
  'text to uuid': [column.text(yes), column.uuid(yes), [[UUID]], [UUID.toUpperCase(), 'x']],
  'text to date': [
    column.text(yes),
    column.date(yes),
    [['2026-02-28'], ['2024-02-29']],
    ['2026-02-30', '2025-02-29', 'now', '2026-2-3', '2026-13-01'],
  ],
  'text to dateTime': [
    column.text(yes),
    column.dateTime(yes),
    [['2026-02-28 01:02:03.004', '2026-02-28T01:02:03.004Z']],
    ['2026-02-28', 'x', '2026-02-30 01:02:03.004', '2026-02-28 24:02:03.004'],
  ],
  'uuid to text': [column.uuid(yes), column.text(yes), [[UUID]], []],
  'uuid to a short string': [column.uuid(yes), short(10), [], [UUID]],
  'date to text': [column.date(yes), column.text(yes), [['2026-02-28']], []],
  'time to text': [column.time(yes), column.text(yes), [['09:05:00'], ['09:05:00.5']], []],
  'dateTime to text': [
    column.dateTime(yes),
    column.text(yes),
    [['2026-02-28T01:02:03.004Z', '2026-02-28 01:02:03.004']],
    [],
  ],
  'date to dateTime': [column.date(yes), micros, [['2026-02-28', '2026-02-28T00:00:00.000Z']], []],
  'dateTime to date': [
    column.dateTime(yes),
    column.date(yes),
    [['2026-02-28T00:00:00.000Z', '2026-02-28']],
    ['2026-02-28T00:00:00.001Z', '2026-02-28T23:59:59.999Z'],
  ],
  'dateTime to more digits': [column.dateTime(yes), micros, [['2026-02-28T01:02:03.004Z']], []],
  'dateTime to fewer digits': [
    micros,
    column.dateTime(yes),
    [['2026-02-28 01:02:03.004000', '2026-02-28T01:02:03.004Z']],
    ['2026-02-28 01:02:03.004500'],
  ],
  'enum to a shorter one': [column.enum(['draft', 'published'], yes), column.enum(['draft'], yes), [['draft']], []],
  'text to json': [
    column.text(yes),
    column.json(yes),
    [
      ['{"a": [1, null]}', { a: [1, null] }],
      ['"x"', 'x'],
    ],
    ['{', '', 'x', "{'a': 1}"],
  ],
  'json to binary': [column.json(yes), column.binary(yes), [], [{ a: 1 }]],
  'boolean to date': [column.boolean(yes), column.date(yes), [], [true]],
}

/** Decimals have no zeros at the end there. */
function shown(value: unknown): string {
  if (value instanceof Date) return value.toISOString()
  const text = typeof value === 'object' ? JSON.stringify(value).replaceAll('"', '') : String(value)
  return /^-?\d+\.\d+$/.test(text) ? text.replace(/\.?0+$/, '') : text
}

describeDatabases('a type that changes', (database) => {
  afterEach(() => dropAll(database.db))

  it.each(Object.entries(CHANGES))('%s', async (_, [from, to, kept, refused]) => {
    const { db } = database
    let state = EMPTY
    const run = async (given: MigrationOperation) => {
      const operation = resolveOperation(given, state)
      if (!isSchema(operation)) throw new TypeError('an operation of the schema')
      state = await runOperations(db, [operation], state)
    }
    const things = () => new DataAccess(state, () => db, null).table('things')
    const change = () => run({ op: 'alterColumn', table: 'things', column: 'v', to })
    await run({ op: 'createTable', table: 'things', columns: { id: column.id(), v: from } })
    const values = [...kept.map(([before]) => before), null]
    await things().insert(values.map((v, i) => ({ id: i + 1, v })))
    if (refused.length > 0) {
      const ids = refused.map((_, i) => values.length + i + 1)
      await things().insert(refused.map((v, i) => ({ id: ids[i], v })))
      const keys = `${ids.slice(0, 3).join('; ')}${ids.length > 3 ? '; …' : ''}`
      const rows = `${ids.length === 1 ? '1 row' : `${ids.length} rows`} (id: ${keys})`
      const message = await change().then(String, String)
      expect(message).toContain(`"things.v" can't become ${typeName(to)}: ${rows}`)
      expect(await things().count()).toBe(values.length + refused.length)
      for (const id of ids) await things().delete({ id })
    }
    await change()
    const rows = await things().rows()
    const after = new Map(rows.map(({ id, v }) => [Number(id), v === null ? null : shown(v)]))
    for (const [i, [before, became = before]] of kept.entries())
      expect(after.get(i + 1), shown(before)).toBe(shown(became))
    expect(after.get(values.length)).toBeNull()
  })
})

const typeName = (definition: MigrationColumn): string => {
  const operation = resolveOperation(
    { op: 'createTable', table: 't', columns: { id: column.id(), v: definition } },
    EMPTY,
  )
  if (operation.op !== 'createTable') throw new TypeError('a table')
  return operation.table.columns.find(({ name }) => name === 'v')?.type.name ?? ''
}
