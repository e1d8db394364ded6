import { type Chain, type Comparator, type Ex, Invalid, type Literal, type ModelName } from './chain.js'
import { callFunction } from './functions.js'
import { relatedTo } from './related.js'
import {
  calculate,
  calculateDecimal,
  compareValues,
  cut,
  digitsOf,
  FRACTION,
  type Fraction,
  isFraction,
  keyOf,
  toDigits,
  toValue,
  type Value,
  whole,
} from './values.js'
import { columnOf, type Rows, world } from './world.js'

// Expressions as SQL means them: a condition is true, false or unknown (null).

/** One row of a query while it is worked on, with the values that the query has named. */
export interface Tuple {
  readonly columns: Readonly<Record<string, Value>>
  readonly names: Record<string, Value>
  /** The rows of a group, for aggregates. */
  readonly group: readonly Tuple[] | null
}

export interface Scope {
  readonly model: ModelName
  readonly tuple: Tuple
  readonly outer: Scope | null
  readonly context: Context
}

/** Rules that a test of the fuzzer itself may get wrong on purpose. */
export interface Rules {
  readonly equal: (a: Value, b: Value) => boolean | null
  readonly negate: (value: boolean | null) => boolean | null
}

export interface Context {
  readonly rows: Rows
  readonly tuples: Readonly<Record<ModelName, readonly Tuple[]>>
  /** NULL sorts after all values, and before them when descending. */
  readonly nullsLargest: boolean
  readonly rules: Rules
  /** The values that a query gives as an operand, with the scope around it. */
  readonly valuesOf: (query: Chain, outer: Scope | null, context: Context) => Value[]
}

type Truth = boolean | null

export const sqlRules: Rules = {
  equal: (a, b) => (a === null || b === null ? null : compareValues(a, b) === 0),
  negate: (value) => (value === null ? null : !value),
}

export function and(items: readonly Truth[]): Truth {
  if (items.includes(false)) return false
  return items.includes(null) ? null : true
}

export function or(items: readonly Truth[]): Truth {
  if (items.includes(true)) return true
  return items.includes(null) ? null : false
}

export function compare(op: Comparator, a: Value, b: Value, rules: Rules): Truth {
  if (op === '=') return rules.equal(a, b)
  if (op === '!=') return rules.negate(rules.equal(a, b))
  if (a === null || b === null) return null
  const order = compareValues(a, b)
  return op === '<' ? order < 0 : op === '<=' ? order <= 0 : op === '>' ? order > 0 : order >= 0
}

export function truthOf(ex: Ex, scope: Scope): Truth {
  const value = valueOfEx(ex, scope)
  if (value !== null && typeof value !== 'boolean') throw new Invalid('A condition that is none.')
  return value
}

export function valueOfEx(ex: Ex, scope: Scope): Value {
  switch (ex.k) {
    case 'col':
      return columnValue(scope, ex.name)
    case 'outer': {
      let { outer } = scope
      while (outer !== null && outer.model !== ex.model) outer = outer.outer
      if (outer === null) throw new Invalid(`There is no ${ex.model} outside.`)
      return columnValue(outer, ex.name)
    }
    case 'lit':
      return literalValue(ex)
    case 'math': {
      const [a, b] = [valueOfEx(ex.a, scope), valueOfEx(ex.b, scope)]
      if (a === null || b === null) return null
      if (!isFraction(a) || !isFraction(b)) throw new Invalid('Arithmetic without numbers.')
      if ((ex.op === 'mod' || ex.op === 'dividedBy') && b.n === 0n) throw new Invalid('A division by zero.')
      return (ex.t === 'dec' ? calculateDecimal : calculate)(ex.op, a, b)
    }
    case 'call':
      return call(ex, scope)
    case 'case':
      return truthOf(ex.when, scope) === true
        ? valueOfEx(ex.value, scope)
        : ex.else === null
          ? null
          : valueOfEx(ex.else, scope)
    case 'cast':
      return cast(valueOfEx(ex.a, scope), ex)
    case 'agg':
      return aggregate(ex, scope)
    case 'sub': {
      const values = scope.context.valuesOf(ex.query, scope, scope.context)
      if (values.length > 1) throw new Invalid('A value that is several.')
      return values[0] ?? null
    }
    default:
      return condition(ex, scope)
  }
}

function condition(ex: Ex, scope: Scope): Truth {
  const { rules } = scope.context
  switch (ex.k) {
    case 'cmp':
      return compare(ex.op, valueOfEx(ex.a, scope), valueOfEx(ex.b, scope), rules)
    case 'null':
      return (valueOfEx(ex.a, scope) === null) !== ex.not
    case 'in':
      return Array.isArray(ex.list)
        ? inList(valueOfEx(ex.a, scope), listValues(ex, ex.list), rules)
        : or(
            scope.context
              .valuesOf(ex.list, scope, scope.context)
              .map((item) => rules.equal(valueOfEx(ex.a, scope), item)),
          )
    case 'between': {
      const [value, low, high] = [ex.a, ex.low, ex.high].map((part) => valueOfEx(part, scope)) as [Value, Value, Value]
      return and([compare('>=', value, low, rules), compare('<=', value, high, rules)])
    }
    case 'like': {
      const value = valueOfEx(ex.a, scope)
      return value === null ? null : matches(String(value), ex)
    }
    case 'logic':
      return (ex.op === 'and' ? and : or)(ex.items.map((item) => truthOf(item, scope)))
    case 'not':
      return rules.negate(truthOf(ex.item, scope))
    default:
      throw new Invalid(`An expression of the kind ${ex.k}.`)
  }
}

