import { describe, expect, it } from 'vitest'
import { ARITHMETIC, ASSIGNMENT, CALL, COLUMN, RAW, TABLE, VALUE_TYPE } from '../../../src/ast/bases.js'
import type { DataType, ValueType } from '../../../src/ast/data-type.js'
import {
  type ArithmeticNode,
  type ExpressionNode,
  type FunctionCall,
  type FunctionName,
  type ListNode,
  type ParameterNode,
  SELECT,
} from '../../../src/ast/expression.js'
import type { Node } from '../../../src/compiler/writer.js'
import { postgresDialect } from '../../../src/dialect/postgres/index.js'
import { anyNode } from '../../support/any-node.js'

const typed = (dataType: DataType): ValueType => ({
  ...VALUE_TYPE,
  dataType,
  check: (value) => value,
  refuse: (code, message) => {
    throw new RangeError(`${code}: ${message}`)
  },
})
const [integer, float, decimal, text] = [
  typed({ name: 'integer' }),
  typed({ name: 'float' }),
  typed({ name: 'decimal', precision: 10, scale: 2 }),
  typed({ name: 'string', length: 50 }),
]
const number = typed({ name: 'number' })
const [boolean, uuid, date] = [typed({ name: 'boolean' }), typed({ name: 'uuid' }), typed({ name: 'date' })]
const citext = typed({ name: 'text', sql: 'citext' })

const column = (name: string, type: ValueType | null) => ({ ...COLUMN, table: null, name, type }) as const
const parameter = (value: unknown, type: ValueType | null = null): ParameterNode => ({ kind: 'parameter', type, value })
const list = (values: readonly unknown[], type: ValueType | null): ListNode => ({ kind: 'list', type, values })
const arithmetic = (operator: ArithmeticNode['operator'], left: ExpressionNode, right: ExpressionNode) =>
  ({ ...ARITHMETIC, operator, left, right }) as const
const call = <N extends FunctionName>(name: N, ...args: FunctionCall<N>['args']): FunctionCall<N> => ({
  ...CALL,
  name,
  args,
  distinct: false,
  type: null,
})
const table = { ...TABLE, name: 't', alias: null } as const

function compile(node: Node): unknown[] {
  const { sql, bindings } = anyNode(postgresDialect.compiler).compile(node)
  return [sql, ...bindings.map((b) => b.encode(b.node.kind === 'list' ? b.node.values : b.node.value))]
}
const inline = (node: Node) => anyNode(postgresDialect.compiler).compileInline(node)

const [n, price, ratio, name] = [
  column('n', integer),
  column('price', decimal),
  column('ratio', float),
  column('name', text),
]

describe('parameters', () => {
  it('take the type of the column beside them', () => {
    expect(compile({ kind: 'comparison', operator: '=', left: n, right: parameter(5, integer) })).toEqual([
      '"n" = $1',
      5,
    ])
    expect(compile({ kind: 'comparison', operator: '!=', left: parameter('x', text), right: name })).toEqual([
      '$1 <> "name"',
      'x',
    ])
    expect(
      compile({ kind: 'between', operand: n, low: parameter(1, integer), high: parameter(2, integer), negated: true }),
    ).toEqual(['"n" not between $1 and $2', 1, 2])
  })

  it('are cast where nothing else says what they are', () => {
    expect(compile(parameter(5, integer))).toEqual(['$1::int4', 5])
    expect(compile(call('coalesce', name, parameter('x', text)))).toEqual(['coalesce("name", $1::text)', 'x'])
    expect(
      compile({
        kind: 'comparison',
        operator: '>',
        left: call('count'),
        right: parameter(3n, typed({ name: 'bigInteger' })),
      }),
    ).toEqual(['count(*) > $1::int8', 3n])
    expect(compile({ kind: 'comparison', operator: '=', left: n, right: parameter(1.5, number) })).toEqual([
      '"n" = $1::numeric',
      1.5,
    ])
  })

  it('stay bare for a column type of the user, and in SQL of the user', () => {
    expect(compile(call('coalesce', column('c', citext), parameter('x', citext)))).toEqual(['coalesce("c", $1)', 'x'])
    expect(compile({ ...RAW, texts: ['a ', ' b ', ''], nodes: [parameter(1, integer), n], dynamic: false })).toEqual([
      'a $1 b "n"',
      1,
    ])
  })
})

