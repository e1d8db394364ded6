import { sql } from 'corm'
import { column, type Migration, type MigrationColumn, type MigrationOperation, migration } from 'corm/migration'
import { Decimal } from 'decimal.js'
import { afterEach, describe, expect, it } from 'vitest'
import { EMPTY } from '../../src/ast/schema.js'
import { fillsFor } from '../../src/cli/make/fill.js'
import type { MigrationFile } from '../../src/migration/definition.js'
import { makeMigration } from '../../src/migration/make.js'
import { replayOne } from '../../src/migration/replay.js'
import { describeDatabases } from '../support/databases.js'
import { dropAll, exportOf } from '../support/migrations.js'

// Values that a migration gives to the existing rows, as people write them.

interface Case {
  column(options?: object): MigrationColumn
  /** The value as a program holds it. */
  readonly held: unknown
  /** Ways to write it in a migration. */
  readonly written: readonly unknown[]
  /** Ways to write it behind --fill. */
  readonly texts: readonly string[]
  /** What is refused, in a migration. */
  readonly refused: readonly unknown[]
}

const noon = new Date('2026-01-02T12:00:00Z')
const UUID = '0b8a2f3e-6d0e-4f4c-9f4e-0a1b2c3d4e5f'

const CASES: Readonly<Record<string, Case>> = {
  smallInteger: {
    column: (o) => column.smallInteger(o),
    held: -7,
    written: [-7, '-7', -7n],
    texts: ['-7'],
    refused: ['x', 40_000, 1.5, true],
  },
  integer: { column: (o) => column.integer(o), held: 3, written: [3, '3'], texts: ['3', '+3'], refused: ['', null] },
  bigInteger: {
    column: (o) => column.bigInteger(o),
    held: 9_007_199_254_740_993n,
    written: ['9007199254740993', 9_007_199_254_740_993n],
    texts: ['9007199254740993'],
    refused: ['1.0', 2 ** 60],
  },
  float: {
    column: (o) => column.float(o),
    held: -1.5,
    written: [-1.5, '-1.5'],
    texts: ['-1.5'],
    refused: ['many', ''],
  },
  decimal: {
    column: (o) => column.decimal({ precision: 5, scale: 2, ...o }),
    held: '100',
    written: [100, '100', '100.00', 100n],
    texts: ['100', '100.0'],
    refused: ['1000', '0.001', 'x', true],
  },
  'decimal of many digits': {
    column: (o) => column.decimal({ precision: 30, scale: 2, ...o }),
    held: '-1.5',
    written: [-1.5, '-1.5', '-1.50'],
    texts: ['-1.5'],
    refused: ['1.555'],
  },
  boolean: {
    column: (o) => column.boolean(o),
    held: true,
    written: [true, 'true'],
    texts: ['true'],
    refused: ['yes', 1],
  },
  string: {
    column: (o) => column.string({ max: 20, ...o }),
    held: `it's "5" \\ ü`,
    written: [`it's "5" \\ ü`],
    texts: [`it's "5" \\ ü`],
    refused: [5, 'x'.repeat(21)],
  },
  text: { column: (o) => column.text(o), held: 'true', written: ['true'], texts: ['true'], refused: [true, ['a']] },
  char: { column: (o) => column.char(3, o), held: 'abc', written: ['abc'], texts: ['abc'], refused: ['abcd'] },
  uuid: {
    column: (o) => column.uuid(o),
    held: UUID,
    written: [UUID, UUID.toUpperCase()],
    texts: [UUID],
    refused: ['x', 5],
  },
  'enum of texts': {
    column: (o) => column.enum(['open', "it's"], o),
    held: "it's",
    written: ["it's"],
    texts: ["it's"],
    refused: ['closed', 1],
  },
  'enum of numbers': {
    column: (o) => column.enum([1, 20], o),
    held: 20,
    written: [20, '20'],
    texts: ['20'],
    refused: [2, 'x'],
  },
  json: {
    column: (o) => column.json(o),
    held: { a: ["it's", 1.5, null], __b: true },
    written: [{ a: ["it's", 1.5, null], __b: true }],
    texts: [`{"a": ["it's", 1.5, null], "__b": true}`],
    refused: [noon, 5n, undefined],
  },
  'json of a text': { column: (o) => column.json(o), held: '[1]', written: ['[1]'], texts: ['"[1]"'], refused: [] },
  date: {
    column: (o) => column.date(o),
    held: '2026-01-02',
    written: ['2026-01-02', new Date('2026-01-02T00:00:00Z')],
    texts: ['2026-01-02'],
    refused: ['2026-02-30', noon, '2026-01-02T00:00:00Z', 0],
  },
  time: {
    column: (o) => column.time(o),
    held: '09:05:00',
    written: ['09:05', '09:05:00', '09:05:00.000'],
    texts: ['09:05'],
    refused: ['24:00', '9:05', 905],
  },
  dateTime: {
    column: (o) => column.dateTime(o),
    held: noon,
    written: [noon, '2026-01-02T12:00:00Z', '2026-01-02 12:00', '2026-01-02T13:00:00+01:00'],
    texts: ['2026-01-02T12:00:00.000Z'],
    refused: ['2026-02-30', 'noon', 1_767_355_200_000, '2026-01-02T12:00:00.0001Z', '2026-01-02T25:00:00Z'],
  },
  'dateTime of a day': {
    column: (o) => column.dateTime(o),
    held: new Date('2026-01-02T00:00:00Z'),
    written: ['2026-01-02'],
    texts: ['2026-01-02'],
    refused: [new Date(Number.NaN)],
  },
  'dateTime with microseconds': {
    column: (o) => column.dateTime({ precision: 6, ...o }),
    held: noon,
    written: [noon, '2026-01-02T12:00:00Z'],
    texts: ['2026-01-02T12:00:00.000000Z'],
    refused: ['2026-01-02T12:00:00.0000001Z'],
  },
  binary: {
    column: (o) => column.binary(o),
    held: Uint8Array.of(0, 255, 39),
    written: [Uint8Array.of(0, 255, 39), Buffer.from([0, 255, 39]), '0x00ff27', 'base64:AP8n'],
    texts: ['0x00FF27', 'base64:AP8n'],
    refused: ['00ff27', '0x0', [0, 255]],
  },
  'array of texts': {
    column: (o) => column.array(column.string({ max: 9 }), o),
    held: ["it's", '"'],
    written: [["it's", '"'], `["it's","\\""]`],
    texts: [`["it's","\\""]`],
    refused: ['a', [1], [null], {}],
  },
  'array of moments': {
    column: (o) => column.array(column.dateTime({ nullable: true }), o),
    held: [noon, null],
    written: [
      [noon, null],
      ['2026-01-02T12:00:00Z', null],
    ],
    texts: ['["2026-01-02 12:00",null]'],
    refused: [['noon'], noon],
  },
  'array of big integers': {
    column: (o) => column.array(column.bigInteger(), o),
    held: [9_007_199_254_740_993n],
    written: [[9_007_199_254_740_993n], ['9007199254740993']],
    texts: ['["9007199254740993"]'],
    refused: [[2 ** 60], '[9007199254740993]'],
  },
  'array of times': {
    column: (o) => column.array(column.time(), o),
    held: ['09:05:00'],
    written: [['09:05']],
    texts: ['["09:05"]'],
    refused: [['x']],
  },
}

