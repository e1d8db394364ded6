import type { Chain, Comparator, Ex, FunctionName, Literal, ModelName, Pattern, Type } from './chain.js'
import type { Random } from './random.js'
import { randomValue, TEXTS, world } from './world.js'

// Expressions at random, of a type that was asked for.

export interface Making {
  readonly random: Random
  readonly model: ModelName
  /** Values that the query has named, none of them an aggregate. */
  readonly names: ReadonlyMap<string, Type>
  /** Models whose rows are outside: their columns may be named. */
  readonly outer: readonly ModelName[]
  /** Makes a query inside this one, over another table. */
  readonly query: (making: Making, type: Type, depth: number) => Chain
}

const COMPARATORS: readonly Comparator[] = ['=', '!=', '<', '<=', '>', '>=']
export const comparator = (random: Random): Comparator => random.pick(COMPARATORS)

export const isNumber = (type: Type): boolean => ['int', 'big', 'float', 'dec'].includes(type)

/** Keys of a type: columns, and values that the query has named. */
export function keysOf(
  { model, names }: Pick<Making, 'model' | 'names'>,
  type: Type | null,
): { name: string; type: Type }[] {
  const columns = world[model].columns.map(({ name, type: own }) => ({ name, type: own }))
  const named = [...names].map(([name, own]) => ({ name, type: own }))
  return [...columns, ...named].filter((key) => type === null || key.type === type)
}

/** Keys that lead through relations: to one row each, or to many. */
export function pathsOf(model: ModelName, toMany: boolean, depth = 2): { name: string; type: Type }[] {
  return Object.entries(world[model].relations).flatMap(([step, { target, many }]) => {
    if (many && !toMany) return []
    const own = world[target].columns.map(({ name, type }) => ({ name: `${step}.${name}`, type }))
    const further = depth > 1 ? pathsOf(target, toMany, depth - 1) : []
    return [...own, ...further.map(({ name, type }) => ({ name: `${step}.${name}`, type }))]
  })
}

/** Any key, sometimes one that leads through relations. */
export function anyKey(making: Making, toMany: boolean): { name: string; type: Type } {
  const { random, model } = making
  const paths = random.chance(0.2) ? pathsOf(model, toMany) : []
  return random.pick(paths.length > 0 ? paths : keysOf(making, null))
}

export const literal = (random: Random, type: Type): Ex => ({ k: 'lit', v: randomValue(type, random), t: type })

export function listOf(random: Random, type: Type): Literal[] {
  const list: Literal[] = random.times(random.whole(0, 4), () => randomValue(type, random))
  return random.chance(0.2) ? [...list, null] : list
}

/** An expression that reads a row: a column of the type, where the model has one. */
function column(making: Making, type: Type): Ex | null {
  const keys = keysOf(making, type)
  if (keys.length === 0) return null
  const { name } = making.random.pick(keys)
  return { k: 'col', name, t: type }
}

/** Types that this model can make an expression of. */
export function typesOf(making: Making): Type[] {
  return [...new Set(keysOf(making, null).map(({ type }) => type))]
}

/** An expression that starts with a column, so that methods can be called on it. */
export function expression(making: Making, type: Type, depth: number): Ex {
  const { random } = making
  const own = column(making, type)
  const plain = (): Ex => own ?? fallback(making, type)
  if (depth <= 0) return plain()
  return random.weighted<Ex>([
    [own === null ? 0 : 6, plain],
    [isNumber(type) ? 3 : 0, () => arithmetic(making, type, depth - 1)],
    [type === 'text' ? 3 : 0, () => textCall(making, depth - 1)],
    [type === 'int' ? 2 : 0, () => wholeCall(making, depth - 1)],
    [
      ['int', 'dec', 'float'].includes(type) ? 1 : 0,
      () => ({
        k: 'call',
        f: type === 'dec' ? random.pick(ROUNDING) : 'abs',
        items: [expression(making, type, 0)],
        t: type,
      }),
    ],
    [type === 'date' || type === 'time' ? 2 : 0, () => truncated(making, type)],
    [1, () => coalesce(making, type, depth - 1)],
    [1, () => cases(making, type, depth - 1)],
    [['int', 'big', 'float', 'text', 'date'].includes(type) ? 1 : 0, () => cast(making, type) ?? plain()],
  ])
}

