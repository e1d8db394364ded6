import { type Chain, type Ex, Invalid, type ModelName, type OrderItem, type Type } from './chain.js'
import { type Context, type Rules, type Scope, sqlRules, type Tuple, valueOfEx } from './evaluate.js'
import { type Gathered, gather, hasCondition, isTotal, keeps, typeIn } from './gather.js'
import { relatedTo } from './related.js'
import { cutRows, type Found, groupScope, rowsOf, scopeOf, valuesOf } from './rows.js'
import { isFraction, keyOf, shownAs, toDigits, toValue, type Value, whole } from './values.js'
import { columnOf, type Rows, world } from './world.js'

// What a chain must answer, worked out over arrays in memory. Knows nothing of corm's code.

export interface Field {
  readonly name: string
  readonly type: Type
}

/** How to read what corm answers: the reference and the reader write the same texts. */
export interface RowShape {
  readonly fields: readonly Field[]
  readonly loads: readonly LoadShape[]
}
export interface LoadShape {
  readonly relation: string
  readonly many: boolean
  /** Whether the order of the rows is determined. */
  readonly ordered: boolean
  readonly shape: RowShape
}

export interface Answer {
  readonly shape: RowShape
  /** One text per row, in order. */
  readonly items: readonly string[]
  /** Rows of the same run tie, and may come in any order. */
  readonly runs: readonly number[]
  /** What is answered besides the rows. */
  readonly also: string
}

export function createContext(rows: Rows, nullsLargest: boolean, rules: Rules = sqlRules): Context {
  const tuplesOf = (model: ModelName): Tuple[] =>
    rows[model].map((row) => {
      const columns = Object.entries(row).map(([name, value]) => [
        name,
        toValue(value, columnOf(model, name)?.type ?? 'int'),
      ])
      return { columns: Object.fromEntries(columns) as Tuple['columns'], names: {}, group: null }
    })
  const tuples = { Team: tuplesOf('Team'), Person: tuplesOf('Person'), Card: tuplesOf('Card'), Post: tuplesOf('Post') }
  return { rows, tuples, nullsLargest, rules, valuesOf }
}

export function answerOf(chain: Chain, context: Context): Answer {
  const all = gather(chain.model, chain.calls)
  const { end } = chain
  switch (end.e) {
    case 'get':
    case 'stream':
    case 'batches':
    case 'walk':
      return entities(all, context, rowsOf(all, context))
    case 'idBatches':
      return entities({ ...all, order: [byId] }, context, rowsOf({ ...all, order: [byId] }, context))
    case 'first':
    case 'find': {
      const found = end.e === 'find' ? withKey(all, end.key) : all
      const order = all.order.length === 0 ? [byId] : all.order
      return entities(found, context, rowsOf({ ...found, order, limit: Math.min(all.limit ?? 1, 1) }, context))
    }
    case 'last': {
      const order = (all.order.length === 0 ? [byId] : all.order).map(turned)
      return entities(all, context, rowsOf({ ...all, order, limit: 1 }, context))
    }
    case 'sole':
    case 'soleOrNull': {
      const rows = rowsOf(all, context)
      if (rows.items.length > 1) return single('MultipleResultsError')
      return rows.items.length === 0 && end.e === 'sole' ? single('NotFoundError') : entities(all, context, rows)
    }
    case 'paginate': {
      // a union drops the order of its first query, and its pages go by the key
      const order = all.order.length === 0 ? [byId] : all.order
      const rows = rowsOf({ ...all, order }, context)
      const from = (end.page - 1) * end.size
      const page = cutRows(rows, from, end.size, () => true)
      const total = rows.items.length
      const pages = Math.ceil(total / end.size)
      const also = `${total} rows, page ${end.page} of ${pages}, ${end.page < pages}, ${end.page > 1 && total > 0}`
      return { ...entities(all, context, page), also }
    }
    default:
      return computed(chain, all, context)
  }
}

const byId: OrderItem = { x: { k: 'col', name: 'id', t: 'int' }, desc: false, nulls: null, by: 'key' }

const turned = (item: OrderItem): OrderItem => ({
  ...item,
  desc: !item.desc,
  nulls: item.nulls === null ? null : item.nulls === 'first' ? 'last' : 'first',
})

function withKey(all: Gathered, key: number): Gathered {
  const isKey = (scope: Scope) => keyOf(scope.tuple.columns.id ?? null) === keyOf(whole(key))
  return { ...all, where: [[(scope) => keeps(all.where, scope) === true && isKey(scope)]] }
}

