import {
  type Call,
  type Chain,
  type Comparator,
  type Compound,
  type Ex,
  type Form,
  Invalid,
  type ModelName,
  type Operator,
  type OrderItem,
  type Pattern,
  type Preload,
  type Type,
  type Value,
} from './chain.js'
import { and, compare, or, type Scope, truthOf } from './evaluate.js'
import { relatedTo } from './related.js'
import { whole } from './values.js'
import { columnOf, pathOf, world } from './world.js'

// The calls of a chain, gathered into what they mean together.

/** Whether a row is kept: true, false or unknown. */
export type Test = (scope: Scope) => boolean | null

export interface Gathered {
  readonly model: ModelName
  /** Alternatives, each of conditions that must all hold. */
  readonly where: Test[][]
  readonly having: Test[][]
  readonly names: { name: string; x: Ex }[]
  chosen: string[] | null
  chosenNames: string[]
  distinct: boolean
  order: OrderItem[]
  limit: number | null
  offset: number
  everyRow: boolean
  groupBy: string[]
  readonly loads: Preload[]
  /** What the rows are made of, when they are not those of the table. */
  source: { op: Compound; first: Gathered; second: Gathered } | null
}

export function gather(model: ModelName, calls: readonly Call[]): Gathered {
  const all: Gathered = {
    model,
    where: [[]],
    having: [[]],
    names: [],
    chosen: null,
    chosenNames: [],
    distinct: false,
    order: [],
    limit: null,
    offset: 0,
    everyRow: false,
    groupBy: [],
    loads: [],
    source: null,
  }
  for (const call of calls) add(all, call)
  return all
}

/** The conditions of a query: AND binds tighter than OR, and no condition keeps every row. */
export function keeps(groups: readonly (readonly Test[])[], scope: Scope): boolean | null {
  const given = groups.filter((group) => group.length > 0)
  return given.length === 0 ? true : or(given.map((group) => and(group.map((test) => test(scope)))))
}

export function hasCondition({ where, everyRow }: Gathered): boolean {
  return everyRow || where.some((group) => group.length > 0)
}

function put(groups: Test[][], test: Test, alternative: boolean): void {
  if (alternative && (groups.at(-1) as Test[]).length > 0) groups.push([])
  ;(groups.at(-1) as Test[]).push(test)
}

export function typeIn({ model, names }: Pick<Gathered, 'model' | 'names'>, key: string): Type {
  const type = names.find(({ name }) => name === key)?.x.t ?? pathOf(model, key)?.column.type
  if (type === undefined) throw new Invalid(`${model} has no ${key}.`)
  return type
}

const named = (all: Gathered, key: string): Ex => ({ k: 'col', name: key, t: typeIn(all, key) })

function add(all: Gathered, call: Call): void {
  const test = testOf(all, call)
  if (test !== null) {
    if (call.c === 'having' || call.c === 'orHaving') put(all.having, test, call.c === 'orHaving')
    else put(all.where, test, call.c === 'orWhere')
    return
  }
  switch (call.c) {
    case 'select':
      for (const key of call.keys) {
        const isNew = key.includes('.') && !all.names.some(({ name }) => name === key)
        if (isNew) all.names.push({ name: key, x: named(all, key) })
        typeIn(all, key)
      }
      all.chosenNames = call.keys.filter((key) => columnOf(all.model, key) === undefined)
      all.chosen = call.keys.filter((key) => !all.chosenNames.includes(key))
      break
    case 'omit':
      all.chosen = (all.chosen ?? world[all.model].columns.map(({ name }) => name)).filter(
        (key) => !call.keys.includes(key),
      )
      break
    case 'selectAll':
      all.chosen = null
      break
    case 'annotate':
      all.names.push(...call.names)
      break
    case 'orderBy':
      all.order = [...all.order, ...call.items]
      break
    case 'latest':
    case 'oldest':
      all.order = [...all.order, timeOrder(all, call)]
      break
    case 'groupBy':
      for (const key of call.keys) typeIn(all, key)
      all.groupBy = [...all.groupBy, ...call.keys]
      break
    case 'with':
      all.loads.push(...call.loads)
      break
    case 'union':
    case 'unionAll':
    case 'intersect':
    case 'except':
      combine(all, call)
      break
    default:
      addShape(all, call)
  }
}

