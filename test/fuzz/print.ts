import type { Call, Chain, Ex, Form, Literal, Member, ModelName, OrderItem, Preload, Type, Value } from './chain.js'
import { pathOf, targetOf } from './world.js'

// A chain as code: what a failure shows is what ran.

/** The names of the values that the query has, with their types. */
type Names = ReadonlyMap<string, Type>

interface Place {
  readonly model: ModelName
  readonly names: Names
  /** What columns are read from: `c`, or the model's own columns. */
  readonly c: string
}

/** A query without its end. */
export function printSteps(chain: Pick<Chain, 'model' | 'calls'>): string {
  return `${chain.model}.query()${printCalls(chain.model, chain.calls)}`
}

export function printChain(chain: Chain): string {
  return printEnd(chain, printSteps(chain))
}

function printCalls(model: ModelName, calls: readonly Call[]): string {
  const names = new Map<string, Type>()
  let code = ''
  for (const call of calls) {
    code += `.${printCall(call, { model, names, c: 'c' })}`
    if (call.c === 'annotate') for (const { name, x } of call.names) names.set(name, x.t)
  }
  return code
}

const typeOf = ({ model, names }: Place, key: string): Type =>
  names.get(key) ?? pathOf(model, key)?.column.type ?? 'text'

const quote = (text: string): string => {
  const escaped = text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n')
  return `'${escaped}'`
}

export function printLiteral(value: Literal, type: Type): string {
  if (value === null) return 'null'
  if (typeof value === 'bigint' || (type === 'big' && typeof value === 'number')) return `${value}n`
  if (type === 'dec') return `new Decimal(${quote(String(value))})`
  if (type === 'time') return `new Date(${quote(String(value))})`
  return typeof value === 'string' ? quote(value) : String(value)
}

const list = (values: readonly Literal[], type: Type) => `[${values.map((v) => printLiteral(v, type)).join(', ')}]`

function printValue(value: Value, type: Type): string {
  if ('v' in value) return printLiteral(value.v, type)
  return 'list' in value ? list(value.list, type) : printQuery(value.query)
}

/** A query inside another one. */
function printQuery(chain: Chain): string {
  return chain.end.e === 'value' ? `${printSteps(chain)}.select(${quote(chain.end.key)})` : printSteps(chain)
}

function printCall(call: Call, place: Place): string {
  switch (call.c) {
    case 'where':
    case 'orWhere':
    case 'whereNot':
    case 'exclude':
    case 'having':
    case 'orHaving':
      return `${call.c}(${printForm(call.form, place)})`
    case 'whereIn':
    case 'whereNotIn':
      return `${call.c}(${quote(call.key)}, ${printValue(call.value, typeOf(place, call.key))})`
    case 'whereBetween':
    case 'whereNotBetween':
      return `${call.c}(${quote(call.key)}, ${list(call.list, typeOf(place, call.key))})`
    case 'whereNull':
    case 'whereNotNull':
      return `${call.c}(${quote(call.key)})`
    case 'whereColumn':
      return `whereColumn(${quote(call.a)}, ${quote(call.op)}, ${quote(call.b)})`
    case 'whereKey':
      return `whereKey(${call.single ? call.keys[0] : `[${call.keys.join(', ')}]`})`
    case 'whereHas': {
      const narrowed =
        call.calls === null ? '' : `, (q) => q${printCalls(targetOf(place.model, call.path), call.calls)}`
      const counted = call.op === null ? '' : `, ${quote(call.op)}, ${call.count}`
      return `whereHas(${quote(call.path)}${narrowed}${counted})`
    }
    case 'whereDoesntHave':
      return `whereDoesntHave(${quote(call.path)}${
        call.calls === null ? '' : `, (q) => q${printCalls(targetOf(place.model, call.path), call.calls)}`
      })`
    case 'whereExists':
      return `whereExists(${printSteps(call.query)})`
    case 'union':
    case 'unionAll':
    case 'intersect':
    case 'except':
      return `${call.c}(${printSteps(call.query)})`
    case 'annotate':
      return `annotate({ ${call.names.map(({ name, x }) => `${name}: (c) => ${printEx(x, place)}`).join(', ')} })`
    case 'orderBy':
      return `orderBy(${printOrder(call.items, place)})`
    default:
      return printShape(call, place.model)
  }
}