describe('lists', () => {
  it('are one array, padded to ten by repeating the last', () => {
    const node = { kind: 'in', operand: n, list: list([1, 2], integer), negated: false } as const
    expect(compile(node)).toEqual(['"n" = any($1)', '{1,2,2,2,2,2,2,2,2,2}'])
    const long = Array.from({ length: 12 }, (_, i) => i)
    expect(compile({ ...node, list: list(long, integer), negated: true })).toEqual([
      '"n" <> all($1)',
      `{${long.join(',')}}`,
    ])
  })

  it('are cast beside an expression, and escaped', () => {
    const values = ['a"b', 'c\\d', '{e}', '', 'NULL', 'ü', 'f', 'g', 'h', 'i']
    expect(compile({ kind: 'in', operand: call('lower', name), list: list(values, text), negated: false })).toEqual([
      'lower("name") = any($1::text[])',
      '{"a\\"b","c\\\\d","{e}","","NULL","ü","f","g","h","i"}',
    ])
  })

  it('are spread where values are written into the text', () => {
    expect(inline({ kind: 'in', operand: name, list: list(['a', "it's"], text), negated: false })).toBe(
      `"name" in ('a', 'it''s')`,
    )
    expect(inline({ kind: 'in', operand: n, list: list([1, -2], integer), negated: true })).toBe('"n" not in (1, (-2))')
  })

  it('keep a sub-select as it is', () => {
    const select = {
      ...SELECT,
      selections: [{ kind: 'selection', expression: n, alias: null, type: integer }],
      from: table,
      distinct: false,
      where: null,
      groupBy: [],
      having: null,
      orderBy: [],
      limit: 20,
      offset: parameter(40, integer),
    } as const
    expect(compile({ kind: 'in', operand: n, list: select, negated: true })).toEqual([
      '"n" not in (select "n" from "t" limit 20 offset $1)',
      40,
    ])
  })
})