/** Where the model has no such column: a CASE over one it has. */
function fallback(making: Making, type: Type): Ex {
  const { random } = making
  const when = test(making, 0)
  if (type === 'int' || type === 'text' || type === 'bool')
    return {
      k: 'case',
      when,
      value: literal(random, type),
      else: random.chance(0.7) ? literal(random, type) : null,
      t: type,
    }
  if (type === 'float')
    return {
      k: 'math',
      op: 'dividedBy',
      a: { k: 'col', name: 'id', t: 'int' },
      b: { k: 'lit', v: 4, t: 'int' },
      t: 'float',
    }
  return { k: 'col', name: 'id', t: 'int' }
}

function arithmetic(making: Making, type: Type, depth: number): Ex {
  const { random } = making
  const side = (of: Type): Ex => (random.chance(0.6) ? literal(random, of) : expression(making, of, depth - 1))
  const sum = random.chance(0.5) ? 'plus' : 'minus'
  switch (type) {
    case 'int':
      return random.weighted<Ex>([
        [
          3,
          () => ({
            k: 'math',
            op: random.chance(0.3) ? 'times' : sum,
            a: expression(making, 'int', depth),
            b: side('int'),
            t: 'int',
          }),
        ],
        [
          1,
          () => ({
            k: 'math',
            op: 'mod',
            a: expression(making, 'int', depth),
            b: { k: 'lit', v: random.pick([2, 3, -4, 7]), t: 'int' },
            t: 'int',
          }),
        ],
      ])
    case 'float':
      return random.chance(0.4)
        ? {
            k: 'math',
            op: 'dividedBy',
            a: expression(making, 'int', depth),
            b: { k: 'lit', v: random.pick([2, 4, -2]), t: 'int' },
            t: 'float',
          }
        : {
            k: 'math',
            op: random.chance(0.3) ? 'times' : sum,
            a: expression(making, 'float', 0),
            b: side('float'),
            t: 'float',
          }
    case 'big':
      return {
        k: 'math',
        op: sum,
        a: expression(making, 'big', 0),
        b: { k: 'lit', v: random.whole(-3, 9), t: 'int' },
        t: 'big',
      }
    default:
      return random.chance(0.6)
        ? {
            k: 'math',
            op: sum,
            a: expression(making, 'dec', depth),
            b: random.chance(0.3) ? literal(random, 'int') : side('dec'),
            t: 'dec',
          }
        : { k: 'math', ...decimalFactor(making, depth), t: 'dec' }
  }
}

/** What has to be rounded: products and quotients. */
function decimalFactor(making: Making, depth: number): Pick<Ex & { k: 'math' }, 'op' | 'a' | 'b'> {
  const { random } = making
  const a = expression(making, 'dec', depth)
  const factor: Ex = { k: 'lit', v: random.pick([0.5, 0.333, -1.25, 3]), t: 'float' }
  return random.weighted<Pick<Ex & { k: 'math' }, 'op' | 'a' | 'b'>>([
    [2, () => ({ op: 'times', a, b: literal(random, 'int') })],
    [2, () => ({ op: 'times', a, b: expression(making, 'dec', 0) })],
    [1, () => ({ op: 'times', a, b: factor })],
    [2, () => ({ op: 'dividedBy', a, b: { k: 'lit', v: random.pick([2, 3, -7, 40]), t: 'int' } })],
    [1, () => ({ op: 'dividedBy', a, b: factor })],
    [1, () => ({ op: 'mod', a, b: { k: 'lit', v: random.pick([2, 3, -4]), t: 'int' } })],
  ])
}

const ROUNDING = ['abs', 'floor', 'ceil'] as const
const DAY_PARTS = ['year', 'quarter', 'month', 'week', 'day', 'dayOfYear', 'weekday'] as const
const UNITS = ['year', 'quarter', 'month', 'week', 'day'] as const

const text = (v: string): Ex => ({ k: 'lit', v, t: 'text' })
const count = (v: number): Ex => ({ k: 'lit', v, t: 'int' })

