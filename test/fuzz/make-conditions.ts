import type { Call, Chain, Form, Literal, Member, ModelName, Operator, OrderItem, Type, Value } from './chain.js'
import { anyKey, comparator, keysOf, listOf, type Making, pathsOf, pattern, test } from './make-expressions.js'
import type { Random } from './random.js'
import { modelNames, randomValue, targetOf, world } from './world.js'

// Calls that add conditions, at random.

/** A query as a value: over the same table only without naming the row outside. */
export function inner(making: Making, type: Type, depth: number): Chain {
  const { random } = making
  const models = modelNames.filter((name) => world[name].columns.some((column) => column.type === type))
  const model = random.pick(models)
  const other = model !== making.model && !making.outer.includes(model)
  const outer = other ? [...making.outer, making.model] : []
  const within: Making = { random, model, names: new Map(), outer, query: inner }
  const calls = random.times(random.whole(0, 2), () => condition(within, depth))
  const key = random.pick(world[model].columns.filter((column) => column.type === type)).name
  if (outer.length === 0 && random.chance(0.15))
    calls.push({ c: 'orderBy', items: [orderBy('id')] }, { c: 'limit', count: random.whole(1, 8) })
  return { model, calls, end: { e: 'value', key } }
}

export const orderBy = (name: string, t: Type = 'int', desc = false): OrderItem => ({
  x: { k: 'col', name, t },
  desc,
  nulls: null,
  by: 'key',
})

const TEXT_OPERATORS: readonly Operator[] = [
  'like', 'not like', 'ilike', 'contains', 'icontains', 'startsWith', 'istartsWith', 'endsWith', 'iendsWith',
] // biome-ignore format: a list

/** An operator and a value that go with a key. */
function operation(making: Making, type: Type, depth: number): { op: Operator; value: Value } {
  const { random } = making
  const one = (): Value => ({ v: randomValue(type, random) })
  const isOrdered = type !== 'bool' && type !== 'enum'
  return random.weighted<{ op: Operator; value: Value }>([
    [4, () => ({ op: '=', value: one() })],
    [3, () => ({ op: isOrdered ? comparator(random) : '!=', value: one() })],
    [1, () => ({ op: random.pick(['=', '!='] as const), value: { v: null } })],
    [2, () => ({ op: random.pick(['in', 'not in'] as const), value: { list: listOf(random, type) } })],
    [
      depth > 0 ? 1 : 0,
      () => ({ op: random.pick(['in', 'not in'] as const), value: { query: inner(making, type, depth - 1) } }),
    ],
    [
      isOrdered ? 1 : 0,
      () => ({
        op: random.pick(['between', 'not between'] as const),
        value: { list: random.times(2, () => randomValue(type, random)) },
      }),
    ],
    [
      type === 'text' ? 5 : 0,
      () => {
        const op = random.pick(TEXT_OPERATORS)
        return { op, value: { v: pattern(random, op.endsWith('like') ? 'like' : 'contains') } }
      },
    ],
  ])
}

/** Operators that the object form has functions for. */
const HELPED: readonly Operator[] = [
  '=', '<', '<=', '>', '>=', 'in', 'between', 'like', 'contains', 'icontains', 'startsWith', 'istartsWith', 'endsWith', 'iendsWith',
] // biome-ignore format: a list

function member(making: Making, key: string, type: Type): Member {
  const { random } = making
  let made = operation(making, type, 0)
  while (!HELPED.includes(made.op)) made = operation(making, type, 0)
  const { op, value } = made
  const plain = op === '=' && random.chance(0.5)
  // not(value) is `!=`, and not of an operator turns it round
  return { key, op, value, plain, not: !plain && random.chance(0.3) }
}

/** Several keys, some of them on the same path. */
function members(making: Making): Member[] {
  const { random, model } = making
  const keys = new Map(random.times(random.whole(1, 3), () => anyKey(making, true)).map((key) => [key.name, key]))
  const [head = ''] = [...keys.keys()].find((name) => name.includes('.'))?.split('.') ?? []
  const beside = pathsOf(model, true).filter(({ name }) => name.startsWith(`${head}.`))
  if (head !== '' && random.chance(0.6)) for (const key of random.some(beside, 2)) keys.set(key.name, key)
  return [...keys.values()].map(({ name, type }) => member(making, name, type))
}

