import { beforeAll, expect, it } from 'vitest'
import type { Connected } from '../../src/adapters/adapter.js'
import { ARITHMETIC, ASSIGNMENT, CALL, COLUMN, RAW, TABLE } from '../../src/ast/bases.js'
import type { DataType, ValueType } from '../../src/ast/data-type.js'
import {
  type ArithmeticNode,
  type ExpressionNode,
  type FunctionCall,
  type FunctionName,
  type ParameterNode,
  type PatternMode,
  SELECT,
} from '../../src/ast/expression.js'
import type { Node } from '../../src/compiler/writer.js'
import { anyNode } from '../support/any-node.js'
import { statement, typed } from './postgres-cases.js'

const types = {
  id: typed({ name: 'integer' }),
  small: typed({ name: 'smallInteger' }),
  big: typed({ name: 'bigInteger' }),
  ratio: typed({ name: 'float' }),
  price: typed({ name: 'decimal', precision: 10, scale: 2 }),
  flag: typed({ name: 'boolean' }),
  name: typed({ name: 'string', length: 50 }),
  body: typed({ name: 'text' }),
  key: typed({ name: 'uuid' }),
  day: typed({ name: 'date' }),
  clock: typed({ name: 'time' }),
  at: typed({ name: 'dateTime' }),
  data: typed({ name: 'json' }),
  bytes: typed({ name: 'binary' }),
  nothing: typed({ name: 'text' }),
}
type Name = keyof typeof types

const number = typed({ name: 'number' })
const column = (name: Name) => ({ ...COLUMN, table: null, name, type: types[name] }) as const
const value = (given: unknown, type: ValueType | null = null): ParameterNode => ({
  kind: 'parameter',
  type,
  value: given,
})
const call = <N extends FunctionName>(
  name: N,
  type: DataType['name'] | null,
  ...args: FunctionCall<N>['args']
): FunctionCall<N> => ({
  ...CALL,
  name,
  args,
  distinct: false,
  type: type === null ? null : typed({ name: type }),
})
const math = (operator: ArithmeticNode['operator'], left: ExpressionNode, right: ExpressionNode) =>
  ({ ...ARITHMETIC, operator, left, right }) as const
const join = (...items: ExpressionNode[]) => ({ kind: 'concat', items }) as const
const compare = (operator: '=' | '>' | '!=', left: ExpressionNode, right: ExpressionNode) =>
  ({ kind: 'comparison', operator, left, right }) as const
const pattern = (mode: PatternMode, name: Name, text: string, insensitive = false) =>
  ({
    kind: 'pattern',
    mode,
    operand: column(name),
    pattern: value(text, types.body),
    insensitive,
    negated: false,
  }) as const
const within = (operand: ExpressionNode, values: unknown[], type: ValueType | null) =>
  ({ kind: 'in', operand, list: { kind: 'list', type, values }, negated: false }) as const

const INTEGER = 'integer'
const FLOAT = 'float'
const DECIMAL = { name: 'decimal', precision: 10, scale: 2 } as const
const decimal = (digits: string) => value(digits, types.price)
const at = new Date('2026-01-02T03:04:05.678Z')