const single = (text: string): Answer => ({ shape: { fields: [], loads: [] }, items: [], runs: [], also: text })

/** Values over the rows of a query, and writes. */
function computed(chain: Chain, all: Gathered, context: Context): Answer {
  const { end } = chain
  switch (end.e) {
    case 'exists':
      return single(String(rowsOf(all, context, true).items.length > 0))
    case 'count':
      return single(shownAs(whole(rowsOf(all, context, true).items.length), 'int'))
    case 'sum':
    case 'avg':
    case 'min':
    case 'max': {
      const x: Ex = {
        k: 'agg',
        f: end.e,
        a: { k: 'col', name: end.key, t: typeIn(all, end.key) },
        distinct: false,
        filter: null,
        t: 'int',
      }
      const value = valueOfEx(x, groupScope(all, context, rowsOf(all, context).items))
      return single(shownAs(value, aggregateType(end.e, typeIn(all, end.key))))
    }
    case 'pluck':
      return records(all, context, [end.key])
    case 'values':
    case 'valuesList':
      return records(all, context, end.keys.length > 0 ? end.keys : world[all.model].columns.map(({ name }) => name))
    case 'aggregate':
      return aggregates(all, context, end.items)
    case 'update':
      return updated(all, context, end.data)
    case 'delete': {
      const gone = written(all, context)
      const left = context.tuples[all.model].filter((tuple) => !gone.has(idOf(tuple))).map(idOf)
      return single(`${gone.size} rows; ${left.join()}`)
    }
    default:
      throw new Invalid(`A chain that ends with ${end.e}.`)
  }
}

export function aggregateType(f: 'count' | 'sum' | 'avg' | 'min' | 'max', type: Type): Type {
  if (f === 'count') return 'int'
  return f === 'avg' ? (type === 'dec' ? 'dec' : 'float') : type
}

// answers

function shapeOf(all: Gathered): RowShape {
  const keys = new Set(['id', ...(all.chosen ?? world[all.model].columns.map(({ name }) => name))])
  const fields = world[all.model].columns.filter(({ name }) => keys.has(name)).map(({ name, type }) => ({ name, type }))
  const names = all.names.map(({ name, x }) => ({ name, type: x.t }))
  const loads = all.loads.map((load): LoadShape => {
    const relation = world[all.model].relations[load.relation]
    if (relation === undefined) throw new Invalid(`${all.model} has no relation ${load.relation}.`)
    const inner = innerOf(relation.target, load)
    const key = world[all.model].columns.find(({ name }) => name === relation.from)
    if (key !== undefined && !keys.has(key.name)) keys.add(key.name)
    return { relation: load.relation, many: relation.many, ordered: isTotal(inner.order), shape: shapeOf(inner) }
  })
  return { fields: [...fields, ...names], loads }
}

function innerOf(target: ModelName, load: Gathered['loads'][number]): Gathered {
  const inner = gather(target, load.calls ?? [])
  if (load.inner !== null) inner.loads.push(load.inner)
  return inner
}

function entities(all: Gathered, context: Context, found: Found): Answer {
  if (all.groupBy.length > 0) throw new Invalid('A group is no instance.')
  const shape = shapeOf(all)
  return { shape, items: found.items.map((tuple) => entity(all, shape, context, tuple)), runs: found.runs, also: '' }
}

function entity(all: Gathered, shape: RowShape, context: Context, tuple: Tuple): string {
  const scope = scopeOf(all, context, tuple)
  const own = shape.fields.map(
    ({ name, type }) => `${name} ${shownAs(valueOfEx({ k: 'col', name, t: type }, scope), type)}`,
  )
  const loaded = shape.loads.map((load, at) => {
    const inner = innerOf(relationOf(all, load.relation).target, all.loads[at] as Gathered['loads'][number])
    return `${load.relation} ${related(all, inner, load, context, tuple)}`
  })
  return [...own, ...loaded].join(', ')
}

const relationOf = (all: Gathered, name: string) =>
  world[all.model].relations[name] as (typeof world)['Team']['relations'][string]

/** The loaded rows of one parent; a limit is per parent. */
function related(all: Gathered, inner: Gathered, load: LoadShape, context: Context, tuple: Tuple): string {
  const keys = new Set(relatedTo({ tuple, context }, relationOf(all, load.relation)).map(idOf))
  const ofParent: Gathered = {
    ...inner,
    where: [[(scope) => keys.has(idOf(scope.tuple)) && keeps(inner.where, scope) === true]],
  }
  const found = rowsOf(ofParent, context)
  const texts = found.items.map((item) => `{${entity(inner, load.shape, context, item)}}`)
  if (!load.many) return texts[0] ?? 'null'
  return `[${(load.ordered ? texts : texts.sort()).join(' ')}]`
}