function truncated(making: Making, type: Type): Ex {
  const { random } = making
  const unit = random.pick(type === 'date' ? UNITS : [...UNITS, 'hour'])
  return { k: 'call', f: 'truncate', items: [expression(making, type, 0), text(unit)], t: type }
}

/** A whole number made of something else: a text, a date, the sign of a number. */
function wholeCall(making: Making, depth: number): Ex {
  const { random } = making
  const dates = typesOf(making).filter((type) => type === 'date' || type === 'time')
  return random.weighted<Ex>([
    [2, () => ({ k: 'call', f: 'length', items: [expression(making, 'text', depth)], t: 'int' })],
    [
      1,
      () => ({
        k: 'call',
        f: 'position',
        items: [expression(making, 'text', depth), text(random.pick(TEXTS))],
        t: 'int',
      }),
    ],
    [1, () => ({ k: 'call', f: 'sign', items: [expression(making, 'int', 0)], t: 'int' })],
    [
      dates.length > 0 ? 3 : 0,
      () => {
        const type = random.pick(dates)
        const parts = type === 'date' ? DAY_PARTS : ([...DAY_PARTS, 'hour', 'minute', 'second'] as const)
        return { k: 'call', f: random.pick(parts), items: [expression(making, type, depth)], t: 'int' }
      },
    ],
  ])
}

function textCall(making: Making, depth: number): Ex {
  const { random } = making
  const first = expression(making, 'text', depth)
  const call = (f: FunctionName, ...more: Ex[]): Ex => ({ k: 'call', f, items: [first, ...more], t: 'text' })
  return random.weighted<Ex>([
    [2, () => call(random.pick(['lower', 'upper'] as const))],
    [1, () => call(random.pick(['trim', 'ltrim', 'rtrim'] as const))],
    [1, () => call('substring', count(random.whole(1, 3)), ...(random.chance(0.6) ? [count(random.whole(0, 3))] : []))],
    [1, () => call('replace', text(random.pick(TEXTS)), text(random.pick(TEXTS)))],
    [
      2,
      () => {
        const more = () => (random.chance(0.5) ? literal(random, 'text') : expression(making, 'text', depth - 1))
        return call('concat', ...random.times(random.whole(1, 2), more))
      },
    ],
  ])
}

function coalesce(making: Making, type: Type, depth: number): Ex {
  const second = making.random.chance(0.6) ? literal(making.random, type) : expression(making, type, depth - 1)
  return { k: 'call', f: 'coalesce', items: [expression(making, type, depth), second], t: type }
}

function cases(making: Making, type: Type, depth: number): Ex {
  const { random } = making
  // the first value says of what type the others are
  const value = expression(making, type, depth)
  const last = random.chance(0.2)
    ? null
    : random.chance(0.5)
      ? literal(random, type)
      : expression(making, type, depth - 1)
  return { k: 'case', when: test(making, depth), value, else: last, t: type }
}

function cast(making: Making, type: Type): Ex | null {
  const from: Readonly<Partial<Record<Type, readonly Type[]>>> = {
    int: ['float', 'dec', 'bool'],
    big: ['int', 'dec'],
    float: ['int', 'dec'],
    text: ['int', 'dec', 'bool', 'big'],
    date: ['time'],
  }
  const to = { int: 'integer', big: 'bigInteger', float: 'float', text: 'text', date: 'date' } as const
  const found = (from[type] ?? []).flatMap((source) => column(making, source) ?? [])
  return found.length === 0
    ? null
    : { k: 'cast', a: making.random.pick(found), to: to[type as keyof typeof to], t: type }
}