describe('arithmetic', () => {
  it('divides integers without losing the fraction', () => {
    expect(compile(arithmetic('/', n, n))).toEqual(['"n"::float8 / "n"'])
    expect(compile(arithmetic('/', n, parameter(2, number)))).toEqual(['"n" / $1::numeric', 2])
    expect(compile(arithmetic('/', price, n))).toEqual(['round(("price" * 1.000000) / "n", 2)'])
    expect(compile(arithmetic('/', call('count'), call('length', name)))).toEqual([
      'count(*)::float8 / char_length("name")',
    ])
  })

  it('gives a plain number the type that keeps it exact', () => {
    expect(compile(arithmetic('+', n, parameter(1, number)))).toEqual(['"n" + $1::numeric', 1])
    expect(compile(arithmetic('*', price, parameter(1.1, number)))).toEqual(['round("price" * $1::numeric, 2)', 1.1])
    expect(compile(arithmetic('*', ratio, parameter(2, number)))).toEqual(['"ratio" * $1::float8', 2])
    expect(compile(arithmetic('+', arithmetic('*', n, n), parameter(1, number)))).toEqual([
      '("n" * "n") + $1::numeric',
      1,
    ])
    expect(compile(arithmetic('%', ratio, parameter(2, number)))).toEqual([
      '("ratio"::numeric % $1::float8::numeric)::float8',
      2,
    ])
  })

  it('never lets the server round what is stored in an integer column', () => {
    const update = (value: ExpressionNode, type: ValueType) =>
      compile({
        kind: 'update',
        table,
        assignments: [{ ...ASSIGNMENT, column: 'x', value, type }],
        where: null,
        returning: [],
      })
    const one = parameter(1, number)
    expect(update(arithmetic('+', n, one), integer)).toEqual(['update "t" set "x" = "n" + $1', 1])
    expect(update(arithmetic('*', arithmetic('-', n, one), one), integer)).toEqual([
      'update "t" set "x" = ("n" - $1) * $2',
      1,
      1,
    ])
    expect(update(arithmetic('/', n, one), integer)).toEqual([
      'update "t" set "x" = trim_scale(("n" / $1::numeric)::numeric)::text::int4',
      1,
    ])
    expect(update(ratio, integer)).toEqual(['update "t" set "x" = trim_scale(("ratio")::numeric)::text::int4'])
    expect(update(arithmetic('+', n, one), float)).toEqual(['update "t" set "x" = "n" + $1::numeric', 1])
    expect(update(n, integer)).toEqual(['update "t" set "x" = "n"'])
  })

  it('rounds a computed decimal to the scale of its type', () => {
    const selection = (expression: ExpressionNode) =>
      ({ kind: 'selection', expression, alias: 'x', type: decimal }) as const
    expect(compile(selection({ ...call('avg', price), type: decimal }))).toEqual([
      'round((sum("price") * 1.000000) / nullif(count("price"), 0), 2) as "x"',
    ])
    expect(compile(selection(arithmetic('*', price, price)))).toEqual(['round("price" * "price", 2) as "x"'])
    expect(compile(selection(price))).toEqual(['"price" as "x"'])
    expect(compile(selection(call('sum', price)))).toEqual(['sum("price") as "x"'])
  })
})

describe('functions', () => {
  it.each([
    [call('now'), 'now()'],
    [call('length', n), 'char_length("n"::text)'],
    [call('lower', name), 'lower("name")'],
    [call('upper', column('c', citext)), 'upper("c")'],
    [call('avg', n), 'avg("n")::float8'],
    [call('avg', price), 'avg("price")'],
    [call('count'), 'count(*)'],
    [{ ...call('count', name), distinct: true }, 'count(distinct "name")'],
    [call('sum', n), 'sum("n")'],
    [call('max', column('flag', boolean)), 'bool_or("flag")'],
    [call('min', column('flag', boolean)), 'bool_and("flag")'],
    [call('max', column('key', uuid)), 'max(("key")::text)::uuid'],
    [call('max', n), 'max("n")'],
  ] as const)('writes %#', (node, sql) => {
    expect(compile(node)).toEqual([sql])
  })

  it('joins texts, and what is no text as one', () => {
    const node = {
      kind: 'concat',
      items: [name, parameter(5, integer), n, parameter('x', text), call('lower', name)],
    } as const
    expect(compile(node)).toEqual(['"name" || $1::text || "n"::text || $2::text || lower("name")', 5, 'x'])
  })
})

describe('patterns', () => {
  const pattern = (mode: 'like' | 'contains' | 'startsWith' | 'endsWith', value: string, over: object = {}) =>
    ({
      kind: 'pattern',
      mode,
      operand: name,
      pattern: parameter(value, text),
      insensitive: false,
      negated: false,
      ...over,
    }) as const

  it('take a literal text, and a pattern as it is written', () => {
    expect(compile(pattern('contains', '5%_|\\'))).toEqual([`"name" like $1::text escape '|'`, '%5|%|_||\\%'])
    expect(compile(pattern('startsWith', 'a'))).toEqual([`"name" like $1::text escape '|'`, 'a%'])
    expect(compile(pattern('endsWith', 'a', { insensitive: true }))).toEqual([`"name" ilike $1::text escape '|'`, '%a'])
    expect(compile(pattern('like', 'a\\%', { negated: true }))).toEqual([`"name" not like $1::text escape ''`, 'a\\%'])
  })

  it('read what is no text as one', () => {
    expect(compile(pattern('contains', '7', { operand: n }))).toEqual([`"n"::text like $1::text escape '|'`, '%7%'])
    expect(compile({ kind: 'regex', operand: name, pattern: parameter('^a', text), insensitive: true })).toEqual([
      '"name" ~* $1::text',
      '^a',
    ])
    expect(
      compile({ kind: 'regex', operand: column('d', date), pattern: parameter('x', text), insensitive: false }),
    ).toEqual(['"d"::text ~ $1::text', 'x'])
  })
})

