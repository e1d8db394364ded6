import type { Call, Chain, End, Ex, ModelName, OrderItem, Preload, Type } from './chain.js'
import { condition, inner, orderBy } from './make-conditions.js'
import {
  aggregate,
  anyKey,
  comparator,
  expression,
  isNumber,
  keysOf,
  literal,
  type Making,
  pathsOf,
  typesOf,
} from './make-expressions.js'
import { Random } from './random.js'
import { modelNames, world } from './world.js'

// Chains at random: what the calls so far allow.

/** The chain of a seed and a number: the same on every database. */
export function makeChain(seed: number, index: number): Chain {
  const random = new Random(seed, index)
  const model = random.pick(modelNames.filter((name) => name !== 'Card' || random.chance(0.3)))
  return new Maker(random, model).chain()
}

class Maker {
  readonly calls: Call[] = []
  readonly names = new Map<string, Type>()
  distinct = false
  chosen: string[] | null = null
  groups: string[] | null = null
  ordered = false
  plainOrder = true
  repeats = false
  cut = false

  constructor(
    readonly random: Random,
    readonly model: ModelName,
  ) {}

  get making(): Making {
    return { random: this.random, model: this.model, names: this.names, outer: [], query: inner }
  }

  chain(): Chain {
    const { random } = this
    const kind = random.weighted<'rows' | 'groups' | 'distinct' | 'write'>([
      [14, () => 'rows'],
      [3, () => 'groups'],
      [2, () => 'distinct'],
      [2, () => 'write'],
    ])
    const steps = random.whole(0, 6)
    if (kind === 'write') return this.#write(steps)
    for (let i = 0; i < steps; i++) this.#step(kind)
    if (kind === 'groups') return this.#grouped()
    if (kind === 'distinct') return this.#distinct()
    return this.#rows()
  }