/** A list with null asks for NULL too; the rest of the list is SQL's IN. */
export function inList(value: Value, list: readonly Value[], rules: Rules): Truth {
  const given = list.filter((item) => item !== null)
  const test = or(given.map((item) => rules.equal(value, item)))
  return given.length === list.length ? test : or([given.length === 0 ? false : test, value === null])
}

function columnValue({ model, tuple, ...others }: Scope, name: string): Value {
  if (Object.hasOwn(tuple.names, name)) return tuple.names[name] as Value
  const [step = '', ...rest] = name.split('.')
  if (rest.length > 0) return pathValue({ model, tuple, ...others }, step, rest.join('.'))
  if (columnOf(model, name) === undefined) throw new Invalid(`${model} has no ${name} here.`)
  return tuple.columns[name] as Value
}

/** NULL where a relation to one row has none. */
function pathValue(scope: Scope, step: string, rest: string): Value {
  const relation = world[scope.model].relations[step]
  if (relation === undefined || relation.many) throw new Invalid(`${scope.model} has no one ${step}.`)
  const [tuple] = relatedTo(scope, relation)
  return tuple === undefined ? null : columnValue({ ...scope, model: relation.target, tuple }, rest)
}

function call(ex: Ex & { k: 'call' }, scope: Scope): Value {
  const values = ex.items.map((item) => valueOfEx(item, scope))
  if (ex.f === 'coalesce') return values.find((value) => value !== null) ?? null
  if (values.includes(null)) return null
  return callFunction(ex.f, values as Exclude<Value, null>[])
}

function cast(value: Value, { to, a }: Ex & { k: 'cast' }): Value {
  if (value === null) return null
  if (to === 'date') return String(value).slice(0, 10)
  if (to === 'text') return isFraction(value) ? digitsOf(value, a.t === 'dec' ? (value.scale ?? 2) : 0) : String(value)
  if (typeof value === 'boolean') return whole(value ? 1 : 0)
  if (!isFraction(value)) throw new Invalid(`A cast of a text to ${to}.`)
  return to === 'float' ? value : cut(value)
}

function aggregate({ f, a, distinct, filter }: Ex & { k: 'agg' }, scope: Scope): Value {
  const { group } = scope.tuple
  if (group === null) throw new Invalid('An aggregate of one row.')
  const scopes = group.map((tuple) => ({ ...scope, tuple }))
  const taken = filter === null ? scopes : scopes.filter((inner) => truthOf(filter, inner) === true)
  if (a === null) return whole(taken.length)
  let values = taken.map((inner) => valueOfEx(a, inner)).filter((value) => value !== null)
  if (distinct) values = [...new Map(values.map((value) => [keyOf(value), value])).values()]
  if (f === 'count') return whole(values.length)
  if (values.length === 0) return null
  if (f === 'min' || f === 'max')
    return values.reduce((best, value) => (compareValues(value, best) < 0 === (f === 'min') ? value : best))
  const sum = (values as Fraction[]).reduce((total, value) => calculate('plus', total, value), whole(0))
  if (f === 'sum') return sum
  const mean = calculate('dividedBy', sum, whole(values.length))
  return a.t === 'dec' ? toDigits(mean, ((values[0] as Fraction).scale ?? 2) + FRACTION) : mean
}

function matches(value: string, { mode, fold, text }: Ex & { k: 'like' }): boolean {
  const [whole, part] = fold ? [value.toLowerCase(), text.toLowerCase()] : [value, text]
  if (mode === 'contains') return whole.includes(part)
  if (mode === 'startsWith') return whole.startsWith(part)
  if (mode === 'endsWith') return whole.endsWith(part)
  const source = part
    .replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
    .replaceAll('%', '[^]*')
    .replaceAll('_', '[^]')
  return new RegExp(`^${source}$`, 'u').test(whole)
}

const literals = new WeakMap<object, Value>()

function literalValue(ex: Ex & { k: 'lit' }): Value {
  let value = literals.get(ex)
  if (value === undefined) literals.set(ex, (value = toValue(ex.v, ex.t)))
  return value
}

const lists = new WeakMap<object, Value[]>()

function listValues(ex: Ex & { k: 'in' }, list: readonly Literal[]): Value[] {
  let values = lists.get(ex)
  if (values === undefined) lists.set(ex, (values = list.map((item) => toValue(item, ex.a.t))))
  return values
}