function form(making: Making, depth: number): Form {
  const { random } = making
  const { name: key, type } = anyKey(making, true)
  return random.weighted<Form>([
    [4, () => ({ form: 'key', key, ...operation(making, type, depth) })],
    [
      3,
      () => ({
        form: 'callback',
        x: test(making, depth),
        inline: making.names.size === 0 && making.outer.length === 0 && random.chance(0.15),
      }),
    ],
    [
      2,
      () => ({
        form: 'object',
        members: members(making),
      }),
    ],
  ])
}

/** A path of relations from here: one step, or two. */
function path(random: Random, model: ModelName): string {
  const name = random.pick(Object.keys(world[model].relations))
  const target = world[model].relations[name]?.target
  return target !== undefined && random.chance(0.3)
    ? `${name}.${random.pick(Object.keys(world[target].relations))}`
    : name
}

/** Calls for the callback of a relation. */
function narrowing(making: Making, target: ModelName, depth: number): Call[] | null {
  const { random } = making
  if (random.chance(0.3)) return null
  const within: Making = { random, model: target, names: new Map(), outer: [], query: inner }
  return random.times(random.whole(1, 2), () => condition(within, depth - 1))
}

/** One call that adds a condition. */
export function condition(making: Making, depth: number): Call {
  const { random, model } = making
  const { name: key, type } = anyKey(making, true)
  const numbers = [...keysOf(making, null), ...pathsOf(model, false, 1)].filter((each) =>
    ['int', 'float', 'dec'].includes(each.type),
  )
  return random.weighted<Call>([
    [10, () => ({ c: 'where', form: form(making, depth) })],
    [4, () => ({ c: 'orWhere', form: form(making, depth) })],
    [2, () => ({ c: random.pick(['whereNot', 'exclude'] as const), form: form(making, depth) })],
    [1, () => ({ c: random.pick(['whereIn', 'whereNotIn'] as const), key, value: { list: listOf(random, type) } })],
    [
      depth > 0 ? 1 : 0,
      () => ({
        c: random.pick(['whereIn', 'whereNotIn'] as const),
        key,
        value: { query: inner(making, type, depth - 1) },
      }),
    ],
    [
      type === 'bool' || type === 'enum' ? 0 : 1,
      () => ({
        c: random.pick(['whereBetween', 'whereNotBetween'] as const),
        key,
        list: random.times(2, (): Literal => randomValue(type, random)),
      }),
    ],
    [1, () => ({ c: random.pick(['whereNull', 'whereNotNull'] as const), key })],
    [
      1,
      () => ({ c: 'whereColumn', a: random.pick(numbers).name, op: comparator(random), b: random.pick(numbers).name }),
    ],
    [1, () => ({ c: 'whereKey', keys: random.times(random.whole(1, 4), () => random.whole(1, 40)), single: false })],
    [depth > 0 ? 3 : 0, () => has(making, path(random, model), depth)],
    [depth > 0 ? 1 : 0, () => exists(making, depth)],
  ])
}

function has(making: Making, steps: string, depth: number): Call {
  const { random, model } = making
  const calls = narrowing(making, targetOf(model, steps), depth)
  if (random.chance(0.25)) return { c: 'whereDoesntHave', path: steps, calls }
  const counted = random.chance(0.35)
  return {
    c: 'whereHas',
    path: steps,
    calls,
    op: counted ? comparator(random) : null,
    count: counted ? random.whole(0, 3) : 1,
  }
}

function exists(making: Making, depth: number): Call {
  const { random, model, outer } = making
  const others = modelNames.filter((name) => name !== model && !outer.includes(name))
  if (others.length === 0) return { c: 'whereKey', keys: [1, 2], single: false }
  const other = random.pick(others)
  const within: Making = { random, model: other, names: new Map(), outer: [...outer, model], query: inner }
  return {
    c: 'whereExists',
    query: {
      model: other,
      calls: random.times(random.whole(1, 2), () => condition(within, depth - 1)),
      end: { e: 'get' },
    },
  }
}
