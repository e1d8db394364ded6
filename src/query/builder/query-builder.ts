import { MultipleResultsError, NotFoundError, UsageError } from '../../errors.js'
import type { CursorPage, Page } from '../../types/page.js'
import { limitMethods } from '../../util/arguments.js'
import { andThen, callBack, type MaybePromise, promised, rejectedAwait } from '../../util/maybe-promise.js'
import { operandOf } from '../condition/where.js'
import { Expr } from '../expression/expression.js'
import { callNode, groupConcatNode } from '../expression/functions.js'
import { keyCondition } from '../link/key-condition.js'
import { deleteOptions, returningOptions, sqlOptions, writeOptions } from '../options.js'
import { cursorPaginate } from '../pages/cursor-paginate.js'
import { groupObject, groupsOf, shownGroups } from '../pages/groups.js'
import { isGrouped } from '../pages/pageable.js'
import { paginate } from '../pages/paginate.js'
import { batches, idBatches, stream } from '../pages/stream.js'
import type { QueryContext } from '../runner/runner.js'
import { refuseReadOnly } from '../scopes/refused.js'
import { refuseHidden } from '../scopes/trashed.js'
import type { Shape } from '../shape.js'
import { parseExplain } from '../statement/ending.js'
import type { AggregateMap } from './aggregate.js'
import { counterUpdate, DELETION, deletionOf, updateOf } from './changes.js'
import { cut, withoutPreset } from './ordering.js'
import type { QueryData } from './query-data.js'
import { QuerySteps } from './query-steps.js'
import { UnitedRows, unitedPart } from './united-rows.js'
import { aggregated, aggregating, groupCount, pickedColumns, pickedObjects, pickedQuery, pickedRows } from './values.js'
import { assignments, instanceValues } from './write.js'

/**
 * The query builder: the steps of `QuerySteps`, and the methods that run a query or show its SQL. Their public types, with what
 * they do, are in `types/query-endings.ts` and `types/query.ts`.
 */
export class Query extends QuerySteps<Query> {
  get self(): Query {
    return this
  }
  protected make(context: QueryContext<Query>, shape: Shape, up: QueryData<Query> | null, value: unknown): Query {
    return new Query(context, shape, up, value)
  }

  withShape(shape: Shape, value: unknown): Query {
    return new Query(this.context, shape, this, value)
  }

  // rows

  // biome-ignore lint/suspicious/noThenProperty: a query is awaitable by design
  then(
    resolve: ((rows: object[]) => unknown) | null | undefined,
    reject?: ((error: unknown) => unknown) | null,
  ): Promise<unknown> {
    // the query runs here and now, so that it joins the transaction it is awaited in
    if (typeof resolve !== 'function' || typeof reject !== 'function') return this.get().then(resolve, reject)
    let rows: MaybePromise<object[]>
    try {
      rows = this.source.runner.entities(this)
    } catch (error) {
      return rejectedAwait(error).then(resolve, reject)
    }
    return rows instanceof Promise ? rows.then(resolve, reject) : callBack(resolve, rows)
  }
  get(): Promise<object[]> {
    return promised(() => this.source.runner.entities(this))
  }
  first(): Promise<object | null> {
    return promised(() => andThen(firstRows(this), (rows) => rows[0] ?? null))
  }
  firstOrFail(): Promise<object> {
    return promised(() => andThen(firstRows(this), (rows) => rows[0] ?? notFound(this)))
  }
  last(): Promise<object | null> {
    return promised(() => {
      const limit = this.ownCount('limit')
      if (limit === null && this.ownCount('offset') === null) return this.step('reverse', { kind: 'reverse' }).first()
      if (limit === null)
        throw new UsageError("last() can't follow offset() without limit(). Reverse the order, and use first().")
      return andThen(this.source.runner.entities(this.inOrder()), (rows) => rows.at(-1) ?? null)
    })
  }
  sole(): Promise<object> {
    return promised(() => andThen(onlyRow(this), (row) => row ?? notFound(this)))
  }
  soleOrNull(): Promise<object | null> {
    return promised(() => onlyRow(this))
  }
  find(key: unknown): Promise<object | null> {
    return promised(() => andThen(rowsWithKey(this, key), (rows) => rows[0] ?? null))
  }
  findOrFail(key: unknown): Promise<object> {
    const { meta } = this.source
    return promised(() =>
      andThen(rowsWithKey(this, key), (rows) => {
        if (rows[0] === undefined) throw new NotFoundError(meta.name, meta.key.names)
        return rows[0]
      }),
    )
  }
  exists(): Promise<boolean> {
    const { runner } = this.source
    return promised(() => andThen(runner.rows(this.step('exists', { kind: 'exists' })), (rows) => rows.length > 0))
  }