const TABLE = '20260101T000000_table'
const ROW = '20260101T000001_row'
const FILL = '20260102T000000_fill'

const items = (columns: Record<string, MigrationColumn>): Migration =>
  migration({
    parents: [],
    operations: [{ op: 'createTable', table: 'items', columns: { id: column.id(), ...columns } }],
  })

const stateOf = (table: Migration) => replayOne({ id: TABLE, file: table as MigrationFile }, EMPTY).after

/** The file that "make" writes for this difference with these values of --fill, read again. */
function made(from: Migration, to: Migration, fills: Readonly<Record<string, string>>, safe = false): Migration {
  const result = makeMigration({
    from: stateOf(from),
    to: stateOf(to),
    parents: [ROW],
    renames: { tables: new Map(), columns: new Map() },
    fills: fillsFor(stateOf(to), new Map(Object.entries(fills).map(([name, text]) => [`items.${name}`, text]))),
    name: null,
    now: new Date(),
    dropRetired: false,
    dialect: null,
    safe,
  })
  if (result.kind !== 'migration') throw new Error(JSON.stringify(result))
  return exportOf(result.text)
}

const plain = (value: unknown): unknown => (value instanceof Decimal ? String(value) : value)

/** A column for each of these. */
const each = <T, V>(values: readonly T[], make: (value: T) => V): Record<string, V> =>
  Object.fromEntries(values.map((value, i) => [`c${i}`, make(value)]))