function printShape(call: Call, model: ModelName): string {
  switch (call.c) {
    case 'select':
    case 'omit':
    case 'groupBy':
      return `${call.c}(${call.keys.map(quote).join(', ')})`
    case 'latest':
    case 'oldest':
      return `${call.c}(${call.key === null ? '' : quote(call.key)})`
    case 'limit':
    case 'offset':
      return `${call.c}(${call.count})`
    case 'page':
      return `page(${call.number}, ${call.size})`
    case 'with':
      return `with(${printLoads(model, call.loads)})`
    default:
      return `${call.c}()`
  }
}

/** By paths where no relation is narrowed, else as a map. */
function printLoads(model: ModelName, loads: readonly Preload[]): string {
  if (loads.every(isPath)) return loads.map((load) => quote(pathTo(load))).join(', ')
  const members = loads.map((load) => {
    if (load.calls === null && load.inner === null) return `${load.relation}: true`
    const target = targetOf(model, load.relation)
    const inner = load.inner === null ? '' : `.with(${printLoads(target, [load.inner])})`
    return `${load.relation}: (q) => q${printCalls(target, load.calls ?? [])}${inner}`
  })
  return `{ ${members.join(', ')} }`
}

const isPath = (load: Preload): boolean => load.calls === null && (load.inner === null || isPath(load.inner))
const pathTo = (load: Preload): string =>
  load.inner === null ? load.relation : `${load.relation}.${pathTo(load.inner)}`

function printOrder(items: readonly OrderItem[], place: Place): string {
  const [first] = items
  if (items.length === 1 && first?.by === 'direction' && first.x.k === 'col')
    return `${quote(first.x.name)}, '${first.desc ? 'desc' : 'asc'}'`
  if (items.every(({ by, x }) => by !== 'expression' && x.k === 'col')) {
    const keys = items.map(({ x, desc }) => quote(`${desc ? '-' : ''}${(x as Ex & { k: 'col' }).name}`))
    return keys.length === 1 ? String(keys[0]) : `[${keys.join(', ')}]`
  }
  const orders = items.map(({ x, desc, nulls }) => {
    const options = nulls === null ? '' : `{ nulls: '${nulls}' }`
    return `${printEx(x, place)}.${desc ? 'desc' : 'asc'}(${options})`
  })
  return orders.length === 1 ? `(c) => ${orders[0]}` : `(c) => [${orders.join(', ')}]`
}

const HELPERS: Readonly<Record<string, string>> = {
  '=': 'eq', '<': 'lt', '<=': 'lte', '>': 'gt', '>=': 'gte', in: 'oneOf',
} // biome-ignore format: a table

function printForm(form: Form, place: Place): string {
  if (form.form === 'callback')
    return form.inline ? printEx(form.x, { ...place, c: `${place.model}.columns` }) : `(c) => ${printEx(form.x, place)}`
  if (form.form === 'object') return `{ ${form.members.map((member) => printMember(member, place)).join(', ')} }`
  const value = printValue(form.value, typeOf(place, form.key))
  return form.op === '=' ? `${quote(form.key)}, ${value}` : `${quote(form.key)}, ${quote(form.op)}, ${value}`
}

function printMember({ key, op, value, plain, not }: Member, place: Place): string {
  const type = typeOf(place, key)
  const given =
    'list' in value && op === 'between'
      ? value.list.map((v) => printLiteral(v, type)).join(', ')
      : printValue(value, type)
  const made = plain ? given : `${HELPERS[op] ?? op}(${given})`
  return `${key.includes('.') ? quote(key) : key}: ${not ? `not(${made})` : made}`
}

const COMPARE: Readonly<Record<string, string>> = {
  '=': 'eq',
  '!=': 'ne',
  '<': 'lt',
  '<=': 'lte',
  '>': 'gt',
  '>=': 'gte',
}