/** What is computed, the type it is read as, and what must come out. The row is the one that `createRow` makes. */
const CASES: readonly (readonly [title: string, node: ExpressionNode, type: DataType | null, expected: unknown])[] = [
  ['a parameter alone', value(7, types.id), { name: INTEGER }, 7],
  ['a text alone', value('x', types.body), { name: 'text' }, 'x'],
  ['a date alone', value(at, types.at), { name: 'dateTime' }, at],
  ['an untyped text', value('x'), null, 'x'],
  ['integer + 1', math('+', column('id'), value(1, number)), { name: INTEGER }, 8],
  ['integer + 0.5', math('+', column('id'), value(0.5, number)), { name: FLOAT }, 7.5],
  ['integer / 2', math('/', column('id'), value(2, number)), { name: FLOAT }, 3.5],
  ['integer / integer', math('/', column('id'), column('small')), { name: FLOAT }, 3.5],
  ['count / count', math('/', call('count', 'bigInteger'), call('count', 'bigInteger')), { name: FLOAT }, 1],
  ['integer % 4', math('%', column('id'), value(4, number)), { name: INTEGER }, 3],
  ['float % 2', math('%', column('ratio'), value(2, number)), { name: FLOAT }, 0.5],
  ['float * 2', math('*', column('ratio'), value(2, number)), { name: FLOAT }, 5],
  ['decimal * 1.1', math('*', column('price'), value(1.1, number)), DECIMAL, '13.59'],
  ['decimal + decimal', math('+', column('price'), decimal('0.01')), DECIMAL, '12.36'],
  ['decimal / 3', math('/', column('price'), value(3, number)), DECIMAL, '4.12'],
  ['decimal * decimal', math('*', column('price'), column('price')), DECIMAL, '152.52'],
  ['bigint + bigint', math('+', column('big'), value(1n, types.big)), { name: 'bigInteger' }, 9_007_199_254_740_994n],
  [
    'nested',
    math('*', math('+', column('id'), value(1, number)), math('-', column('id'), value(1, number))),
    { name: INTEGER },
    48,
  ],
  ['two numbers', math('+', value(1, number), value(2, number)), { name: FLOAT }, 3],
  ['two untyped', math('*', value(3), value(2)), { name: FLOAT }, 6],
  ['text || parameter', join(column('name'), value('!', types.body)), { name: 'text' }, 'Ada_50%!'],
  [
    'text || integer || decimal',
    join(column('name'), column('id'), column('price')),
    { name: 'text' },
    'Ada_50%712.35',
  ],
  ['parameter || parameter', join(value('a', types.body), value(5, number)), { name: 'text' }, 'a5'],
  ['text || null', join(column('name'), column('nothing')), { name: 'text' }, null],
  ['lower(parameter)', call('lower', 'text', value('ÀB', types.body)), { name: 'text' }, 'àb'],
  ['lower(untyped)', call('lower', 'text', value('AB')), { name: 'text' }, 'ab'],
  ['upper(column)', call('upper', 'text', column('name')), { name: 'text' }, 'ADA_50%'],
  ['length(text)', call('length', INTEGER, column('body')), { name: INTEGER }, 2],
  ['length(integer)', call('length', INTEGER, column('id')), { name: INTEGER }, 1],
  ['coalesce(null, text)', call('coalesce', 'text', column('nothing'), value('x', types.body)), { name: 'text' }, 'x'],
  ['coalesce(null, untyped)', call('coalesce', 'text', column('nothing'), value('x')), { name: 'text' }, 'x'],
  [
    'coalesce(varchar, varchar)',
    call('coalesce', 'text', column('name'), value('x', types.name)),
    { name: 'text' },
    'Ada_50%',
  ],
  ['coalesce(decimal, decimal)', call('coalesce', 'decimal', column('price'), decimal('0.00')), DECIMAL, '12.35'],
  ['coalesce(date, date)', call('coalesce', 'dateTime', column('at'), value(at, types.at)), { name: 'dateTime' }, at],
  [
    'coalesce(parameter, parameter)',
    call('coalesce', INTEGER, value(null, types.id), value(3, types.id)),
    { name: INTEGER },
    3,
  ],
  ['count', call('count', 'bigInteger'), { name: 'bigInteger' }, 1n],
  ['sum(integer)', call('sum', 'bigInteger', column('id')), { name: 'bigInteger' }, 7n],
  ['sum(bigint)', call('sum', 'bigInteger', column('big')), { name: 'bigInteger' }, 9_007_199_254_740_993n],
  ['sum(decimal)', call('sum', 'decimal', column('price')), DECIMAL, '12.35'],
  ['sum(float)', call('sum', FLOAT, column('ratio')), { name: FLOAT }, 2.5],
  ['avg(integer)', call('avg', FLOAT, column('id')), { name: FLOAT }, 7],
  // rounded where a query asks for it
  ['avg(decimal)', call('avg', 'decimal', column('price')), DECIMAL, '12.3500000000000000'],
  ['max(boolean)', call('max', 'boolean', column('flag')), { name: 'boolean' }, true],
  ['max(uuid)', call('max', 'uuid', column('key')), { name: 'uuid' }, 'ffffffff-ffff-4fff-8fff-ffffffffffff'],
  ['max(date)', call('max', 'date', column('day')), { name: 'date' }, '2024-02-29'],
  ['min(time)', call('min', 'time', column('clock')), { name: 'time' }, '10:00:00.5'],
]