describe('inserts', () => {
  const insert = { kind: 'insert', table, conflict: null, returning: [] } as const
  const columns = [
    { name: 'n', type: integer },
    { name: 'name', type: text },
  ]

  it('bind rows bare', () => {
    const rows = [
      [parameter(1, integer), parameter('a', text)],
      [parameter(2, integer), parameter(null, text)],
    ]
    expect(compile({ ...insert, columns, source: { kind: 'rows', rows } })).toEqual([
      'insert into "t" ("n", "name") values ($1, $2), ($3, $4)',
      1,
      'a',
      2,
      null,
    ])
    expect(compile({ ...insert, columns: [], source: { kind: 'rows', rows: [[]] } })).toEqual([
      'insert into "t" default values',
    ])
  })

  it('bind one array per column', () => {
    const lists = [list([1, 2], integer), list(['a', null], text)]
    expect(compile({ ...insert, columns, source: { kind: 'lists', lists } })).toEqual([
      'insert into "t" ("n", "name") select * from unnest($1::int4[], $2::text[])',
      '{1,2}',
      '{"a",NULL}',
    ])
  })

  it('cast values of a column type of the user one by one', () => {
    const source = { kind: 'lists', lists: [list([1], integer), list(['a'], citext)] } as const
    expect(compile({ ...insert, columns: [columns[0] as never, { name: 'c', type: citext }], source })).toEqual([
      'insert into "t" ("n", "c") select c0, c1::citext from unnest($1::int4[], $2::text[]) as lists(c0, c1)',
      '{1}',
      '{"a"}',
    ])
  })

  it('update or keep the existing row', () => {
    const rows = [[parameter(1, integer), parameter('a', text)]]
    const assignments = [
      { ...ASSIGNMENT, column: 'name', value: { kind: 'incoming', column: 'name', type: null } },
      { ...ASSIGNMENT, column: 'n', value: arithmetic('+', n, parameter(1, number)), type: integer },
    ] as const
    const conflict = { kind: 'conflict', columns: ['n'], others: [], assignments } as const
    const returning = [{ kind: 'selection', expression: n, alias: null, type: integer }] as const
    expect(compile({ ...insert, columns, source: { kind: 'rows', rows }, conflict, returning })[0]).toBe(
      'insert into "t" ("n", "name") values ($1, $2) on conflict ("n") do update set "name" = excluded."name", "n" = "n" + $3 returning "n"',
    )
    expect(
      compile({ ...insert, columns, source: { kind: 'rows', rows }, conflict: { ...conflict, assignments: [] } })[0],
    ).toBe('insert into "t" ("n", "name") values ($1, $2) on conflict ("n") do nothing')
  })
})

