import { describe, expect, it } from 'vitest'
import { bareSelect } from '../../src/ast/bare-select.js'
import {
  ANNOTATION,
  ARITHMETIC,
  ASSIGNMENT,
  CALL,
  COLUMN,
  IDENTIFIER,
  RAW,
  TABLE,
  VALUE_TYPE,
} from '../../src/ast/bases.js'
import type { ValueType } from '../../src/ast/data-type.js'
import type {
  ColumnNode,
  ExpressionNode,
  ListNode,
  OrderNode,
  ParameterNode,
  SelectNode,
} from '../../src/ast/expression.js'
import type { FullTextIndex } from '../../src/ast/full-text.js'
import type { StatementNode, TableNode } from '../../src/ast/statement.js'
import { structureOf } from '../../src/ast/structure.js'
import { eachTable, eachTableIn } from '../../src/ast/tables.js'
import { transformExpression, transformSelect } from '../../src/ast/transform.js'
import { typeOf } from '../../src/ast/type-of.js'
import { someInSelect, someInside } from '../../src/ast/walk.js'
import { expressionHandlers } from '../../src/compiler/expression.js'

// One node of every kind, with a part in every place that may have one. A kind without a sample is a type error, and fails.

const type: ValueType = {
  ...VALUE_TYPE,
  dataType: { name: 'integer' },
  check: (value) => value,
  refuse: () => {
    throw new Error('refused')
  },
}

const fullTextIndex: FullTextIndex = {
  name: 'words',
  table: 't',
  columns: ['a'],
  primaryKey: ['id'],
  keyTypes: [{ name: 'integer' }],
  isNumbered: true,
  language: null,
  weights: null,
}

let parts = 0
const column = (): ColumnNode => ({ ...COLUMN, table: 't', name: `c${++parts}`, type })
const parameter = (): ParameterNode => ({ kind: 'parameter', type, value: ++parts })
const list = (): ListNode => ({ kind: 'list', type, values: [++parts] })
const table = (): TableNode => ({ ...TABLE, name: `t${++parts}`, alias: null })
const order = (): OrderNode => ({ kind: 'order', expression: column(), direction: 'asc', nulls: 'last' })
const selection = () => ({ kind: 'selection', expression: column(), alias: `a${++parts}`, type }) as const

const plain = (): SelectNode => ({ ...bareSelect([selection()]), from: table(), where: column() })
const compound = () => ({ kind: 'compound', operator: 'union', operands: [plain(), plain()] }) as const

/** A select with something in each of its places. */
const full = (): SelectNode => ({
  kind: 'select',
  ctes: [
    { kind: 'cte', name: 'w', query: plain(), recursive: false },
    { kind: 'cte', name: 'v', query: compound(), recursive: true },
  ],
  selections: [selection(), selection()],
  from: { kind: 'derivedTable', query: compound(), alias: 'd' },
  joins: [
    { kind: 'join', type: 'left', source: { kind: 'derivedTable', query: plain(), alias: 'e' }, on: column() },
    { kind: 'join', type: 'inner', source: table(), on: column() },
  ],
  distinct: true,
  where: column(),
  groupBy: [column(), column()],
  having: column(),
  orderBy: [order(), order()],
  limit: parameter(),
  offset: parameter(),
  lock: { kind: 'lock', mode: 'update', held: 'wait', of: undefined },
})

type Kind = ExpressionNode['kind']
type NodeOf<K extends Kind> = Extract<ExpressionNode, { kind: K }>