describeDatabases('values for existing rows', (database) => {
  afterEach(() => dropAll(database.db))

  /** What the columns hold in a row that was there before, and in one that a program writes. */
  async function seen(table: Migration, change: Migration | null, written: Readonly<Record<string, unknown>>) {
    const { db } = database
    const rows: Record<string, unknown>[] = []
    const row = migration({
      parents: [TABLE],
      operations: [{ op: 'data', name: 'row', up: async (m) => void (await m.table('items').insert([{ id: 1 }])) }],
    })
    const look = migration({
      parents: [change === null ? ROW : FILL],
      operations: [
        {
          op: 'data',
          name: 'look',
          async up(m) {
            await m.table('items').insert([{ id: 2, ...written }])
            rows.push(...(await m.table('items').rows()))
          },
        },
      ],
    })
    const migrations = { [TABLE]: table, [ROW]: row, ...(change && { [FILL]: change }), '20260103T000000_look': look }
    await db.migrate({ contract: true, migrations })
    const stored = await db.select<Record<string, unknown>>(sql`select * from items order by id`)
    const without = ({ id: _, ...columns }: Record<string, unknown> = {}) => columns
    return { rows: rows.map(without), stored: stored.map(without) }
  }

  const all = Object.entries(CASES)

  it.each(all)('a new column of the type %s has what is written', async (_, { column: make, held, written, texts }) => {
    const expected = each([...written, ...texts], () => held)
    const operations = written.map(
      (fill, i) => ({ op: 'addColumn', table: 'items', column: `c${i}`, definition: make(), fill }) as const,
    )
    const names = texts.map((_, i) => `c${written.length + i}`)
    const [from, to] = [items({}), items(Object.fromEntries(names.map((name) => [name, make()])))]
    const printed = made(from, to, Object.fromEntries(names.map((name, i) => [name, texts[i] ?? ''])))
    const change = migration({ parents: [ROW], operations: [...operations, ...operationsOf(printed)] })
    const { rows, stored } = await seen(from, change, expected)
    expect(rows.map((row) => each(Object.values(row), plain))).toEqual([expected, expected])
    expect(stored[0]).toEqual(stored[1])
  })

  it.each(all)('rows with NULL get it when a column of the type %s takes none any more', async (_, one) => {
    const { column: make, held, written, texts } = one
    const values = [...written, ...texts]
    const expected = each(values, () => held)
    const [from, to] = [items(each(values, () => make({ nullable: true }))), items(each(values, () => make()))]
    const alters = written.map(
      (fill, i) => ({ op: 'alterColumn', table: 'items', column: `c${i}`, to: make(), fill }) as const,
    )
    const names = texts.map((_, i) => `c${written.length + i}`)
    const fills = Object.fromEntries(names.map((name, i) => [name, texts[i] ?? '']))
    const between = items({ ...each(values, () => make({ nullable: true })), ...each(written, () => make()) })
    const printed = made(between, to, fills)
    const change = migration({ parents: [ROW], operations: [...alters, ...operationsOf(printed)] })
    const { rows, stored } = await seen(from, change, expected)
    expect(rows.map((row) => each(Object.values(row), plain))).toEqual([expected, expected])
    expect(stored[0]).toEqual(stored[1])
  })

  it.each(all)('the batches of --safe write a value of the type %s', async (_, { column: make, held, texts }) => {
    const expected = each(texts, () => held)
    const [from, to] = [items(each(texts, () => make({ nullable: true }))), items(each(texts, () => make()))]
    const change = made(from, to, each(texts, (text) => text) as Record<string, string>, true)
    const { rows, stored } = await seen(from, change, expected)
    expect(rows.map((row) => each(Object.values(row), plain))).toEqual([expected, expected])
    expect(stored[0]).toEqual(stored[1])
  })

  it.each(all.filter(([, { held }]) => !Array.isArray(held)))(
    'a default of the type %s is what is written',
    async (_, { column: make, held, written }) => {
      const expected = each(written, () => held)
      const { rows, stored } = await seen(items(each(written, (value) => make({ default: value }))), null, expected)
      expect(rows.map((row) => each(Object.values(row), plain))).toEqual([expected, expected])
      expect(stored[0]).toEqual(stored[1])
    },
  )

  it('keeps the digits below a millisecond', async () => {
    const definition = column.dateTime({ precision: 6 })
    const text = '2026-01-02T12:00:00.123456Z'
    const change = made(items({}), items({ c: definition }), { c: text })
    await seen(items({}), change, { c: text })
    const found = await database.db.select<{ c: string }>(sql`select cast(c as char(40)) as c from items`)
    expect(found).toEqual([1, 2].map(() => ({ c: expect.stringContaining(' 12:00:00.123456') })))
  })
})