describe('definitions', () => {
  const plain = { nullable: false, default: null, generated: null, comment: null }

  it('number a key, and keep names and types', () => {
    const sql = inline({
      kind: 'createTable',
      options: null,
      table: 'we"ird',
      columns: [
        { isKey: false, ...plain, name: 'id', type: { name: 'bigInteger', autoIncrement: true } },
        { isKey: false, ...plain, name: 'code', type: { name: 'char', length: 2 }, default: parameter("a'\\b", text) },
        { isKey: false, ...plain, name: 'at', type: { name: 'dateTime' }, nullable: true, default: call('now') },
        { isKey: false, ...plain, name: 'fine', type: { name: 'dateTime', precision: 6 }, nullable: true },
        { isKey: false, ...plain, name: 'own', type: { name: 'text', sql: 'citext' } },
        {
          isKey: false,
          ...plain,
          name: 'twice',
          type: { name: 'integer' },
          generated: { expression: arithmetic('*', n, n), stored: false },
        },
      ],
      primaryKey: ['id'],
      checks: [
        {
          name: 'code_ok',
          predicate: { kind: 'in', operand: column('code', text), list: list(['a', 'b'], text), negated: false },
        },
      ],
      foreignKeys: [
        {
          name: 'fk',
          columns: ['own'],
          table: 'o',
          references: ['id'],
          onDelete: 'setNull',
          onUpdate: 'cascade',
          deferrable: false,
        },
      ],
      ifNotExists: true,

      fullText: [],
      comment: null,
    })
    expect(sql).toBe(`create table if not exists "we""ird" (
  "id" bigint generated by default as identity,
  "code" varchar(2) not null default (E'a''\\\\b'::text),
  "at" timestamptz(3) default (now()),
  "fine" timestamptz(6),
  "own" citext not null,
  "twice" integer generated always as ("n" * "n") stored,
  primary key ("id"),
  constraint "code_ok" check ("code" in ('a', 'b')),
  constraint "fk" foreign key ("own") references "o" ("id") on delete set null on update cascade
)`)
  })

  it('write values exactly', () => {
    const binary = typed({ name: 'binary' })
    expect(inline(parameter(-2_147_483_648, integer))).toBe('(-2147483648)::int4')
    expect(inline(parameter(-0, float))).toBe(`'-0'::float8`)
    expect(inline(parameter(Number.NaN, float))).toBe(`'NaN'::float8`)
    expect(inline(parameter(-(2n ** 63n), typed({ name: 'bigInteger' })))).toBe('(-9223372036854775808)::int8')
    expect(inline(parameter(true, boolean))).toBe('true::bool')
    expect(inline(parameter(null, text))).toBe('null::text')
    expect(inline(parameter(Uint8Array.of(0, 255), binary))).toBe(`E'\\\\x00ff'::bytea`)
    expect(inline(parameter("'", text))).toBe(`''''::text`)
  })

  it('drop a table', () => {
    expect(inline({ kind: 'dropTable', table: 't' })).toBe('drop table if exists "t"')
  })
})

describe('values of no field', () => {
  it('are texts, numbers, dates or bytes', () => {
    const encode = postgresDialect.compiler.syntax.encodeUntyped
    expect(encode(new Date('2026-01-02T03:04:05.678Z'))).toBe('2026-01-02 03:04:05.678+00')
    expect(encode(-0)).toBe('-0')
    expect(encode(5n)).toBe(5n)
    expect(encode(Uint8Array.of(1))).toEqual(Buffer.of(1))
    for (const wrong of [{}, [1], new Date(Number.NaN), 'a\0b', Symbol('x')])
      expect(() => encode(wrong), typeof wrong).toThrow(expect.objectContaining({ code: 'USAGE' }))
  })
})

it('indexes arrays by GIN, unless a unique index or another method is wanted', () => {
  const array: DataType = { name: 'array' }
  const index = (types: readonly DataType[], more: object = {}) =>
    postgresDialect.compiler.compileInline({
      kind: 'createIndex',
      sql: null,
      concurrently: false,
      name: 'i',
      table: 't',
      columns: types.map((_, i) => `c${i}`),
      unique: false,
      where: null,
      method: null,
      expression: null,
      vector: null,
      types,
      ...more,
    })
  expect(index([array])).toBe('create index "i" on "t" using "gin" ("c0")')
  expect(index([array], { unique: true })).toBe('create unique index "i" on "t" ("c0")')
  expect(index([array], { method: 'btree' })).toBe('create index "i" on "t" using "btree" ("c0")')
  expect(index([array, { name: 'integer' }])).toBe('create index "i" on "t" ("c0", "c1")')
})
