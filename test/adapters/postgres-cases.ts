import '../support/bytes.js'
import { expect, it } from 'vitest'
import type { AdapterOptions, Connected } from '../../src/adapters/adapter.js'
import { COLUMN, TABLE, VALUE_TYPE } from '../../src/ast/bases.js'
import type { DataType, ValueType } from '../../src/ast/data-type.js'
import { type ListNode, type ParameterNode, SELECT } from '../../src/ast/expression.js'
import type { SelectionNode } from '../../src/ast/statement.js'
import type { Node } from '../../src/compiler/writer.js'
import { STATEMENT, type Statement } from '../../src/driver/driver.js'
import { anyNode } from '../support/any-node.js'

/** Options of an adapter with limits short enough for tests. */
export function adapterOptions(url: string, over: Partial<AdapterOptions> = {}): AdapterOptions {
  const limits = { acquireTimeout: 2000, connectTimeout: 3000, lockTimeout: 3000, statementTimeout: 0 }
  return { url, min: 0, max: 5, ...limits, driver: {}, ...over }
}

export const statement = (sql: string, parameters: readonly unknown[] = []): Statement => ({
  ...STATEMENT,
  sql,
  parameters,
  prepare: true,
  rows: true,
  intent: sql.startsWith('select') ? 'read' : 'write',
  inserts: sql.startsWith('insert'),
})

/** SQL of the user's own. */
export const own = (sql: string, parameters: readonly unknown[] = []): Statement => ({
  ...statement(sql, parameters),
  prepare: false,
  hasRawSql: true,
  namesColumns: true,
})

export const typed = (dataType: DataType): ValueType => ({
  ...VALUE_TYPE,
  dataType,
  check: (value) => value,
  refuse: (code, message) => {
    throw new RangeError(`${code}: ${message}`)
  },
})

const column = (name: string, type: ValueType) => ({ ...COLUMN, table: null, name, type }) as const
const table = { ...TABLE, name: 'edges', alias: null } as const

/** Values that must come out as they went in: through an insert of one, an insert of lists, a comparison and an IN. */
export const EDGES: readonly { readonly type: DataType; readonly values: readonly unknown[] }[] = [
  { type: { name: 'smallInteger' }, values: [0, -32_768, 32_767] },
  { type: { name: 'integer' }, values: [0, -1, -2_147_483_648, 2_147_483_647] },
  { type: { name: 'bigInteger' }, values: [0n, 9_007_199_254_740_993n, -(2n ** 63n), 2n ** 63n - 1n] },
  {
    type: { name: 'float' },
    values: [0, -0, 0.1 + 0.2, 1e308, 5e-324, 1e21, -1.5, 123456789.12345679, Number.MAX_VALUE, Infinity, -Infinity],
  },
  {
    type: { name: 'decimal', precision: 30, scale: 10 },
    values: ['12345678901234567890.1234567891', '-0.0000000001', '0.0000000000'],
  },
  { type: { name: 'decimal', precision: 5, scale: 0 }, values: ['0', '-99999', '7'] },
  { type: { name: 'boolean' }, values: [true, false] },
  {
    type: { name: 'text' },
    values: [
      '',
      ' ',
      'a ',
      "'",
      "''",
      '"',
      '\\',
      '\\\\',
      "\\'",
      '{',
      '}',
      ',',
      '{a,b}',
      'NULL',
      'null',
      '$1',
      '--',
      '/*',
      '%_|',
    ],
  },
  {
    type: { name: 'text' },
    values: ['😀é', '\u{10ffff}', '\n\r\t\b\u0001', '\ufeffx', 'e\u0301', "'".repeat(3000), 'ends in \\'],
  },
  { type: { name: 'string', length: 5 }, values: ['12345', '😀😀😀😀😀', 'ab   '] },
  { type: { name: 'char', length: 5 }, values: ['a', 'a  ', '12345'] },
  { type: { name: 'uuid' }, values: ['00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-4fff-8fff-ffffffffffff'] },
  { type: { name: 'enum', values: ['draft', "it's"] }, values: ['draft', "it's"] },
  { type: { name: 'enum', values: [1, 2] }, values: [1, 2] },
  { type: { name: 'date' }, values: ['0001-01-01', '1960-06-02', '2024-02-29', '9999-12-31'] },
  { type: { name: 'time' }, values: ['00:00:00', '23:59:59.999999', '10:00:00.5', '12:34:56.000001'] },
  {
    type: { name: 'dateTime', precision: 3 },
    values: [
      '2026-11-20T10:00:00.123Z',
      '2026-11-20T10:00:00.120Z',
      '2026-11-20T10:00:00.100Z',
      '2026-11-20T10:00:00.000Z',
      '2026-11-20T10:00:00.001Z',
      '1970-01-01T00:00:00.000Z',
      '1969-12-31T23:59:59.999Z',
      '1900-01-01T00:00:00.000Z',
      '0099-12-31T23:59:59.999Z',
      '0001-01-01T00:00:00.000Z',
      '9999-12-31T23:59:59.999Z',
      '1960-06-02T12:00:00.000Z',
      '+010000-01-01T00:00:00.500Z',
      '+275760-09-13T00:00:00.000Z',
      '0000-06-15T01:02:03.004Z',
      '-000043-03-15T12:00:00.000Z',
    ].map((text) => new Date(text)),
  },
  {
    type: { name: 'dateTime', precision: 6 },
    values: [
      '2026-11-20 10:00:00.123456',
      '2026-11-20 10:00:00.000000',
      '2026-11-20 10:00:00.120000',
      '0001-01-01 00:00:00.000001',
    ],
  },
  {
    type: { name: 'binary' },
    values: [
      new Uint8Array(0),
      Uint8Array.from({ length: 256 }, (_, i) => i),
      new Uint8Array([1, 2, 3, 4]).subarray(1, 3),
    ],
  },
  { type: { name: 'binary' }, values: [new Uint8Array(100_000).fill(7)] },
]

