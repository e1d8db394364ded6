import { bareSelect } from '../../ast/bare-select.js'
import { ANNOTATION, COLUMN } from '../../ast/bases.js'
import type { AnnotationNode, SelectNode } from '../../ast/expression.js'
import { UsageError } from '../../errors.js'
import type { ModelField } from '../../metadata/model-field.js'
import { limitMethods } from '../../util/arguments.js'
import { promised } from '../../util/maybe-promise.js'
import { pageOptions } from '../options.js'
import type { PartOf } from '../shape.js'
import type { PlainRows } from '../statement/assemble.js'
import { castTo, unitedType } from '../statement/united.js'
import { plainRowsOf } from './inner.js'
import { QueryData } from './query-data.js'

// `unionRows()`: the rows of queries over several models as one list of plain objects.

/** What is asked of the query that reads the list. */
interface ListQuery {
  where(...args: unknown[]): ListQuery
  orWhere(...args: unknown[]): ListQuery
  whereNot(...args: unknown[]): ListQuery
  orderBy(...keys: unknown[]): ListQuery
  reorder(): ListQuery
  limit(count: number): ListQuery
  offset(count: number): ListQuery
  page(number: number, size?: number): ListQuery
  distinct(): ListQuery
  comment(text: string): ListQuery
  using(executor: unknown): ListQuery
  timeout(ms: number): ListQuery
  values(...keys: string[]): Promise<object[]>
  pluck(key: string): Promise<unknown[]>
  count(): Promise<number>
  exists(): Promise<boolean>
  ownCount(kind: 'limit' | 'offset'): number | null
}

/** The step that makes a query read the rows of several queries, and the names of their values. */
export function unitedPart<Q extends QueryData<Q>>(
  query: Q,
  others: readonly unknown[],
): { part: PartOf<'from'>; rows: SelectNode; names: readonly string[] } {
  if (others.length === 0 || !others.every((other) => other instanceof QueryData))
    throw new UsageError(
      'unionRows() takes queries that select the same names: Sale.query().select(…).unionRows(Visit.query().select(…)).',
    )
  const all = [query, ...(others as Q[])].map(plainRowsOf)
  const [first] = all as [PlainRows]
  const names = [...first.names.keys()]
  for (const other of all) refuseOthers(names, [...other.names.keys()])
  const types = new Map(names.map((name) => [name, typeIn(all, name)]))
  const fieldFor = (name: string): ModelField | null => ownField(query, name, types.get(name) ?? null)
  const columnOf = (name: string) => fieldFor(name)?.column ?? name
  const operands = all.map(({ query: rows, names: own }) => {
    const cast = castTo(rows, own, types)
    const selections = names.map((name) => {
      const selection = cast.selections.find(({ alias }) => alias === name)
      return { ...(selection as SelectNode['selections'][number]), alias: columnOf(name) }
    })
    return { ...cast, selections }
  })
  const columns = names.map(columnOf).map((name) => ({
    kind: 'selection' as const,
    expression: { ...COLUMN, table: null, name, type: null },
    alias: null,
    type: null,
  }))
  const compound = { kind: 'compound', operator: 'unionAll', operands } as const
  const rows: SelectNode = {
    ...bareSelect(columns),
    from: { kind: 'derivedTable', query: compound, alias: 'corm_union' },
  }
  const fields = names.flatMap((name) => fieldFor(name) ?? [])
  const added = names.filter((name) => fieldFor(name) === null)
  const part: PartOf<'from'> = {
    kind: 'from',
    source: { kind: 'rows', query: rows },
    fields,
    names: added.map((name): AnnotationNode => ({ ...ANNOTATION, name, type: types.get(name) ?? null })),
    isGroups: true,
  }
  return { part, rows, names }
}

function refuseOthers(names: readonly string[], others: readonly string[]): void {
  if ([...names].sort().join() === [...others].sort().join()) return
  throw new UsageError(
    `The queries of unionRows() select the same names. One has ${names.join(', ')}; another has ${others.join(', ')}. Select the same, and name what differs with annotate().`,
  )
}