/** What was asked so far makes the first rows; what follows is asked of the rows of both. */
function combine(all: Gathered, { c: op, query }: Call & { c: Compound; query: Chain }): void {
  const second = gather(query.model, query.calls)
  if (all.names.length > 0 || all.chosen !== null || all.groupBy.length > 0 || second.model !== all.model)
    throw new Invalid('Rows of different columns.')
  const first = { ...all }
  Object.assign(all, { ...gather(all.model, []), loads: all.loads, source: { op, first, second } })
}

function addShape(all: Gathered, call: Call): void {
  switch (call.c) {
    case 'distinct':
    case 'withoutDistinct':
      all.distinct = call.c === 'distinct'
      break
    case 'reorder':
      all.order = []
      break
    case 'all':
      all.everyRow = true
      break
    case 'limit':
      all.limit = call.count
      break
    case 'offset':
      all.offset = call.count
      break
    case 'page':
      Object.assign(all, { limit: call.size, offset: (call.number - 1) * call.size })
      break
    default:
      throw new Invalid(`The call ${call.c}.`)
  }
}

function timeOrder(all: Gathered, call: Call & { c: 'latest' | 'oldest' }): OrderItem {
  const byDefault = columnOf(all.model, 'createdAt') === undefined ? 'id' : 'createdAt'
  return { x: named(all, call.key ?? byDefault), desc: call.c === 'latest', nulls: null, by: 'key' }
}

/** The condition that a call adds; null for calls that add none. */
function testOf(all: Gathered, call: Call): Test | null {
  switch (call.c) {
    case 'where':
    case 'orWhere':
    case 'having':
    case 'orHaving':
      return formTest(all, call.form)
    case 'whereNot':
    case 'exclude':
      return negated(formTest(all, call.form))
    case 'whereIn':
      return keyTest(all, call.key, 'in', call.value)
    case 'whereNotIn':
      return keyTest(all, call.key, 'not in', call.value)
    case 'whereBetween':
      return keyTest(all, call.key, 'between', { list: call.list })
    case 'whereNotBetween':
      return keyTest(all, call.key, 'not between', { list: call.list })
    case 'whereNull':
      return keyTest(all, call.key, '=', { v: null })
    case 'whereNotNull':
      return keyTest(all, call.key, '!=', { v: null })
    case 'whereColumn':
      return testOfEx({ k: 'cmp', op: call.op, a: named(all, call.a), b: named(all, call.b), t: 'bool' })
    case 'whereKey':
      return testOfEx({ k: 'in', a: { k: 'col', name: 'id', t: 'int' }, list: call.keys, t: 'bool' })
    case 'whereHas':
      return has(all.model, call.path.split('.'), call)
    case 'whereDoesntHave':
      return negated(has(all.model, call.path.split('.'), { ...call, op: null, count: 1 }))
    case 'whereExists': {
      const { query } = call
      return (scope) =>
        scope.context.valuesOf({ ...query, end: { e: 'value', key: 'id' } }, scope, scope.context).length > 0
    }
    default:
      return null
  }
}

const testOfEx =
  (x: Ex): Test =>
  (scope) =>
    truthOf(x, scope)

const negated =
  (test: Test): Test =>
  (scope) =>
    scope.context.rules.negate(test(scope))

function has(
  model: ModelName,
  [head = '', ...rest]: readonly string[],
  asked: { calls: Call[] | null; op: Comparator | null; count: number },
): Test {
  const relation = world[model].relations[head]
  if (relation === undefined) throw new Invalid(`${model} has no relation ${head}.`)
  const inner = rest.length > 0 ? has(relation.target, rest, asked) : null
  const groups = rest.length === 0 && asked.calls !== null ? gather(relation.target, asked.calls).where : [[]]
  return (scope) => {
    const count = relatedTo(scope, relation).filter((tuple) => {
      const at: Scope = { model: relation.target, tuple, outer: scope, context: scope.context }
      return (inner === null ? keeps(groups, at) : inner(at)) === true
    }).length
    if (inner !== null || asked.op === null) return count > 0
    return compare(asked.op, whole(count), whole(asked.count), scope.context.rules)
  }
}

