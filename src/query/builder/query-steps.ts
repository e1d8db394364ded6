import { UsageError } from '../../errors.js'
import type { Signal } from '../../types/database.js'
import { limitMethods, requireFunction } from '../../util/arguments.js'
import { filterCondition } from '../condition/filter.js'
import { parseHas } from '../condition/has.js'
import { rawOrder } from '../condition/order.js'
import { sortKeys } from '../condition/sort.js'
import { columnCondition, condition, keyedCondition } from '../condition/where.js'
import { callNode } from '../expression/functions.js'
import { keyCondition, keysCondition } from '../link/key-condition.js'
import { joinOptions, leftJoinOptions } from '../options.js'
import { checkPage } from '../pages/pageable.js'
import { NO_LIMITS } from '../runner/limits.js'
import { addPreloads } from '../runner/preload.js'
import { refuseAfterUnion, refuseScopeName, SOFT_DELETE, softDeleteOf } from '../scopes/trashed.js'
import { parseLock } from '../statement/ending.js'
import type { AggregateMap } from './aggregate.js'
import { annotationsOf, groupKeys, nodesOf } from './annotate.js'
import { combined, joinedTo, readingFrom, withCteOf, withRecursiveCteOf } from './combining.js'
import { existsCondition, pathCondition, withConditions, withHaving } from './conditions.js'
import { hybridSearch } from './hybrid.js'
import type { CteRef } from './joins.js'
import { matching } from './matches.js'
import { nearestText, nearestTo } from './nearest.js'
import { commented, orderedByAll, orderedByTime, withRowCount } from './ordering.js'
import { QueryData } from './query-data.js'
import { omittedFields, selecting } from './selecting.js'
import { relatedAggregate, relatedCounts, relatedExists } from './with-aggregates.js'

/** The steps of a query. Their public types, with what they do, are in `types/query-steps.ts` and `types/query.ts`. */
export abstract class QuerySteps<Q extends QuerySteps<Q>> extends QueryData<Q> {
  // conditions

  where(...args: unknown[]): Q {
    return withConditions(this, args, false, false)
  }
  orWhere(...args: unknown[]): Q {
    return withConditions(this, args, true, false)
  }
  whereNot(...args: unknown[]): Q {
    return withConditions(this, args, false, true)
  }
  exclude(...args: unknown[]): Q {
    return withConditions(this, args, false, true)
  }
  whereIn(key: unknown, values: unknown): Q {
    return this.restrict(keyedCondition(this, key, 'in', values))
  }
  whereNotIn(key: unknown, values: unknown): Q {
    return this.restrict(keyedCondition(this, key, 'not in', values))
  }
  whereBetween(key: unknown, range: readonly [unknown, unknown]): Q {
    return this.restrict(keyedCondition(this, key, 'between', range))
  }
  whereNotBetween(key: unknown, range: readonly [unknown, unknown]): Q {
    return this.restrict(keyedCondition(this, key, 'not between', range))
  }
  whereNull(key: unknown): Q {
    return this.restrict(keyedCondition(this, key, '=', null))
  }
  whereNotNull(key: unknown): Q {
    return this.restrict(keyedCondition(this, key, '!=', null))
  }
  whereColumn(a: unknown, operator: unknown, b: unknown): Q {
    return this.restrict(columnCondition(this, a, operator, b))
  }
  whereKey(key: unknown): Q {
    return this.restrict(Array.isArray(key) ? keysCondition(this.meta, key) : keyCondition(this.meta, key))
  }
  whereExists(given: unknown): Q {
    return this.restrict(existsCondition(this.self, given))
  }
  whereHas(path: string, constrain?: unknown, operator?: unknown, count?: unknown): Q {
    return this.restrict(pathCondition(this.self, path, parseHas([constrain, operator, count])))
  }
  whereDoesntHave(path: string, constrain?: unknown): Q {
    return this.restrict({ kind: 'not', item: pathCondition(this.self, path, parseHas([constrain])) })
  }
  whereRaw(sql: unknown): Q {
    if (typeof sql === 'string')
      throw new UsageError(
        'whereRaw() takes no text, since values in it would become SQL. Write whereRaw(sql`length(name) > ${10}`).',
      )
    return this.restrict(condition(this, sql))
  }
  filter(json: unknown, options?: unknown): Q {
    const node = filterCondition(this, json, options)
    return node === null ? this.self : this.restrictFurther(node)
  }