/** A condition for a callback. */
export function test(making: Making, depth: number): Ex {
  const { random } = making
  if (depth > 0 && random.chance(0.4))
    return random.weighted<Ex>([
      [
        3,
        () => ({
          k: 'logic',
          op: 'and',
          items: random.times(random.whole(2, 3), () => test(making, depth - 1)),
          t: 'bool',
        }),
      ],
      [
        3,
        () => ({
          k: 'logic',
          op: 'or',
          items: random.times(random.whole(2, 3), () => test(making, depth - 1)),
          t: 'bool',
        }),
      ],
      [2, () => ({ k: 'not', item: test(making, depth - 1), t: 'bool' })],
    ])
  const type = random.pick(typesOf(making))
  const a = (): Ex => expression(making, type, depth)
  return random.weighted<Ex>([
    [6, () => comparison(making, type, a(), depth)],
    [2, () => ({ k: 'null', not: random.chance(0.5), a: a(), t: 'bool' })],
    [2, () => ({ k: 'in', a: a(), list: listOf(random, type), t: 'bool' })],
    [depth > 0 ? 1 : 0, () => ({ k: 'in', a: a(), list: making.query(making, type, depth - 1), t: 'bool' })],
    [
      type === 'bool' ? 0 : 1,
      () => ({ k: 'between', a: a(), low: literal(random, type), high: literal(random, type), t: 'bool' }),
    ],
    [type === 'text' ? 4 : 0, () => like(random, a())],
  ])
}

function comparison(making: Making, type: Type, a: Ex, depth: number): Ex {
  const { random } = making
  const op = type === 'bool' || type === 'enum' ? random.pick(['=', '!='] as const) : comparator(random)
  const numbers = typesOf(making).filter((each) => isNumber(each) && each !== 'big')
  const other = numbers.includes(type) && random.chance(0.4) ? random.pick(numbers) : type
  const outer = making.outer.flatMap((model) =>
    world[model].columns
      .filter((own) => own.type === type)
      .map((own): Ex => ({ k: 'outer', model, name: own.name, t: type })),
  )
  const b = random.weighted<Ex>([
    [5, () => literal(random, type)],
    [3, () => expression(making, other, depth - 1)],
    [outer.length > 0 ? 3 : 0, () => random.pick(outer)],
    [depth > 0 && type !== 'bool' ? 1 : 0, () => ({ k: 'sub', query: scalar(making, type, depth - 1), t: type })],
  ])
  return { k: 'cmp', op, a, b, t: 'bool' }
}

/** A query of one value: an aggregate over all of its rows. */
export function scalar(making: Making, type: Type, depth: number): Chain {
  const query = making.query(making, type, depth)
  if (query.end.e !== 'value') return query
  const { random } = making
  const a: Ex = { k: 'col', name: query.end.key, t: type }
  const f = isNumber(type) && random.chance(0.3) ? 'sum' : random.pick(['min', 'max'] as const)
  const x: Ex = { k: 'agg', f, a, distinct: false, filter: null, t: type }
  const calls = query.calls.filter(({ c }) => !['orderBy', 'limit', 'offset', 'annotate', 'distinct'].includes(c))
  return {
    ...query,
    calls: [...calls, { c: 'annotate', names: [{ name: 'one', x }] }],
    end: { e: 'value', key: 'one' },
  }
}

export function like(random: Random, a: Ex): Ex {
  const mode = random.pick(['like', 'contains', 'startsWith', 'endsWith'] as const)
  return { k: 'like', mode, fold: mode === 'contains' && random.chance(0.4), a, text: pattern(random, mode), t: 'bool' }
}

export function pattern(random: Random, mode: Pattern): string {
  const text = random.pick(TEXTS)
  if (mode !== 'like') return text
  return random.pick([text, `${text}%`, `%${text}`, `%${text}%`, `${text}_`, '_%', '%', `${[...text][0] ?? ''}_`])
}

/** An aggregate over the rows of a group. */
export function aggregate(making: Making, depth: number): Ex {
  const { random } = making
  const filter = random.chance(0.25) ? test(making, depth - 1) : null
  if (random.chance(0.3)) return { k: 'agg', f: 'count', a: null, distinct: false, filter, t: 'int' }
  const type = random.pick(typesOf(making).filter((t) => t !== 'bool'))
  const a = expression(making, type, random.whole(0, depth))
  const picked = random.pick(
    isNumber(type) ? (['count', 'sum', 'avg', 'min', 'max'] as const) : (['count', 'min', 'max'] as const),
  )
  const f = type === 'big' && picked === 'avg' ? 'max' : picked
  const t = f === 'count' ? 'int' : f === 'avg' && type !== 'dec' ? 'float' : type
  return { k: 'agg', f, a, distinct: (f === 'count' || f === 'sum') && random.chance(0.3), filter, t }
}