function printEx(x: Ex, place: Place): string {
  const print = (inner: Ex) => printEx(inner, place)
  switch (x.k) {
    case 'col':
      return place.names.has(x.name) || place.c === 'c' ? `c.${x.name}` : `${place.c}.${x.name}`
    case 'outer':
      return `${x.model}.columns.${x.name}`
    case 'lit':
      return printLiteral(x.v, x.t)
    case 'math':
      return `${print(x.a)}.${x.op}(${print(x.b)})`
    case 'call': {
      const [first, ...rest] = x.items as [Ex, ...Ex[]]
      return `${print(first)}.${x.f}(${rest.map(print).join(', ')})`
    }
    case 'case':
      return `caseWhen(${print(x.when)}, ${print(x.value)}).${x.else === null ? 'end()' : `else(${print(x.else)})`}`
    case 'cast':
      return `${print(x.a)}.cast('${x.to}')`
    case 'agg': {
      const options = x.distinct ? ', { distinct: true }' : ''
      const filter = x.filter === null ? '' : `.filter(${print(x.filter)})`
      return `fn.${x.f}(${x.a === null ? '' : `${print(x.a)}${options}`})${filter}`
    }
    case 'sub':
      return printQuery(x.query)
    default:
      return printCondition(x, place)
  }
}

function printCondition(x: Ex, place: Place): string {
  const print = (inner: Ex) => printEx(inner, place)
  switch (x.k) {
    case 'cmp':
      return `${print(x.a)}.${COMPARE[x.op]}(${print(x.b)})`
    case 'null':
      return `${print(x.a)}.${x.not ? 'isNotNull' : 'isNull'}()`
    case 'in':
      return `${print(x.a)}.in(${Array.isArray(x.list) ? list(x.list, x.a.t) : printQuery(x.list)})`
    case 'between':
      return `${print(x.a)}.between(${print(x.low)}, ${print(x.high)})`
    case 'like':
      return `${print(x.a)}.${x.fold ? 'icontains' : x.mode}(${quote(x.text)})`
    case 'logic': {
      const [first, ...rest] = x.items as [Ex, ...Ex[]]
      return rest.length % 2 === 1
        ? `${print(first)}.${x.op}(${rest.map(print).join(', ')})`
        : `${x.op}(${x.items.map(print).join(', ')})`
    }
    case 'not':
      return x.item.k === 'logic' ? `${print(x.item)}.not()` : `not(${print(x.item)})`
    default:
      throw new Error(`No code for ${x.k}.`)
  }
}

function printEnd({ model, calls, end }: Chain, query: string): string {
  switch (end.e) {
    case 'find':
      return `${query}.find(${end.key})`
    case 'sum':
    case 'avg':
    case 'min':
    case 'max':
    case 'pluck':
      return `${query}.${end.e}(${quote(end.key)})`
    case 'values':
    case 'valuesList':
      return `${query}.${end.e}(${end.keys.map(quote).join(', ')})`
    case 'aggregate': {
      const names = new Map(
        calls.flatMap((call) => (call.c === 'annotate' ? call.names.map(({ name, x }) => [name, x.t] as const) : [])),
      )
      const items = end.items.map(({ name, x }) => `${name}: (c) => ${printEx(x, { model, names, c: 'c' })}`)
      return `${query}.aggregate({ ${items.join(', ')} })`
    }
    case 'paginate':
      return `${query}.paginate({ page: ${end.page}, size: ${end.size} })`
    case 'walk':
      return `walk(${query}, ${end.size})`
    case 'stream':
      return `collect(${query}.stream({ chunkSize: ${end.size} }))`
    case 'batches':
    case 'idBatches':
      return `collect(${query}.${end.e}(${end.size}))`
    case 'update': {
      const items = end.data.map(({ key, x }) => `${key}: ${printEx(x, { model, names: new Map(), c: 'c' })}`)
      const plain = end.data.every(({ x }) => x.k === 'lit')
      return `rolledBack(${model}, () => ${query}.update(${plain ? `{ ${items.join(', ')} }` : `(c) => ({ ${items.join(', ')} })`}))`
    }
    case 'delete':
      return `rolledBack(${model}, () => ${query}.delete())`
    case 'value':
      return `${query}.pluck(${quote(end.key)})`
    default:
      return `${query}.${end.e}()`
  }
}