const typeIn = (all: readonly PlainRows[], name: string) =>
  all.map(({ names }) => names.get(name) ?? null).reduce((one, other) => unitedType(name, one, other))

/** The field of the first model that a name stands for. */
function ownField<Q extends QueryData<Q>>(query: Q, name: string, type: unknown): ModelField | null {
  const field = query.annotations?.has(name) === true ? undefined : query.meta.fieldOrNull(name)
  if (field === undefined) return null
  if (field === type) return field
  throw new UsageError(
    `The queries of unionRows() have numbers of different sizes as "${name}". Name the value with annotate() in each query, with cast() if needed.`,
  )
}

/** Rows of several models, as plain objects. */
export class UnitedRows {
  readonly #query: ListQuery
  readonly #names: readonly string[]
  /** Makes the statement that `get` runs. */
  readonly #show: (query: unknown, options: unknown) => object

  constructor(query: ListQuery, names: readonly string[], show: (query: unknown, options: unknown) => object) {
    this.#query = query
    this.#names = names
    this.#show = show
  }

  where(...args: unknown[]): UnitedRows {
    return this.#with(this.#query.where(...args))
  }
  orWhere(...args: unknown[]): UnitedRows {
    return this.#with(this.#query.orWhere(...args))
  }
  whereNot(...args: unknown[]): UnitedRows {
    return this.#with(this.#query.whereNot(...args))
  }
  orderBy(...keys: unknown[]): UnitedRows {
    return this.#with(this.#query.orderBy(...keys))
  }
  reorder(): UnitedRows {
    return this.#with(this.#query.reorder())
  }
  limit(count: number): UnitedRows {
    return this.#with(this.#query.limit(count))
  }
  offset(count: number): UnitedRows {
    return this.#with(this.#query.offset(count))
  }
  page(number: number, size?: number): UnitedRows {
    return this.#with(this.#query.page(number, size ?? 25))
  }
  comment(text: string): UnitedRows {
    return this.#with(this.#query.comment(text))
  }
  using(executor: unknown): UnitedRows {
    return this.#with(this.#query.using(executor))
  }
  timeout(ms: number): UnitedRows {
    return this.#with(this.#query.timeout(ms))
  }

  // biome-ignore lint/suspicious/noThenProperty: a query is awaitable by design
  then(
    resolve?: ((rows: object[]) => unknown) | null,
    reject?: ((error: unknown) => unknown) | null,
  ): Promise<unknown> {
    return this.get().then(resolve, reject)
  }
  get(): Promise<object[]> {
    return this.#query.values(...this.#names)
  }
  first(): Promise<object | null> {
    const own = this.#query.ownCount('limit')
    return promised(async () => (await this.#with(own === 0 ? this.#query : this.#query.limit(1)).get())[0] ?? null)
  }
  count(): Promise<number> {
    return this.#query.count()
  }
  exists(): Promise<boolean> {
    return this.#query.exists()
  }
  pluck(key: string): Promise<unknown[]> {
    return this.#query.pluck(key)
  }
  toSQL(options?: unknown): object {
    return this.#show(this.#query, options)
  }
  paginate(options?: unknown): Promise<object> {
    return promised(async () => {
      const { page: number = 1, size = 25 } = pageOptions(options)
      if (this.#query.ownCount('limit') !== null || this.#query.ownCount('offset') !== null)
        throw new UsageError('paginate() sets limit and offset itself: remove limit(), offset() or page() before it.')
      const total = await this.#query.count()
      // finally by all values, because equal rows could be on two pages
      const items = await this.#with(this.#query.orderBy(...this.#names).page(number, size)).get()
      const pages = Math.ceil(total / size)
      return { items, total, number, size, pages, hasNext: number < pages, hasPrevious: number > 1 && total > 0 }
    })
  }

  #with(query: ListQuery): UnitedRows {
    return new UnitedRows(query, this.#names, this.#show)
  }
}

const SYNC = 'where orWhere whereNot orderBy reorder limit offset page comment using timeout toSQL'

limitMethods(UnitedRows.prototype, {
  lists: ['where', 'orWhere', 'whereNot', 'orderBy'],
  sync: SYNC.split(' '),
  except: ['then'],
})