const JSON_TEXTS = [
  'null',
  '1',
  '"a\\"b\\\\"',
  '{"a": [1, null, {"b": "\\\\u0000"}]}',
  '[]',
  '{}',
  '"😀"',
  '1e-7',
  '{"__proto__": 1}',
]

/** The tests of codecs that PostgreSQL and PGlite share. */
export function testCodecs(connected: () => Connected): void {
  const compile = (node: Node) => anyNode(connected().dialect.compiler).compile(node)

  async function run(node: Parameters<typeof compile>[0]) {
    const { sql, bindings } = compile(node)
    const parameters = bindings.map((b) => b.encode(b.node.kind === 'list' ? b.node.values : b.node.value))
    return connected().driver.run(statement(sql, parameters))
  }

  async function recreate(type: ValueType, name: string) {
    const id = { name: 'id', type: { name: 'integer', autoIncrement: true }, nullable: false } as const
    const value = { name, type: type.dataType, nullable: true } as const
    const rest = { default: null, generated: null, comment: null }
    await connected().driver.run(statement('drop table if exists edges'))
    await run({
      kind: 'createTable',
      options: null,
      table: 'edges',
      columns: [
        { isKey: false, ...id, ...rest },
        { isKey: false, ...value, ...rest },
      ],
      primaryKey: ['id'],
      foreignKeys: [],
      checks: [],
      ifNotExists: false,

      fullText: [],
      comment: null,
    })
  }

  function decode(type: ValueType, raw: unknown): unknown {
    const { decode } = connected().dialect.codec(type)
    return raw === null || decode === null ? raw : decode(raw as never)
  }

  async function readBack(type: ValueType, where: object | null = null) {
    const selection: SelectionNode = { kind: 'selection', expression: column('v', type), alias: null, type }
    const { rows } = await run({
      ...SELECT,
      selections: [selection],
      from: table,
      distinct: false,
      where,
      groupBy: [],
      having: null,
      orderBy: [{ kind: 'order', expression: column('id', typed({ name: 'integer' })), direction: 'asc', nulls: null }],
      limit: null,
      offset: null,
    } as never)
    return rows.map(([raw]) => decode(type, raw))
  }

  const describeType = ({ name, length, precision }: DataType) => [name, length ?? precision].filter(Boolean).join(' ')
  for (const [i, edge] of EDGES.entries()) {
    it(`keeps every edge value of ${describeType(edge.type)} (${i + 1})`, async () => {
      const type = typed(edge.type)
      const values = [...edge.values, null]
      await recreate(type, 'v')
      const insert = { kind: 'insert', table, columns: [{ name: 'v', type }], conflict: null, returning: [] } as const
      const rows = values.map((value) => [{ kind: 'parameter', type, value } satisfies ParameterNode])
      await run({ ...insert, source: { kind: 'rows', rows } })
      await run({ ...insert, source: { kind: 'lists', lists: [{ kind: 'list', type, values } satisfies ListNode] } })
      const read = await readBack(type)
      expect(read).toEqual([...values, ...values])
      for (const [at, value] of read.entries())
        expect(Object.is(value, -0)).toBe(Object.is([...values, ...values][at], -0))

      const operand = column('v', type)
      for (const value of edge.values) {
        const right = { kind: 'parameter', type, value } as const
        const found = await readBack(type, { kind: 'comparison', operator: '=', left: operand, right })
        expect(found).toContainEqual(value)
      }
      const list = { kind: 'list', type, values: edge.values } as const
      expect(await readBack(type, { kind: 'in', operand, list, negated: false })).toEqual([
        ...edge.values,
        ...edge.values,
      ])
      expect(await readBack(type, { kind: 'in', operand, list, negated: true })).toEqual([])
    })
  }

  it('keeps JSON, its own null, and six characters that look like an escaped NUL', async () => {
    const type = { ...typed({ name: 'json' }), nullIsValue: true }
    await recreate(type, 'v')
    const insert = { kind: 'insert', table, columns: [{ name: 'v', type }], conflict: null, returning: [] } as const
    const rows = JSON_TEXTS.map((value) => [{ kind: 'parameter', type, value } as const])
    await run({ ...insert, source: { kind: 'rows', rows } })
    await run({ ...insert, source: { kind: 'lists', lists: [{ kind: 'list', type, values: JSON_TEXTS }] } })
    const values = JSON_TEXTS.map((text) => JSON.parse(text) as unknown)
    expect((await readBack(type)).map((text) => JSON.parse(text as string))).toEqual([...values, ...values])
  })

  it('keeps NaN, which is equal to itself in PostgreSQL', async () => {
    const type = typed({ name: 'float' })
    await recreate(type, 'v')
    const insert = { kind: 'insert', table, columns: [{ name: 'v', type }], conflict: null, returning: [] } as const
    await run({ ...insert, source: { kind: 'lists', lists: [{ kind: 'list', type, values: [Number.NaN] }] } })
    expect(await readBack(type)).toEqual([Number.NaN])
  })

  it('numbers rows that bring no number, and takes a number that is brought', async () => {
    await recreate(typed({ name: 'text' }), 'v')
    const { rows } = await connected().driver.run(statement("insert into edges (v) values ('a'), ('b') returning id"))
    expect(rows).toEqual([[1], [2]])
    const brought = await connected().driver.run(statement("insert into edges (id, v) values (10, 'c') returning id"))
    expect(brought).toEqual({ rows: [[10]], affected: 1 })
  })
}