  // what is selected

  select(...keys: unknown[]): Q {
    return selecting(this.self, keys)
  }
  omit(...keys: unknown[]): Q {
    const fields = keys.flatMap((key) => omittedFields(this.meta, key))
    return this.step(`omit:${fields.map((field) => field.index).join()}`, { kind: 'omit', fields })
  }
  selectAll(): Q {
    return this.step('selectAll', { kind: 'selectAll' })
  }
  distinct(): Q {
    return this.step('distinct', { kind: 'distinct', on: true })
  }
  withoutDistinct(): Q {
    return this.step('withoutDistinct', { kind: 'distinct', on: false })
  }
  annotate(map: AggregateMap): Q {
    return this.annotated(annotationsOf(this, map))
  }
  groupBy(...given: unknown[]): Q {
    const keys = groupKeys(this, given)
    const names = keys.map(({ name }) => name ?? '').join()
    return this.built('groupBy', { kind: 'groupBy', keys }, nodesOf(keys), names)
  }
  having(...args: unknown[]): Q {
    return withHaving(this, args, false)
  }
  orHaving(...args: unknown[]): Q {
    return withHaving(this, args, true)
  }

  // orders and limits

  orderBy(...keys: unknown[]): Q {
    return orderedByAll(this, keys)
  }
  latest(key?: string): Q {
    return orderedByTime(this, key, 'desc')
  }
  oldest(key?: string): Q {
    return orderedByTime(this, key, 'asc')
  }
  orderByRaw(sql: unknown): Q {
    return this.ordered(rawOrder(sql))
  }
  random(count?: number): Q {
    const query = this.ordered([{ kind: 'order', expression: callNode('random', []), direction: 'asc', nulls: null }])
    return count === undefined ? query : query.limit(count)
  }
  sort(text: unknown, options?: unknown): Q {
    const keys = sortKeys(this, text, options)
    return keys.reduce((query, { key, direction }) => query.orderBy(key, direction), this.self)
  }
  nearest(key: unknown, vector: unknown, options?: unknown): Q {
    return nearestTo(this.self, key, vector, options)
  }
  search(text: unknown, options?: unknown): Q {
    return nearestText(this.self, text, options)
  }
  hybrid(text: unknown, options: unknown): Q {
    return hybridSearch(this.self, text, options)
  }
  matches(fields: unknown, text: unknown, options?: unknown): Q {
    return matching(this.self, fields, text, options)
  }
  reorder(): Q {
    return this.step('reorder', { kind: 'reorder' })
  }
  limit(count: number): Q {
    return withRowCount(this, 'limit', count)
  }
  offset(count: number): Q {
    return withRowCount(this, 'offset', count)
  }
  page(number: number, size?: number): Q {
    const rows = size ?? 25
    if (typeof number !== 'number' || typeof rows !== 'number')
      throw new UsageError('page() takes two numbers, the page and its size: page(2, 50).')
    checkPage(this.source.meta.name, { page: number, size: rows })
    return this.limit(rows).offset((number - 1) * rows)
  }

  // other tables and queries

  join(target: unknown, on: unknown, options?: unknown): Q {
    return joinedTo(this.self, target, on, joinOptions(options))
  }
  leftJoin(target: unknown, on: unknown, options?: unknown): Q {
    return joinedTo(this.self, target, on, { alias: leftJoinOptions(options).alias, type: 'left' })
  }
  from(given: unknown): Q {
    return readingFrom(this.self, given)
  }
  withCte(name: string, query: unknown): Q {
    return withCteOf(this.self, name, query)
  }
  withRecursive(name: string, base: unknown, step: (self: CteRef) => unknown): Q {
    return withRecursiveCteOf(this.self, name, base, step)
  }
  union(query: unknown): Q {
    return combined(this.self, 'union', query)
  }
  unionAll(query: unknown): Q {
    return combined(this.self, 'unionAll', query)
  }
  intersect(query: unknown): Q {
    return combined(this.self, 'intersect', query)
  }
  except(query: unknown): Q {
    return combined(this.self, 'except', query)
  }