const SAMPLES: { readonly [K in Kind]: () => readonly NodeOf<K>[] } = {
  column: () => [{ ...column(), level: 1, scope: 2, path: ['a'] } as ColumnNode],
  parameter: () => [parameter()],
  list: () => [list()],
  comparison: () => [{ kind: 'comparison', operator: '=', left: column(), right: parameter() }],
  logic: () => [{ kind: 'logic', operator: 'and', items: [column(), column()] }],
  not: () => [{ kind: 'not', item: column() }],
  nullTest: () => [{ kind: 'nullTest', operand: column(), negated: false }],
  in: () => [
    { kind: 'in', operand: column(), list: list(), negated: false },
    { kind: 'in', operand: column(), list: full(), negated: true },
  ],
  between: () => [{ kind: 'between', operand: column(), low: column(), high: parameter(), negated: false }],
  pattern: () => [
    { kind: 'pattern', mode: 'like', operand: column(), pattern: parameter(), insensitive: false, negated: false },
  ],
  member: () => [{ kind: 'member', operand: column(), item: parameter() }],
  regex: () => [{ kind: 'regex', operand: column(), pattern: parameter(), insensitive: false }],
  arithmetic: () => [{ ...ARITHMETIC, operator: '+', left: column(), right: parameter() }],
  concat: () => [{ kind: 'concat', items: [column(), parameter()] }],
  tuple: () => [{ kind: 'tuple', items: [column(), column()] }],
  call: () => [
    { ...CALL, name: 'lower', args: [column()], distinct: false, type },
    { ...CALL, name: 'nullIf', args: [column(), column()], distinct: false, type },
    { ...CALL, name: 'datePart', args: [column()], distinct: false, type, unit: 'day' },
    { ...CALL, name: 'ntile', args: [], distinct: false, type, count: 3 },
    {
      ...CALL,
      name: 'groupConcat',
      args: [column()],
      distinct: true,
      type,
      filter: column(),
      separator: ',',
      orderBy: [order()],
      over: { partitionBy: [column()], orderBy: [order()], rows: [-1, 0] },
    },
  ],
  case: () => [
    { kind: 'case', branches: [{ when: column(), value: column() }], otherwise: column(), type },
    { kind: 'case', branches: [{ when: column(), value: column() }], otherwise: null, type },
  ],
  cast: () => [{ kind: 'cast', operand: column(), to: 'integer', type }],
  distance: () => [
    { kind: 'distance', metric: 'cosine', operand: column(), vector: parameter(), index: null, alias: null, type },
    {
      kind: 'distance',
      metric: 'dot',
      operand: column(),
      vector: parameter(),
      index: { method: 'hnsw', effort: 100 },
      alias: 'distance',
      type,
    },
  ],
  match: () =>
    (['condition', 'rank'] as const).map((of) => ({
      kind: 'match',
      of,
      index: fullTextIndex,
      words: column(),
      key: [column(), column()],
      search: parameter(),
      prefix: of === 'rank',
      type,
    })),
  json: () => [{ kind: 'json', operand: column(), path: parameter(), steps: ['key', 'index'], as: 'text', type }],
  object: () => [{ kind: 'object', conditions: { a: 1 } }],
  subquery: () => [{ kind: 'subquery', query: full() }],
  exists: () => [{ kind: 'exists', query: full() }],
  jsonRows: () => [{ kind: 'jsonRows', items: [selection(), selection()] }],
  raw: () => [{ ...RAW, texts: ['a', 'b', 'c'], nodes: [column(), parameter()], dynamic: false }],
  identifier: () => [{ ...IDENTIFIER, path: ['a', 'b'] }],
  annotation: () => [{ ...ANNOTATION, name: 'a', type, level: 1 }],
  incoming: () => [{ kind: 'incoming', column: 'c', type }],
  truth: () => [{ kind: 'truth', value: true }],
}

const KINDS = new Set(Object.keys(SAMPLES))

/** The kinds that the compiler knows. */
const known = Object.keys(expressionHandlers).filter((kind) => kind !== 'order')

const nodes = Object.values(SAMPLES).flatMap((make) => make() as readonly ExpressionNode[])
const each = nodes.map((node, i) => [`${node.kind} (${i})`, node] as const)

interface Held {
  readonly expressions: readonly object[]
  readonly tables: readonly object[]
}

/** Every expression and table that can be reached from a node, found by looking at all of its members. */
function heldIn(root: object): Held {
  const expressions: object[] = []
  const tables: object[] = []
  const look = (value: unknown) => {
    if (typeof value !== 'object' || value === null || value === type) return
    const { kind } = value as { readonly kind?: string }
    if (kind === 'table') tables.push(value)
    else if (kind !== undefined && KINDS.has(kind)) expressions.push(value)
    if (kind === 'object') return
    for (const part of Object.values(value)) look(part)
  }
  look(root)
  return { expressions, tables }
}

/** The same objects, whatever their order. */
function expectSame(found: readonly object[], expected: readonly object[]) {
  expect(found).toHaveLength(expected.length)
  expect(new Set(found)).toEqual(new Set(expected))
  for (const object of expected) expect(found.includes(object)).toBe(true)
}

function recorded(visit: (test: (node: object) => boolean) => unknown): object[] {
  const seen: object[] = []
  visit((node) => {
    seen.push(node)
    return false
  })
  return seen
}

describe('expressions', () => {
  it('have a sample of each kind that the compiler writes', () => {
    expect([...KINDS].sort()).toEqual([...known].sort())
    for (const [kind, make] of Object.entries(SAMPLES)) for (const node of make()) expect(node.kind).toBe(kind)
  })

  it.each(each)('%s is copied with all of its parts', (_, node) => {
    const seen: object[] = []
    const copy = transformExpression(node, (made, original) => {
      seen.push(original)
      return made
    })
    expect(copy).toStrictEqual(node)
    expectSame(seen, heldIn(node).expressions)
    const copies = new Set(heldIn(copy).expressions)
    for (const original of heldIn(node).expressions) expect(copies.has(original)).toBe(false)
  })

  it.each(each)('%s is walked through, once each part', (_, node) => {
    expectSame(
      recorded((test) => someInside(node, test)),
      heldIn(node).expressions,
    )
  })

  it.each(each)('%s tells its tables', (_, node) => {
    expectSame(
      recorded((test) => eachTableIn(node, test)),
      heldIn(node).tables,
    )
  })

  it.each(each)('%s has its values in its form', (_, node) => {
    const { parameters, key } = structureOf([node])
    const values = heldIn(node).expressions.filter(
      ({ kind }: { kind?: string }) => kind === 'parameter' || kind === 'list',
    )
    expectSame(parameters, values)
    expect(key === null).toBe(node.kind === 'object')
    expect(() => typeOf(node)).not.toThrow()
  })

  it.each(each.filter(([, { kind }]) => kind !== 'object'))('%s has another form with another part', (_, node) => {
    const { key } = structureOf([node])
    for (const changed of changes(node)) expect(structureOf([changed.node as never]).key, changed.what).not.toBe(key)
  })
})