const operationsOf = (file: Migration) => (file as MigrationFile).operations

describe('what is no value of its column', () => {
  const cases = Object.entries(CASES).flatMap(([name, { column: make, refused }]) =>
    refused.filter((value) => value !== undefined).map((value) => [name, value, make] as const),
  )

  it.each(cases)('is refused when a migration is read: %s, %o', (_, fill, make) => {
    const change = (operation: MigrationOperation) => () =>
      replayOne({ id: FILL, file: migration({ parents: [], operations: [operation] }) as MigrationFile }, before)
    const before = stateOf(items({ old: make({ nullable: true }) }))
    const message = /: The (fill|default) of "items\.\w+" is not of its type, \w+: it .+\. Write .+\.$/
    expect(change({ op: 'addColumn', table: 'items', column: 'c', definition: make(), fill })).toThrow(message)
    expect(change({ op: 'alterColumn', table: 'items', column: 'old', to: make(), fill })).toThrow(message)
    if (fill !== null)
      expect(change({ op: 'addColumn', table: 'items', column: 'c', definition: make({ default: fill }) })).toThrow(
        message,
      )
  })

  it('is refused where the database makes the values', () => {
    const generated = column.integer({ generated: (c: any) => c.id, nullable: true } as object)
    const operation = { op: 'addColumn', table: 'items', column: 'c', definition: generated, fill: 1 } as const
    const file = migration({ parents: [], operations: [operation] }) as MigrationFile
    expect(() => replayOne({ id: FILL, file }, stateOf(items({})))).toThrow(
      'The fill of "items.c" is not possible: the database makes the values of the column. Leave it out.',
    )
  })

  it('is refused when a migration is made', () => {
    const to = items({ at: column.dateTime() })
    expect(() => made(items({}), to, { at: 'soon' })).toThrow(
      'The fill of "items.at" is not of its type, dateTime: it is no date and time: "soon". Write 2026-01-31T12:30:00Z.',
    )
    expect(() => made(items({}), items({ j: column.json() }), { j: '{' })).toThrow('"items.j" is not of its type, json')
    const long = '{"id":12345678901234567890}'
    expect(() => made(items({}), items({ j: column.json() }), { j: long })).toThrow('"items.j" is not of its type')
  })
})