  // relations

  with(...what: unknown[]): Q {
    return this.loading(addPreloads(this.meta, this.preloads, what))
  }
  withCount(...what: unknown[]): Q {
    return this.annotated(relatedCounts(this, what))
  }
  withExists(...what: unknown[]): Q {
    return this.annotated(relatedExists(this, what))
  }
  withSum(relation: unknown, field: unknown, options?: unknown): Q {
    return this.annotated(relatedAggregate(this, 'sum', [relation, field, options]))
  }
  withAvg(relation: unknown, field: unknown, options?: unknown): Q {
    return this.annotated(relatedAggregate(this, 'avg', [relation, field, options]))
  }
  withMin(relation: unknown, field: unknown, options?: unknown): Q {
    return this.annotated(relatedAggregate(this, 'min', [relation, field, options]))
  }
  withMax(relation: unknown, field: unknown, options?: unknown): Q {
    return this.annotated(relatedAggregate(this, 'max', [relation, field, options]))
  }

  // scopes

  scope(fn: unknown, ...args: unknown[]): Q {
    if (typeof fn !== 'function') throw new UsageError('scope() takes a function of a query: scope(Post.popular, 100).')
    const query: unknown = fn.call(this.meta.model, this, ...args)
    if (query instanceof QueryData && query.meta === this.meta) return query as Q
    throw new UsageError(
      `The function of scope() must return the query of "${this.meta.name}" that it was given, with further steps.`,
    )
  }
  withoutGlobalScope(name: unknown): Q {
    if (name === SOFT_DELETE) return this.withTrashed()
    refuseScopeName(this.meta, name)
    refuseAfterUnion(this.shape, 'withoutGlobalScope()')
    return this.lifting([name])
  }
  withoutGlobalScopes(): Q {
    return this.unscoped()
  }
  withTrashed(): Q {
    softDeleteOf(this.meta, 'withTrashed()')
    refuseAfterUnion(this.shape, 'withTrashed()')
    return this.trashed('with')
  }
  onlyTrashed(): Q {
    softDeleteOf(this.meta, 'onlyTrashed()')
    refuseAfterUnion(this.shape, 'onlyTrashed()')
    return this.trashed('only', true)
  }

  // how it runs

  tap<R>(fn: (query: Q) => R): R {
    requireFunction(fn, 'tap()')
    return fn(this.self)
  }
  when(test: unknown, fn: (query: Q, value: unknown) => Q, otherwise?: (query: Q) => Q): Q {
    requireFunction(fn, 'when()', 'second')
    if (otherwise !== undefined) requireFunction(otherwise, 'when()', 'third')
    if (test) return fn(this.self, test)
    return otherwise === undefined ? this.self : otherwise(this.self)
  }
  using(executor: unknown): Q {
    return this.running({ executor: this.source.runner.executor(executor) })
  }
  timeout(ms: number): Q {
    return this.running({ limits: (this.limits ?? NO_LIMITS).withTimeout(ms) })
  }
  signal(signal: Signal): Q {
    return this.running({ limits: (this.limits ?? NO_LIMITS).withSignal(signal) })
  }
  all(): Q {
    return this.step('all', { kind: 'all', below: true })
  }
  lock(mode: unknown, options?: unknown): Q {
    const lock = parseLock(this, mode, options)
    return this.step(`lock:${lock.mode}:${lock.held}:${JSON.stringify(lock.of ?? '')}`, { kind: 'lock', lock })
  }
  comment(text: string): Q {
    return commented(this.self, text)
  }
}

const LISTS =
  'where orWhere whereNot exclude having orHaving select omit groupBy orderBy with withCount withExists scope'

limitMethods(QuerySteps.prototype, { lists: LISTS.split(' ') })