  // rows of several models

  unionRows(...others: unknown[]): UnitedRows {
    const { part, rows, names } = unitedPart<Query>(this, others)
    const bare = new Query(this.context, this.source.root.shape)
    const show = (query: unknown, options: unknown) => {
      const list = query as Query
      const values = pickedQuery<Query>(list, pickedColumns<Query>(list, names))
      return this.source.runner.compile(values, sqlOptions(options).dialect)
    }
    return new UnitedRows(bare.built('from', part, [rows], names.join()), names, show)
  }

  // pages and streams

  paginate(options?: unknown): Promise<Page<object>> {
    // the rows and their count within one time
    const query = this.limits === null ? this : this.running({ limits: this.limits.started() })
    return promised(() => paginate(withoutPreset(query), options))
  }
  cursorPaginate(options?: unknown): Promise<CursorPage<object>> {
    return promised(() => cursorPaginate(withoutPreset<Query>(this), options))
  }
  stream(options?: unknown): AsyncIterableIterator<object> {
    return stream(this, options)
  }
  batches(size?: number): AsyncIterableIterator<object[]> {
    return batches(this, size)
  }
  idBatches(size?: number): AsyncIterableIterator<object[]> {
    return idBatches(this, size)
  }

  // values

  count(): Promise<number> {
    if (isGrouped(this)) return promised(() => groupCount<Query>(this))
    return aggregate(this, 'count') as Promise<number>
  }
  sum(key: unknown): Promise<unknown> {
    return aggregate(this, 'sum', columnIn(this, key))
  }
  avg(key: unknown): Promise<unknown> {
    return aggregate(this, 'avg', columnIn(this, key))
  }
  min(key: unknown): Promise<unknown> {
    return aggregate(this, 'min', columnIn(this, key))
  }
  max(key: unknown): Promise<unknown> {
    return aggregate(this, 'max', columnIn(this, key))
  }
  groupConcat(key: unknown, separator?: string): Promise<unknown> {
    const node = groupConcatNode(columnIn(this, key), separator)
    return promised(() => aggregated<Query>(this, 'groupConcat', node))
  }
  aggregate(map: AggregateMap): Promise<unknown> {
    const { query, names } = aggregating<Query>(this, map)
    return promised(() =>
      andThen(this.source.runner.rows(query), (rows) => {
        const objects = rows.map((row) => groupObject(names, row))
        return isGrouped(this) ? objects : objects[0]
      }),
    )
  }
  values(...keys: string[]): Promise<object[]> {
    if (keys.length === 0 && isGrouped(this)) return promised(() => groupsOf(this))
    const from = pickedColumns<Query>(this, keys)
    return promised(() => pickedObjects<Query>(this, from))
  }
  valuesList(...keys: string[]): Promise<unknown[][]> {
    return promised(() => pickedRows<Query>(this, pickedColumns<Query>(this, keys)))
  }
  pluck(key: string): Promise<unknown[]> {
    return promised(() =>
      andThen(pickedRows<Query>(this, pickedColumns<Query>(this, [key])), (rows) => rows.map((row) => row[0])),
    )
  }

  // writes