function formTest(all: Gathered, form: Form): Test {
  if (form.form === 'callback') return testOfEx(form.x)
  if (form.form === 'key') return keyTest(all, form.key, form.op, form.value)
  const own = form.members.filter(({ key }) => manyOf(all, key) === null)
  const tests = own.map(({ key, op, value, not }) => {
    const test = keyTest(all, key, op, value)
    return not ? negated(test) : test
  })
  // conditions on the rows of one relation speak of the same row
  const firsts = new Set(form.members.flatMap(({ key }) => manyOf(all, key) ?? []))
  for (const first of firsts) {
    const members = form.members.filter(({ key }) => manyOf(all, key) === first)
    const inner = members.map((member) => ({ ...member, key: member.key.slice(first.length + 1) }))
    tests.push(someRelated(all, first, { form: 'object', members: inner }))
  }
  return (scope) => and(tests.map((test) => test(scope)))
}

/** The first relation of a path that leads to many rows. */
function manyOf({ model, names }: Gathered, key: string): string | null {
  if (names.some(({ name }) => name === key) || pathOf(model, key)?.many !== true) return null
  return key.slice(0, key.indexOf('.'))
}

const someRelated = (all: Gathered, name: string, form: Form): Test =>
  has(all.model, [name], { calls: [{ c: 'where', form }], op: null, count: 1 })

/** `where(key, operator, value)`; on a path to many rows it is about whether one of them meets it. */
function keyTest(all: Gathered, key: string, op: Operator, value: Value): Test {
  const first = manyOf(all, key)
  if (first === null) return testOfEx(operation(all, key, op, value))
  return someRelated(all, first, { form: 'key', key: key.slice(first.length + 1), op, value })
}

const not = (item: Ex, negative: boolean): Ex => (negative ? { k: 'not', item, t: 'bool' } : item)

/** The same as an expression, for a key that is a value of the row. */
function operation(all: Gathered, key: string, operator: Operator, value: Value): Ex {
  const a = named(all, key)
  const negative = operator.startsWith('not ')
  const op = operator.replace('not ', '')
  if ('v' in value && value.v === null) {
    if (op === '=' || op === '!=') return { k: 'null', not: op === '!=', a, t: 'bool' }
    throw new Invalid('Only = and != know null.')
  }
  if (op === 'in') {
    if ('v' in value) throw new Invalid('IN takes a list or a query.')
    return not({ k: 'in', a, list: 'list' in value ? value.list : value.query, t: 'bool' }, negative)
  }
  if (op === 'between') {
    const [low, high] = ('list' in value ? value.list : []).map((v): Ex => ({ k: 'lit', v, t: a.t }))
    if (low === undefined || high === undefined) throw new Invalid('BETWEEN takes two values.')
    return not({ k: 'between', a, low, high, t: 'bool' }, negative)
  }
  if ('list' in value) throw new Invalid('A list is no value.')
  const b: Ex = 'v' in value ? { k: 'lit', v: value.v, t: a.t } : { k: 'sub', query: value.query, t: a.t }
  if (/^(=|!=|<|<=|>|>=)$/.test(op)) return { k: 'cmp', op: op as Comparator, a, b, t: 'bool' }
  if (b.k !== 'lit') throw new Invalid('A pattern is a text.')
  const fold = op.startsWith('i')
  const mode = (fold ? op.slice(1) : op) as Pattern
  return not({ k: 'like', mode, fold, a, text: String(b.v), t: 'bool' }, negative)
}

/** Whether no two rows tie in the order. */
export const isTotal = (order: readonly OrderItem[]): boolean => order.some(({ x }) => x.k === 'col' && x.name === 'id')

export const isSubquery = (value: Value): value is { query: Chain } => 'query' in value