/** Conditions that must hold for the row. */
const CONDITIONS: readonly (readonly [title: string, node: ExpressionNode])[] = [
  ['smallint = parameter', compare('=', column('small'), value(2, types.small))],
  ['parameter = column', compare('=', value('Ada_50%', types.name), column('name'))],
  ['integer > fraction', compare('>', column('id'), value(6.5, number))],
  ['sum > fraction of a number', compare('>', math('+', column('id'), value(1, number)), value(7.5, number))],
  ['length > number', compare('>', call('length', INTEGER, column('name')), value(6n, types.big))],
  ['uuid = parameter', compare('=', column('key'), value('ffffffff-ffff-4fff-8fff-ffffffffffff', types.key))],
  ['json = json in another order', compare('=', column('data'), value('{"b":[1,2],"a":"x"}', types.data))],
  ['bytes = bytes', compare('=', column('bytes'), value(Uint8Array.of(0, 255), types.bytes))],
  ['parameter = parameter', compare('=', value(1, types.id), value(1, types.id))],
  [
    'date between parameters',
    { kind: 'between', operand: column('at'), low: value(at, types.at), high: value(at, types.at), negated: false },
  ],
  [
    'number between numbers',
    {
      kind: 'between',
      operand: math('*', column('id'), value(1, number)),
      low: value(6.5, number),
      high: value(7, number),
      negated: false,
    },
  ],
  ['varchar in list', within(column('name'), ['Ada_50%', 'x'], types.name)],
  ['lower in list', within(call('lower', 'text', column('name')), ['ada_50%'], types.body)],
  ['uuid in list', within(column('key'), ['ffffffff-ffff-4fff-8fff-ffffffffffff'], types.key)],
  ['bytes in list', within(column('bytes'), [Uint8Array.of(0, 255), Uint8Array.of(1)], types.bytes)],
  ['json in list', within(column('data'), ['{"a": "x", "b": [1, 2]}'], types.data)],
  ['count in list', within(math('+', column('id'), value(0, number)), [7, 8], number)],
  ['contains', pattern('contains', 'name', '_50%')],
  ['starts with, folded', pattern('startsWith', 'name', 'aDA_', true)],
  ['ends with a backslash', pattern('endsWith', 'body', '\\')],
  ['like', pattern('like', 'name', 'A__\\_50_'.replace('\\_', '_'))],
  ['contains in an integer', pattern('contains', 'id', '7')],
  ['contains in a date', pattern('contains', 'day', '-02-')],
  ['regex', { kind: 'regex', operand: column('name'), pattern: value('^a.*%$', types.body), insensitive: true }],
]

const NEGATED: readonly (readonly [title: string, node: ExpressionNode])[] = [
  ['contains takes % as it is', pattern('contains', 'name', 'A%')],
  ['contains takes _ as it is', pattern('contains', 'name', 'Ad_')],
  ['startsWith is exact', pattern('startsWith', 'name', 'ada')],
  ['like ends in a backslash', pattern('like', 'name', 'Ada\\')],
]

const ROW: Record<Name, unknown> = {
  id: 7,
  small: 2,
  big: 9_007_199_254_740_993n,
  ratio: 2.5,
  price: '12.35',
  flag: true,
  name: 'Ada_50%',
  body: 'b\\',
  key: 'ffffffff-ffff-4fff-8fff-ffffffffffff',
  day: '2024-02-29',
  clock: '10:00:00.5',
  at,
  data: '{"a": "x", "b": [1, 2]}',
  bytes: Uint8Array.of(0, 255),
  nothing: null,
}
const table = { ...TABLE, name: 'expressions', alias: null } as const