  update(data: unknown, options?: unknown): Promise<number> {
    return promised(() => {
      const { guarded = false, hooks } = writeOptions(options)
      const change = updateOf(assignments(this.meta, data, guarded, this))
      if (hooks !== true) return this.source.runner.write(this, change, hooks)
      return this.source.runner.write(this, { ...change, values: instanceValues(this.meta, data, guarded) }, true)
    })
  }
  delete(options?: unknown): Promise<number> {
    return promised(() => {
      const { hooks } = deleteOptions(options)
      return this.source.runner.write(this, deletionOf(this), hooks)
    })
  }
  forceDelete(options?: unknown): Promise<number> {
    return promised(() => this.source.runner.write(this, DELETION, deleteOptions(options, 'forceDelete()').hooks))
  }
  restore(options?: unknown): Promise<number> {
    return promised(() => {
      const { hooks } = deleteOptions(options, 'restore()')
      refuseHidden(this.meta, this.shape)
      return this.source.runner.write(this, { kind: 'mark', at: null }, hooks)
    })
  }
  updateReturning(data: unknown, options?: unknown): Promise<object[]> {
    return promised(() => {
      const { guarded = false } = returningOptions(options)
      return this.source.runner.writeReturning(this, updateOf(assignments(this.meta, data, guarded, this)))
    })
  }
  deleteReturning(): Promise<object[]> {
    return promised(() => this.source.runner.writeReturning(this, deletionOf(this)))
  }
  increment(key: string, by?: number | bigint): Promise<number> {
    return promised(() => this.source.runner.write(this, counterUpdate(this, key, 'plus', by), false))
  }
  decrement(key: string, by?: number | bigint): Promise<number> {
    return promised(() => this.source.runner.write(this, counterUpdate(this, key, 'minus', by), false))
  }

  // SQL, and what people read

  toSQL(options?: unknown): object {
    return this.source.runner.compile(shownGroups(this), sqlOptions(options).dialect)
  }
  toSQLUpdate(data: unknown, options?: unknown): object {
    refuseReadOnly(this.meta)
    const query = this.assigning(assignments(this.meta, data, true, this))
    return this.source.runner.compile(query, sqlOptions(options, 'toSQLUpdate()').dialect)
  }
  toSQLDelete(options?: unknown): object {
    refuseReadOnly(this.meta)
    const query = this.meta.softDelete === null ? this.deleting() : this.marked(new Date())
    return this.source.runner.compile(query, sqlOptions(options, 'toSQLDelete()').dialect)
  }
  toRawSQL(options?: unknown): string {
    return this.source.runner.compileInline(shownGroups(this), sqlOptions(options, 'toRawSQL()').dialect)
  }
  explain(options?: unknown): Promise<string> {
    return promised(() => this.source.runner.explain(shownGroups(this), parseExplain(options)))
  }
  print(options?: unknown): Promise<void> {
    // for people, so that programs need not load it
    return import('./print.js').then(({ print }) => print(this, options))
  }
}

const SYNC = 'unionRows stream batches idBatches toSQL toSQLUpdate toSQLDelete toRawSQL'

limitMethods(Query.prototype, {
  lists: ['values', 'valuesList', 'unionRows'],
  sync: SYNC.split(' '),
  except: ['make', 'withShape', 'then'],
})

/** The first row, in some order. */
const firstRows = (query: Query): MaybePromise<object[]> => query.source.runner.entities(cut(query.inOrder(), 1))

/** The key is asked around the conditions so far: with an orWhere among them, it must hold all the same. */
const rowsWithKey = (query: Query, key: unknown): MaybePromise<object[]> =>
  firstRows(query.restrictFurther(keyCondition(query.meta, key)))

function onlyRow(query: Query): MaybePromise<object | null> {
  return andThen(query.source.runner.entities(cut(query, 2)), (rows) => {
    if (rows.length > 1) throw new MultipleResultsError(query.meta.name)
    return rows[0] ?? null
  })
}

function notFound(query: Query): never {
  throw new NotFoundError(query.meta.name, 'this query')
}

const columnIn = (query: Query, key: unknown): Expr => new Expr(operandOf(query, key))

type AggregateMethod = 'count' | 'sum' | 'avg' | 'min' | 'max'

function aggregate(query: Query, name: AggregateMethod, ...args: readonly Expr[]): Promise<unknown> {
  const node = callNode(name, args)
  return promised(() => aggregated(query, name, node))
}