  #step(kind: string): void {
    const { random } = this
    random.weighted<void>([
      [10, () => void this.calls.push(condition(this.making, 2))],
      [this.names.size < 2 ? 2 : 0, () => this.#annotate()],
      [kind === 'rows' ? 3 : 0, () => this.#order()],
      [kind === 'rows' ? 2 : 0, () => this.#cut()],
      [kind === 'rows' ? 1 : 0, () => this.#choose()],
      [
        kind === 'rows' ? 0.5 : 0,
        () => void this.calls.push({ c: random.chance(0.8) ? 'distinct' : 'withoutDistinct' }),
      ],
      [kind === 'rows' ? 1 : 0, () => this.#load()],
      [kind !== 'write' && this.names.size === 0 && this.chosen === null ? 1 : 0, () => this.#combine()],
    ])
  }

  #annotate(): void {
    const { random, making } = this
    const type = random.pick(typesOf(making))
    const name = `x${this.names.size + 1}`
    const x = expression(making, type, 2)
    this.calls.push({ c: 'annotate', names: [{ name, x }] })
    this.names.set(name, type)
  }

  #order(): void {
    const { random, making } = this
    if (random.chance(0.06)) {
      this.calls.push({ c: 'reorder' })
      Object.assign(this, { ordered: false, plainOrder: true })
      return
    }
    if (random.chance(0.12)) {
      const c = random.pick(['latest', 'oldest'] as const)
      const keys = keysOf({ model: this.model, names: new Map() }, null)
      const key = random.chance(0.5) ? null : random.pick(keys).name
      this.calls.push({ c, key })
      this.ordered = true
      return
    }
    const items = random.times(random.whole(1, 2), (): OrderItem => {
      const { name, type } = anyKey(making, false)
      if (name.startsWith('x') || name.includes('.')) this.plainOrder = false
      if (random.chance(0.6)) return orderBy(name, type, random.chance(0.5))
      const desc = random.chance(0.5)
      const nulls = random.pick(['first', 'last', null] as const)
      if (random.chance(0.5) && !name.includes('.')) return { ...orderBy(name, type, desc), nulls, by: 'expression' }
      this.plainOrder = false
      return { x: expression(making, random.pick(typesOf(making)), 2), desc, nulls, by: 'expression' }
    })
    if (items.length === 1 && items[0]?.by === 'key' && random.chance(0.3)) items[0] = { ...items[0], by: 'direction' }
    // one call takes keys or expressions, not both
    const mixed = items.some(({ by }) => by === 'expression')
    if (mixed) this.calls.push(...items.map((item): Call => ({ c: 'orderBy', items: [item] })))
    else this.calls.push({ c: 'orderBy', items })
    this.ordered = true
  }

  #cut(): void {
    const { random } = this
    this.cut = true
    this.calls.push(
      random.weighted<Call>([
        [3, () => ({ c: 'limit', count: random.whole(0, 12) })],
        [2, () => ({ c: 'offset', count: random.whole(0, 12) })],
        [1, () => ({ c: 'page', number: random.whole(1, 4), size: random.whole(1, 10) })],
      ]),
    )
  }

  #choose(): void {
    const { random } = this
    const columns = world[this.model].columns.map(({ name }) => name)
    if (random.chance(0.3)) this.calls.push({ c: 'omit', keys: random.some(columns, 3) })
    else this.calls.push({ c: 'select', keys: random.some([...columns, ...this.#paths()], 4) })
    this.chosen = []
  }

  #paths(): string[] {
    const { random, model } = this
    return random.chance(0.3) ? random.some(pathsOf(model, false), 3).map(({ name }) => name) : []
  }

  /** Rows of two queries; what follows is asked of them. */
  #combine(): void {
    const { random, model, making } = this
    if (this.cut) this.#settle()
    const calls = random.times(random.whole(0, 2), () => condition(making, 1))
    if (random.chance(0.2))
      calls.push({ c: 'orderBy', items: [orderBy('id')] }, { c: 'limit', count: random.whole(0, 12) })
    const c = random.pick(['union', 'unionAll', 'intersect', 'except'] as const)
    this.calls.push({ c, query: { model, calls, end: { e: 'get' } } })
    // rows that come twice have no place of their own in a page
    if (c === 'unionAll') this.repeats = true
    Object.assign(this, { ordered: false, plainOrder: true, cut: false })
  }

  #load(): void {
    const { random } = this
    const loaded = new Set(
      this.calls.flatMap((call) => (call.c === 'with' ? call.loads.map(({ relation }) => relation) : [])),
    )
    const names = Object.keys(world[this.model].relations).filter((name) => !loaded.has(name))
    if (names.length === 0) return
    const loads = random.some(names, 2).map((relation) => this.#preload(this.model, relation, 2))
    this.calls.push({ c: 'with', loads })
  }

  #preload(model: ModelName, relation: string, depth: number): Preload {
    const { random } = this
    const { target, many } = world[model].relations[relation] as { target: ModelName; many: boolean }
    const within: Making = { random, model: target, names: new Map(), outer: [], query: inner }
    let calls: Call[] | null = null
    if (random.chance(0.5)) {
      calls = random.times(random.whole(0, 2), () => condition(within, 1))
      if (many && random.chance(0.5)) {
        const { name, type } = anyKey(within, false)
        calls.push({ c: 'orderBy', items: [orderBy(name, type, random.chance(0.5)), orderBy('id')] })
        if (random.chance(0.6)) calls.push({ c: 'limit', count: random.whole(1, 3) })
        if (random.chance(0.2)) calls.push({ c: 'offset', count: random.whole(0, 2) })
      }
    }
    const next = depth > 1 && random.chance(0.3) ? random.pick(Object.keys(world[target].relations)) : null
    return { relation, calls, inner: next === null ? null : this.#preload(target, next, depth - 1) }
  }

  #settle(): void {
    this.calls.push({ c: 'orderBy', items: [orderBy('id')] })
  }

  #rows(): Chain {
    const { random, model, making } = this
    const paths = random.chance(0.2) ? pathsOf(model, false) : []
    const keys = [...keysOf(making, null), ...paths].map(({ name }) => name)
    const columns = world[model].columns
    const numbers = [...columns, ...paths].filter(({ type }) => isNumber(type))
    const isFree = !this.cut
    const paged = isFree && this.plainOrder && !this.repeats
    const pick = (): End =>
      random.weighted<End>([
        [10, () => ({ e: 'get' })],
        [1, () => ({ e: 'first' })],
        [isFree ? 1 : 0, () => ({ e: 'last' })],
        [1, () => ({ e: random.pick(['sole', 'soleOrNull'] as const) })],
        [isFree ? 1 : 0, () => ({ e: 'find', key: random.whole(1, 40) })],
        [3, () => ({ e: 'count' })],
        [1, () => ({ e: 'exists' })],
        [1, () => this.#total(numbers)],
        [
          1,
          () => ({
            e: random.pick(['min', 'max'] as const),
            key: random.pick(columns.filter(({ type }) => type !== 'bool')).name,
          }),
        ],
        [2, () => ({ e: 'pluck', key: random.pick(keys) })],
        [1, () => ({ e: random.pick(['values', 'valuesList'] as const), keys: random.some(keys, 4) })],
        [1, () => ({ e: 'aggregate', items: this.#aggregates() })],
        [paged ? 1 : 0, () => ({ e: 'paginate', page: random.whole(1, 4), size: random.whole(1, 15) })],
        [paged ? 1 : 0, () => ({ e: 'walk', size: random.whole(3, 15) })],
        [paged ? 1 : 0, () => ({ e: random.pick(['stream', 'batches'] as const), size: random.whole(3, 15) })],
        [isFree && !this.ordered && !this.repeats ? 1 : 0, () => ({ e: 'idBatches', size: random.whole(3, 15) })],
      ])
    const end = pick()
    const settled = ['first', 'last', 'find', 'paginate', 'walk', 'stream', 'batches'].includes(end.e)
    if (this.cut || (settled && this.ordered)) this.#settle()
    return { model, calls: this.calls, end }
  }

  /** Averages of large integers are of floats: the last digits are anything. */
  #total(numbers: readonly { name: string; type: Type }[]): End {
    const e = this.random.pick(['sum', 'avg'] as const)
    const { name, type } = this.random.pick(numbers)
    return { e: type === 'big' ? 'sum' : e, key: name }
  }

  #aggregates(): { name: string; x: Ex }[] {
    const { random, making } = this
    return random.times(random.whole(1, 3), () => aggregate(making, 1)).map((x, at) => ({ name: `a${at + 1}`, x }))
  }

  #grouped(): Chain {
    const { random, making, model } = this
    const keys = random.some(
      [...keysOf(making, null), ...(random.chance(0.3) ? pathsOf(model, false, 1) : [])].filter(
        ({ name }) => name !== 'id',
      ),
      2,
    )
    this.calls.push({ c: 'groupBy', keys: keys.map(({ name }) => name) })
    const items = this.#aggregates()
    while (random.chance(0.4)) {
      const x = aggregate(making, 1)
      const b: Ex = literal(random, x.t)
      const op = comparator(random)
      const having: Ex = { k: 'cmp', op, a: x, b, t: 'bool' }
      this.calls.push({
        c: random.pick(['having', 'having', 'orHaving'] as const),
        form: { form: 'callback', x: having, inline: false },
      })
    }
    if (random.chance(0.5))
      this.calls.push({ c: 'orderBy', items: keys.map(({ name, type }) => orderBy(name, type, random.chance(0.5))) })
    if (random.chance(0.3) && this.calls.at(-1)?.c === 'orderBy')
      this.calls.push({ c: 'limit', count: random.whole(0, 6) })
    return { model, calls: this.calls, end: { e: 'aggregate', items } }
  }

  #distinct(): Chain {
    const { random, making, model } = this
    this.calls.push({ c: 'distinct' })
    const keys = random.some([...keysOf(making, null), ...(random.chance(0.3) ? pathsOf(model, false) : [])], 3)
    if (random.chance(0.5))
      this.calls.push({ c: 'orderBy', items: keys.map(({ name, type }) => orderBy(name, type, random.chance(0.5))) })
    if (random.chance(0.3) && this.calls.at(-1)?.c === 'orderBy')
      this.calls.push({ c: 'limit', count: random.whole(0, 6) })
    const names = keys.map(({ name }) => name)
    const end: End =
      keys.length === 1
        ? { e: 'pluck', key: names[0] as string }
        : { e: random.pick(['values', 'valuesList'] as const), keys: names }
    return { model, calls: this.calls, end }
  }

  #write(steps: number): Chain {
    const { random, making, model } = this
    for (let i = 0; i < steps; i++) this.calls.push(condition(making, 2))
    if (steps === 0) this.calls.push({ c: 'all' })
    if (random.chance(0.2)) {
      this.#settle()
      this.calls.push({ c: 'limit', count: random.whole(1, 9) })
    }
    // MariaDB sets the keys of a table that points at itself to NULL row by row, while it still looks for rows
    if (random.chance(0.3) && model !== 'Person') return { model, calls: this.calls, end: { e: 'delete' } }
    const columns = world[model].columns.filter(({ name }) => !name.endsWith('Id') && name !== 'id')
    const data = random.some(columns, 3).map(({ name, type, nullable }) => {
      if (nullable && random.chance(0.15)) return { key: name, x: { k: 'lit', v: null, t: type } as Ex }
      if (!nullable || random.chance(0.4)) return { key: name, x: literal(random, type) }
      return { key: name, x: expression(making, type, 2) }
    })
    return { model, calls: this.calls, end: { e: 'update', data } }
  }
}