export function idOf(tuple: Tuple): string {
  const { id } = tuple.columns
  return isFraction(id) ? String(id.n) : ''
}

function records(all: Gathered, context: Context, keys: readonly string[]): Answer {
  const fields = keys.map((name) => ({ name, type: typeIn(all, name) }))
  const show = (tuple: Tuple) => {
    const scope = scopeOf(all, context, tuple)
    return fields
      .map(({ name, type }) => `${name} ${shownAs(valueOfEx({ k: 'col', name, t: type }, scope), type)}`)
      .join(', ')
  }
  const shape = { fields, loads: [] }
  if (!all.distinct) {
    const found = rowsOf(all, context)
    return { shape, items: found.items.map(show), runs: found.runs, also: '' }
  }
  if (refusesOrder(all, keys)) return single('UsageError')
  // DISTINCT comes before the cut
  const found = rowsOf({ ...all, distinct: false, limit: null, offset: 0 }, context)
  const seen = new Map<string, number>()
  found.items.forEach((tuple, at) => {
    const text = show(tuple)
    if (!seen.has(text)) seen.set(text, found.runs[at] ?? 0)
  })
  const entries = [...seen]
  const whole = { items: entries as unknown as Tuple[], runs: entries.map(([, run]) => run) }
  const cut = cutRows(whole, all.offset, all.limit ?? Number.POSITIVE_INFINITY, () => false)
  return { shape, items: (cut.items as unknown as typeof entries).map(([text]) => text), runs: cut.runs, also: '' }
}

/** Distinct values are sorted by what they hold; rows with their key have no other values besides. */
function refusesOrder(all: Gathered, keys: readonly string[]): boolean {
  if (keys.includes('id')) return false
  const isHeld = ({ x }: OrderItem) => x.k === 'col' && keys.includes(x.name)
  const others = all.order.filter((item) => !isHeld(item))
  const isPlain = ({ x }: OrderItem) =>
    x.k === 'col' && (columnOf(all.model, x.name) !== undefined || x.name.includes('.'))
  if (others.length > 0 && !others.some(isPlain)) throw new Invalid('An order by what may be held.')
  return others.length > 0
}

function aggregates(all: Gathered, context: Context, items: readonly { name: string; x: Ex }[]): Answer {
  const keys = all.groupBy.map((name) => ({ name, type: typeIn(all, name) }))
  const fields = [...keys, ...items.map(({ name, x }) => ({ name, type: x.t }))]
  const show = (scope: Scope) =>
    [
      ...keys.map(({ name, type }) => `${name} ${shownAs(valueOfEx({ k: 'col', name, t: type }, scope), type)}`),
      ...items.map(({ name, x }) => `${name} ${shownAs(valueOfEx(x, scope), x.t)}`),
    ].join(', ')
  const shape = { fields, loads: [] }
  if (keys.length === 0)
    return { shape, items: [show(groupScope(all, context, rowsOf(all, context).items))], runs: [0], also: '' }
  const found = rowsOf(all, context)
  return { shape, items: found.items.map((tuple) => show(scopeOf(all, context, tuple))), runs: found.runs, also: '' }
}

function written(all: Gathered, context: Context): Set<string> {
  if (!hasCondition(all) && all.limit === null && all.offset === 0) throw new Invalid('A write of every row.')
  return new Set(rowsOf(all, context).items.map(idOf))
}

function updated(all: Gathered, context: Context, data: readonly { key: string; x: Ex }[]): Answer {
  const keys = written(all, context)
  const { columns } = world[all.model]
  const items = context.tuples[all.model].map((tuple) => {
    const scope = scopeOf(all, context, tuple)
    const change = keys.has(idOf(tuple)) ? data : []
    const texts = columns.map(({ name, type }) => {
      const x = change.find(({ key }) => key === name)?.x ?? { k: 'col', name, t: type }
      return `${name} ${shownAs(stored(valueOfEx(x, scope), type), type)}`
    })
    return texts.join(', ')
  })
  return { shape: { fields: columns, loads: [] }, items, runs: items.map((_, at) => at), also: `${keys.size} rows` }
}

/** Decimals are rounded when they are stored: all columns of them have two digits after the point. */
const stored = (value: Value, type: Type): Value => (type === 'dec' && isFraction(value) ? toDigits(value, 2) : value)