/** What goes by other things: values are bound, and these types follow from what is in the form already. */
const BESIDE = [
  'value',
  'values',
  'kind',
  'cast.type',
  'json.type',
  'identifier.type',
  'arithmetic.type',
  'raw.ours',
  'column.wide',
]

/** The node with one of its own words, numbers or flags changed, for each of them. */
function changes(node: object): { readonly what: string; readonly node: object }[] {
  const { kind } = node as { readonly kind: string }
  return Object.entries(node).flatMap(([name, value]) => {
    if (BESIDE.includes(name) || BESIDE.includes(`${kind}.${name}`)) return []
    const other =
      typeof value === 'string'
        ? `${value}x`
        : typeof value === 'number'
          ? value + 1
          : typeof value === 'boolean'
            ? !value
            : value === undefined || value === null
              ? undefined
              : Array.isArray(value) && typeof value[0] === 'string'
                ? [...value.slice(1), `${value[0]}x`]
                : undefined
    return other === undefined ? [] : [{ what: `${kind}.${name}`, node: { ...node, [name]: other } }]
  })
}

describe('selects', () => {
  const select = full()

  it('are copied with all of their parts', () => {
    const seen: object[] = []
    const selects: object[] = []
    const rewrite = Object.assign(
      (made: ExpressionNode, original: ExpressionNode) => {
        seen.push(original)
        return made
      },
      {
        select: (made: SelectNode) => {
          selects.push(made)
          return made
        },
      },
    )
    const copy = transformSelect(select, rewrite)
    expect(copy).toStrictEqual(select)
    expectSame(seen, heldIn(select).expressions)
    // itself, two in ctes and a union of two, two in the source, one in a join
    expect(selects).toHaveLength(7)
  })

  it('are walked through, once each part', () => {
    expectSame(
      recorded((test) => someInSelect(select, test)),
      heldIn(select).expressions,
    )
  })

  it('have another form with another part', () => {
    const { key } = structureOf([select])
    for (const changed of changes(select)) expect(structureOf([changed.node as never]).key, changed.what).not.toBe(key)
    for (const name of ['ctes', 'selections', 'joins', 'groupBy', 'orderBy'] as const)
      expect(structureOf([{ ...select, [name]: select[name]?.slice(1) }]).key, name).not.toBe(key)
    for (const name of ['from', 'where', 'having', 'limit', 'offset', 'lock'] as const)
      expect(structureOf([{ ...select, [name]: null }]).key, name).not.toBe(key)
  })
})

const columns = [{ name: 'a', type }]

const STATEMENTS: { readonly [K in StatementNode['kind']]: () => Extract<StatementNode, { kind: K }> } = {
  select: full,
  insert: () => ({
    kind: 'insert',
    table: table(),
    columns,
    source: { kind: 'rows', rows: [[{ kind: 'subquery', query: full() }], [parameter()]] },
    conflict: {
      kind: 'conflict',
      columns: ['a'],
      others: [['b']],
      assignments: [{ ...ASSIGNMENT, column: 'a', value: { kind: 'subquery', query: full() } }],
    },
    returning: [{ ...selection(), expression: { kind: 'exists', query: full() } }],
  }),
  update: () => ({
    kind: 'update',
    table: table(),
    assignments: [{ ...ASSIGNMENT, column: 'a', value: { kind: 'subquery', query: full() } }],
    where: { kind: 'exists', query: full() },
    returning: [{ ...selection(), expression: { kind: 'exists', query: full() } }],
  }),
  updateRows: () => ({ kind: 'updateRows', table: table(), keys: columns, columns, rows: list() }),
  delete: () => ({
    kind: 'delete',
    table: table(),
    where: { kind: 'exists', query: full() },
    returning: [{ ...selection(), expression: { kind: 'exists', query: full() } }],
  }),
  rawStatement: () => ({
    kind: 'rawStatement',
    sql: { ...RAW, texts: ['', ''], nodes: [{ kind: 'subquery', query: full() }], dynamic: false },
  }),
}

describe('statements', () => {
  it.each(Object.entries(STATEMENTS))('tell their tables: %s', (kind, make) => {
    const statement = make()
    expect(statement.kind).toBe(kind)
    const { tables } = heldIn(statement)
    // rows are put into a table, whichever of its rows can be seen
    const expected = statement.kind === 'insert' ? tables.filter((each) => each !== statement.table) : tables
    expectSame(
      recorded((test) => eachTable(statement, test)),
      expected,
    )
  })
})