/** That no parameter is left without a type and none gets a wrong one. */
export function testExpressions(connected: () => Connected): void {
  async function run(node: Node) {
    const { driver, dialect } = connected()
    const { sql, bindings } = anyNode(dialect.compiler).compile(node)
    const parameters = bindings.map((b) => b.encode(b.node.kind === 'list' ? b.node.values : b.node.value))
    return driver.run(statement(sql, parameters))
  }

  const select = (expression: ExpressionNode, type: ValueType | null, where: ExpressionNode | null = null) =>
    run({
      ...SELECT,
      selections: [{ kind: 'selection', expression, alias: 'x', type }],
      from: table,
      distinct: false,
      where,
      groupBy: [],
      having: null,
      orderBy: [],
      limit: null,
      offset: null,
    })

  async function createRow() {
    const rest = { isKey: false, nullable: true, default: null, generated: null, comment: null }
    const columns = Object.entries(types).map(([name, { dataType }]) => ({ ...rest, name, type: dataType }))
    const empty = { primaryKey: [], foreignKeys: [], checks: [], ifNotExists: false, comment: null, fullText: [] }
    await run({ kind: 'dropTable', table: 'expressions' })
    await run({ kind: 'createTable', options: null, table: 'expressions', columns, ...empty })
    const names = Object.keys(types) as Name[]
    await run({
      kind: 'insert',
      table,
      columns: names.map((name) => ({ name, type: types[name] })),
      source: { kind: 'rows', rows: [names.map((name) => value(ROW[name], types[name]))] },
      conflict: null,
      returning: [],
    })
  }
  beforeAll(createRow)

  it.each(CASES)('computes %s', async (_, node, dataType, expected) => {
    const type = dataType === null ? null : typed(dataType)
    const { rows } = await select(node, type)
    const raw = rows[0]?.[0]
    const decode = type === null ? null : connected().dialect.codec(type).decode
    expect(raw === null || decode === null ? raw : decode(raw as never)).toEqual(expected)
  })

  it.each(CONDITIONS)('finds the row by %s', async (_, node) => {
    expect((await select(column('id'), types.id, node)).rows).toEqual([[7]])
    expect((await select(column('id'), types.id, { kind: 'not', item: node })).rows).toEqual([])
  })

  it.each(NEGATED)('does not find the row: %s', async (_, node) => {
    expect((await select(column('id'), types.id, node)).rows).toEqual([])
  })

  it('stores what fits and refuses a fraction of an integer', async () => {
    const set = (name: Name, node: ExpressionNode) =>
      run({
        kind: 'update',
        table,
        assignments: [{ ...ASSIGNMENT, column: name, value: node, type: types[name] }],
        where: null,
        returning: [],
      })
    await set('small', math('+', column('small'), value(1, number)))
    await set('price', math('*', column('price'), value(2, number)))
    await set('name', join(column('name'), value('?', types.body)))
    await set('nothing', call('coalesce', 'text', column('nothing'), value('now something', types.body)))
    await set('at', call('now', 'dateTime'))
    for (const fraction of [
      math('+', column('id'), value(1.5, number)),
      math('/', column('id'), value(2, number)),
      math('*', column('id'), column('ratio')),
      column('ratio'),
      column('price'),
    ])
      await expect(set('id', fraction)).rejects.toMatchObject({ code: '22P02' })
    await set('big', math('*', column('ratio'), value(4, number)))
    await set('ratio', math('+', column('id'), value(0.5, number)))
    const { rows } = await run({
      kind: 'rawStatement',
      sql: {
        ...RAW,
        texts: ['select small, price, name, nothing, big, ratio from expressions'],
        nodes: [],
        dynamic: false,
      },
    } as never)
    expect(rows).toEqual([[3, '24.70', 'Ada_50%?', 'now something', '10', 7.5]])
    await createRow()
  })
}
