import { ANNOTATION } from '../../ast/bases.js'
import type {
  AnnotationNode,
  CallNode,
  ColumnNode,
  CompoundNode,
  CompoundOperator,
  ExpressionNode,
  OrderNode,
  ParameterNode,
} from '../../ast/expression.js'
import type { AssignmentNode, SelectionNode, SelectNode } from '../../ast/statement.js'
import { numberOf, structureOf } from '../../ast/structure.js'
import { transformSelect } from '../../ast/transform.js'
import { MultipleResultsError, NotFoundError, UsageError } from '../../errors.js'
import type { Using } from '../../execution/executor.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import type { ModelField } from '../../metadata/model-field.js'
import { type RelationMetadata, relationOf } from '../../metadata/relation/resolve.js'
import type { Signal } from '../../types/database.js'
import type { CursorPage, Page } from '../../types/page.js'
import { limitArguments, requireFunction } from '../../util/arguments.js'
import { at } from '../../util/list.js'
import { andThen, callBack, type MaybePromise, promised, rejectedAwait } from '../../util/maybe-promise.js'
import { endings, steps } from '../argument-counts.js'
import { columnOf } from '../columns/columns.js'
import { keyOrder } from '../columns/key-order.js'
import { filterCondition } from '../condition/filter.js'
import { ANY, type Constrain, correlatedRows, type Has, hasCondition, parseHas } from '../condition/has.js'
import { fieldOrder, parseOrder, rawOrder } from '../condition/order.js'
import { pathAnnotations, pathOf } from '../condition/paths.js'
import { sortKeys } from '../condition/sort.js'
import {
  allConditions,
  columnCondition,
  condition,
  fieldCondition,
  fieldOf,
  isEmptyObject,
  keyedCondition,
  operandOf,
} from '../condition/where.js'
import { Expr, QUERY, useUp } from '../expression/expression.js'
import { callNode, groupConcatNode } from '../expression/functions.js'
import { OPERATORS, SIMPLE_OPERATORS } from '../expression/operators.js'
import { keyCondition, keysCondition } from '../link/key-condition.js'
import { refuseSelfCorrelation } from '../link/self-correlation.js'
import { deleteOptions, joinOptions, leftJoinOptions, returningOptions, sqlOptions, writeOptions } from '../options.js'
import { cursorPaginate } from '../pages/cursor-paginate.js'
import { isGrouped } from '../pages/pageable.js'
import { paginate } from '../pages/paginate.js'
import { batches, idBatches, stream } from '../pages/stream.js'
import { asItIs, callWithColumns } from '../path/callback.js'
import { type Limits, NO_LIMITS } from '../runner/limits.js'
import { addPreloads, mergePreloads, needsOf, needsToken, type PreloadTree } from '../runner/preload.js'
import {
  NO_OPTIONS,
  type QueryChange,
  type QueryContext,
  type QuerySource,
  type QueryState,
  type RunOptions,
} from '../runner/runner.js'
import {
  deletionAt,
  refuseAfterUnion,
  refuseHidden,
  refuseScopeName,
  refuseTrashed,
  SOFT_DELETE,
  softDeleteOf,
  trashedOf,
} from '../scopes/trashed.js'
import type { Annotation, Annotations, JoinedTables, Shape, StepPart, Token, Trashed } from '../shape.js'
import {
  assembleExists,
  assembleKeys,
  assembleRows,
  assembleSubquery,
  assembleValue,
  type Rows,
} from '../statement/assemble.js'
import { commentText, parseExplain, parseLock, refuseInnerLock } from '../statement/ending.js'
import { groupColumns } from '../statement/group-rows.js'
import { gather } from '../statement/parts.js'
import { selectionOf } from '../statement/selections.js'
import { castTo, unitedType } from '../statement/united.js'
import { type AggregateMap, aggregateSelections } from './aggregate.js'
import { annotationsOf, groupKeys, nodesOf } from './annotate.js'
import {
  CteRef,
  ctePart,
  fromPart,
  type JoinOptions,
  joinKey,
  joinPart,
  refuseCteName,
  refuseOtherColumns,
} from './joins.js'
import { NEAREST, nearestOf } from './nearest.js'
import { relatedAggregate, relatedCounts, relatedExists } from './with-aggregates.js'
import { assignments, valuesOf } from './write.js'

/** The query builder: frozen data and the methods that make more of it. Its public type is in `types/query.ts`. */
export class Query implements QueryState {
  readonly [QUERY] = true

  constructor(
    readonly context: QueryContext,
    readonly shape: Shape,
    /** The query this one goes on from, and the value (or values) that this step added. */
    readonly up: Query | null = null,
    readonly value: unknown = undefined,
  ) {}

  get source(): QuerySource {
    return this.context.source
  }
  get options(): RunOptions {
    return this.context.options
  }

  get preloads(): PreloadTree {
    return this.options.preloads
  }
  get executor(): Using {
    return this.options.executor
  }
  get limits(): Limits | null {
    return this.options.limits
  }

  /** The values of all steps, in the order of their parameters. @internal */
  bound(): unknown[] {
    const lists: unknown[] = []
    for (let query: Query | null = this; query !== null && query.up !== null; query = query.up) {
      const count = query.shape.step?.parameters.length ?? 0
      if (count === 1) lists.push(query.value)
      else if (count > 1) lists.push(...[...(query.value as unknown[])].reverse())
    }
    return lists.reverse()
  }

  // what keys and callbacks can speak of

  get meta(): ModelMetadata {
    return this.source.meta
  }
  get annotations(): Annotations | null {
    return this.shape.annotations
  }
  get joined(): JoinedTables | null {
    return this.shape.joined
  }
  get via(): RelationMetadata | null {
    return this.shape.via
  }

  // conditions

  where(...args: unknown[]): Query {
    return this.#where(args, false, false)
  }
  orWhere(...args: unknown[]): Query {
    return this.#where(args, true, false)
  }
  whereNot(...args: unknown[]): Query {
    return this.#where(args, false, true)
  }
  exclude(...args: unknown[]): Query {
    return this.#where(args, false, true)
  }
  whereIn(key: unknown, values: unknown): Query {
    return this.#keep(keyedCondition(this, key, 'in', values))
  }
  whereNotIn(key: unknown, values: unknown): Query {
    return this.#keep(keyedCondition(this, key, 'not in', values))
  }
  whereBetween(key: unknown, range: readonly [unknown, unknown]): Query {
    return this.#keep(keyedCondition(this, key, 'between', range))
  }
  whereNotBetween(key: unknown, range: readonly [unknown, unknown]): Query {
    return this.#keep(keyedCondition(this, key, 'not between', range))
  }
  whereNull(key: unknown): Query {
    return this.#keep(keyedCondition(this, key, '=', null))
  }
  whereNotNull(key: unknown): Query {
    return this.#keep(keyedCondition(this, key, '!=', null))
  }
  whereColumn(a: unknown, operator: unknown, b: unknown): Query {
    return this.#keep(columnCondition(this, a, operator, b))
  }
  whereKey(key: unknown): Query {
    return this.#keep(Array.isArray(key) ? keysCondition(this.source.meta, key) : keyCondition(this.source.meta, key))
  }
  whereExists(given: unknown): Query {
    const [query, settle] = typeof given === 'function' ? callWithColumns<unknown>(this, given) : [given, asItIs]
    if (!(query instanceof Query)) throw new UsageError('whereExists() takes a query.')
    const rows = query.toExists()
    refuseSelfCorrelation(this.source.meta, [rows])
    return this.#keep(settle<ExpressionNode>({ kind: 'exists', query: rows }))
  }
  whereHas(path: string, ...args: unknown[]): Query {
    return this.#keep(this.#has(path, parseHas(args)))
  }
  whereDoesntHave(path: string, constrain?: unknown): Query {
    return this.#keep({ kind: 'not', item: this.#has(path, parseHas([constrain])) })
  }
  whereRaw(sql: unknown): Query {
    return this.#keep(condition(this, sql))
  }

  // shape

  select(...keys: unknown[]): Query {
    if (keys.length === 0) throw new UsageError('select() needs the names of fields.')
    const added = this.shape.annotations
    const paths = keys.filter((key) => added?.has(key as string) !== true && pathOf(this.meta, key) !== null)
    if (paths.length > 0) return this.#annotated(pathAnnotations(this, paths as string[])).select(...keys)
    const names = keys.filter((key): key is string => added?.has(key as string) === true)
    const fields = keys.filter((key) => !names.includes(key as string)).map((key) => fieldOf(this.meta, key))
    const token = `select:${fields.map((field) => field.index).join()}:${names.join()}`
    return this.step(token, { kind: 'select', fields, names })
  }
  omit(...keys: unknown[]): Query {
    const fields = keys.map((key) => fieldOf(this.source.meta, key))
    return this.step(`omit:${fields.map((field) => field.index).join()}`, { kind: 'omit', fields })
  }
  selectAll(): Query {
    return this.step('selectAll', { kind: 'selectAll' })
  }
  distinct(): Query {
    return this.step('distinct', { kind: 'distinct', on: true })
  }
  withoutDistinct(): Query {
    return this.step('withoutDistinct', { kind: 'distinct', on: false })
  }
  annotate(map: AggregateMap): Query {
    return this.#annotated(annotationsOf(this, map))
  }
  nearest(key: unknown, vector: unknown, options?: unknown): Query {
    const { distance, conditions, order, limit } = nearestOf(this, key, vector, options)
    const near = conditions.reduce<Query>((query, node) => query.restrictFurther(node), this.#annotated([distance]))
    const query = near.reorder().ordered(order)
    if (limit !== undefined) return query.limit(limit)
    return this.ownCount('limit') === null ? query.#preset(NEAREST) : query
  }
  groupBy(...given: unknown[]): Query {
    const keys = groupKeys(this, given)
    const names = keys.map(({ name }) => name ?? '').join()
    return this.#built('groupBy', { kind: 'groupBy', keys }, nodesOf(keys), names)
  }
  having(...args: unknown[]): Query {
    return this.#having(args, false)
  }
  orHaving(...args: unknown[]): Query {
    return this.#having(args, true)
  }
  orderBy(key: unknown, direction: unknown = 'asc'): Query {
    if (typeof key === 'string' && this.source.meta.hasField(key) && (direction === 'asc' || direction === 'desc')) {
      const token = `o:${direction}:${key}`
      const known = this.shape.find(token)
      return known !== undefined
        ? this.#next(known, undefined)
        : this.step(token, { kind: 'order', items: [fieldOrder(this, key, direction)] })
    }
    return this.ordered(parseOrder(this, key, direction))
  }
  latest(key?: string): Query {
    return this.#byTime(key, 'desc')
  }
  oldest(key?: string): Query {
    return this.#byTime(key, 'asc')
  }
  orderByRaw(sql: unknown): Query {
    return this.ordered(rawOrder(sql))
  }
  random(count?: number): Query {
    const query = this.ordered([{ kind: 'order', expression: callNode('random', []), direction: 'asc', nulls: null }])
    return count === undefined ? query : query.limit(count)
  }
  reorder(): Query {
    return this.step('reorder', { kind: 'reorder' })
  }
  limit(count: number): Query {
    return this.#count('limit', count)
  }
  offset(count: number): Query {
    return this.#count('offset', count)
  }
  page(number: number, size = 25): Query {
    if (!Number.isSafeInteger(number) || number < 1) throw new UsageError('page() counts from 1.')
    if (!Number.isSafeInteger(size) || size < 1) throw new UsageError('The size of a page is a whole number above 0.')
    return this.limit(size).offset((number - 1) * size)
  }
  join(target: unknown, on: unknown, options?: unknown): Query {
    return this.#join(target, on, joinOptions(options))
  }
  leftJoin(target: unknown, on: unknown, options?: unknown): Query {
    return this.#join(target, on, { alias: leftJoinOptions(options).alias, type: 'left' })
  }
  #join(target: unknown, on: unknown, options: JoinOptions): Query {
    const { join, table } = joinPart(this, target, on, options)
    return this.#built('join', { kind: 'join', join, table }, [joinKey(join)], table.name)
  }
  from(given: unknown): Query {
    if (typeof given !== 'string' && !(given instanceof Query))
      throw new UsageError('from() takes the name of a table or common table expression, or a query.')
    const part = fromPart(this, given)
    const rows = part.source.kind === 'rows' ? [part.source.query] : []
    return this.#built('from', part, rows, typeof given === 'string' ? given : '')
  }
  withCte(name: string, query: unknown): Query {
    const { query: rows, ...columns } = rowsOf(query, 'withCte()')
    const part = ctePart(this, { name, query: rows, recursive: false }, columns)
    return this.#built('cte', part, [rows], name)
  }
  withRecursive(name: string, base: unknown, step: (self: CteRef) => unknown): Query {
    requireFunction(step, 'withRecursive(), as its third argument,')
    const { query: first, ...columns } = rowsOf(base, 'withRecursive()')
    refuseCteName(this.meta, this.shape, name)
    const { query: next, ...others } = rowsOf(step(new CteRef(name, columns)), 'The callback of withRecursive()')
    refuseOtherColumns(columns, others)
    // its rows go on from those of the first, whose columns they are
    const operands = [first, next].map((rows) => castTo(rows, others.names, columns.names))
    const query: CompoundNode = { kind: 'compound', operator: 'union', operands }
    return this.#built('recursive', ctePart(this, { name, query, recursive: true }, columns), [first, next], name)
  }
  union(query: unknown): Query {
    return this.#compound('union', query)
  }
  unionAll(query: unknown): Query {
    return this.#compound('unionAll', query)
  }
  intersect(query: unknown): Query {
    return this.#compound('intersect', query)
  }
  except(query: unknown): Query {
    return this.#compound('except', query)
  }
  filter(json: unknown, options?: unknown): Query {
    const node = filterCondition(this, json, options)
    return node === null ? this : this.restrictFurther(node)
  }
  sort(text: unknown, options?: unknown): Query {
    const keys = sortKeys(this, text, options)
    return keys.reduce<Query>((query, { key, direction }) => query.orderBy(key, direction), this)
  }
  scope(fn: unknown, ...args: unknown[]): Query {
    if (typeof fn !== 'function') throw new UsageError('scope() takes a function of a query: scope(Post.popular, 100).')
    const query: unknown = fn.call(this.meta.model, this, ...args)
    if (query instanceof Query && query.meta === this.meta) return query
    throw new UsageError(
      `The function of scope() must return the query of "${this.meta.name}" that it was given, with further steps.`,
    )
  }
  tap<R>(fn: (query: this) => R): R {
    requireFunction(fn, 'tap()')
    return fn(this)
  }
  when(test: unknown, fn: (query: this, value: unknown) => Query, otherwise?: (query: this) => Query): Query {
    requireFunction(fn, 'when(), as its second argument,')
    if (otherwise !== undefined) requireFunction(otherwise, 'when(), as its third argument,')
    if (test) return fn(this, test)
    return otherwise === undefined ? this : otherwise(this)
  }
  using(executor: unknown): Query {
    return this.#with({ executor: this.source.runner.executor(executor) })
  }
  timeout(ms: number): Query {
    return this.#with({ limits: (this.limits ?? NO_LIMITS).withTimeout(ms) })
  }
  signal(signal: Signal): Query {
    return this.#with({ limits: (this.limits ?? NO_LIMITS).withSignal(signal) })
  }
  all(): Query {
    return this.step('all', { kind: 'all', below: true })
  }
  lock(mode: unknown, options?: unknown): Query {
    const lock = parseLock(mode, options)
    return this.step(`lock:${lock.mode}:${lock.held}`, { kind: 'lock', lock })
  }
  comment(given: string): Query {
    const text = commentText(given)
    if (text === '') return this
    const token = `comment:${text}`
    const step = { part: { kind: 'comment', text } as const, parameters: [] }
    const known = this.shape.find(token)
    if (known !== undefined) return this.#next(known, undefined)
    return this.#next(this.shape.takesComment() ? this.shape.add(token, step) : this.shape.detached(step), undefined)
  }
  withoutGlobalScope(name: unknown): Query {
    if (name === SOFT_DELETE) return this.withTrashed()
    refuseScopeName(this.meta, name)
    refuseAfterUnion(this.shape, 'withoutGlobalScope()')
    return this.lifting([name as string])
  }
  withoutGlobalScopes(): Query {
    if (!this.meta.isRestricted) return this
    refuseAfterUnion(this.shape, 'withoutGlobalScopes()')
    const { globalScopes, locked } = this.meta
    const query = this.lifting([...globalScopes.keys()].filter((name) => !locked.has(name)))
    return this.meta.softDelete === null ? query : query.#trashed('with')
  }
  withTrashed(): Query {
    softDeleteOf(this.meta, 'withTrashed()')
    refuseAfterUnion(this.shape, 'withTrashed()')
    return this.#trashed('with')
  }
  onlyTrashed(): Query {
    softDeleteOf(this.meta, 'onlyTrashed()')
    refuseAfterUnion(this.shape, 'onlyTrashed()')
    return this.#trashed('only', true)
  }
  with(...what: unknown[]): Query {
    return this.#loading(addPreloads(this.source.meta, this.preloads, what))
  }
  withCount(...what: unknown[]): Query {
    return this.#annotated(relatedCounts(this, what))
  }
  withExists(...what: unknown[]): Query {
    return this.#annotated(relatedExists(this, what))
  }
  withSum(relation: unknown, field: unknown, options?: unknown): Query {
    return this.#annotated(relatedAggregate(this, 'sum', [relation, field, options]))
  }
  withAvg(relation: unknown, field: unknown, options?: unknown): Query {
    return this.#annotated(relatedAggregate(this, 'avg', [relation, field, options]))
  }
  withMin(relation: unknown, field: unknown, options?: unknown): Query {
    return this.#annotated(relatedAggregate(this, 'min', [relation, field, options]))
  }
  withMax(relation: unknown, field: unknown, options?: unknown): Query {
    return this.#annotated(relatedAggregate(this, 'max', [relation, field, options]))
  }

  // terminals

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
    return promised(() => andThen(this.#head(1), (rows) => rows[0] ?? null))
  }
  firstOrFail(): Promise<object> {
    return promised(() => andThen(this.#head(1), (rows) => rows[0] ?? this.#notFound()))
  }
  last(): Promise<object | null> {
    return promised(() => {
      const limit = this.ownCount('limit')
      if (limit === null && this.ownCount('offset') === null) return this.step('reverse', { kind: 'reverse' }).first()
      if (limit === null)
        throw new UsageError("last() can't follow offset() without limit(). Reverse the order, and use first().")
      return andThen(this.source.runner.entities(this.#ordered()), (rows) => rows.at(-1) ?? null)
    })
  }
  sole(): Promise<object> {
    return promised(() => andThen(this.#only(), (row) => row ?? this.#notFound()))
  }
  soleOrNull(): Promise<object | null> {
    return promised(() => this.#only())
  }
  find(key: unknown): Promise<object | null> {
    return promised(() => andThen(this.#withKey(key).#head(1), (rows) => rows[0] ?? null))
  }
  findOrFail(key: unknown): Promise<object> {
    const { meta } = this.source
    return promised(() =>
      andThen(this.#withKey(key).#head(1), (rows) => {
        if (rows[0] === undefined) throw new NotFoundError(meta.name, meta.key.names)
        return rows[0]
      }),
    )
  }
  count(): Promise<number> {
    if (isGrouped(this)) return promised(() => this.#countGroups())
    return this.#scalar('count', []) as Promise<number>
  }
  exists(): Promise<boolean> {
    return promised(() =>
      andThen(this.source.runner.rows(this.step('exists', { kind: 'exists' })), (rows) => rows.length > 0),
    )
  }
  sum(key: unknown): Promise<unknown> {
    return this.#scalar('sum', [this.#column(key)])
  }
  avg(key: unknown): Promise<unknown> {
    return this.#scalar('avg', [this.#column(key)])
  }
  min(key: unknown): Promise<unknown> {
    return this.#scalar('min', [this.#column(key)])
  }
  max(key: unknown): Promise<unknown> {
    return this.#scalar('max', [this.#column(key)])
  }
  groupConcat(key: unknown, separator?: string): Promise<unknown> {
    return this.#single('groupConcat', groupConcatNode(this.#column(key), separator))
  }
  aggregate(map: AggregateMap): Promise<unknown> {
    const selections = aggregateSelections(this, map)
    const groups = this.shape.each('groupBy').flatMap(({ keys }) => keys)
    const keys = groups.flatMap(({ name }) => name ?? [])
    const names = [...keys, ...selections.map((selection) => selection.alias as string)]
    const query = this.#built(
      'aggregate',
      { kind: 'aggregate', selections },
      selections.map((s) => s.expression),
      names.join(),
    )
    return promised(() =>
      andThen(this.source.runner.rows(query), (rows) => {
        const objects = rows.map((row) => toObject(names, row))
        return groups.length > 0 ? objects : objects[0]
      }),
    )
  }
  values(...keys: string[]): Promise<object[]> {
    if (keys.length === 0 && isGrouped(this)) return promised(() => this.groups())
    const picked = this.#picked(keys)
    const names = picked.map(({ name }) => name)
    return promised(() => andThen(this.#rows(picked), (rows) => rows.map((row) => toObject(names, row))))
  }
  valuesList(...keys: string[]): Promise<unknown[][]> {
    return promised(() => this.#rows(this.#picked(keys)))
  }
  pluck(key: string): Promise<unknown[]> {
    return promised(() => andThen(this.#rows(this.#picked([key])), (rows) => rows.map((row) => row[0])))
  }
  paginate(options?: unknown): Promise<Page<object>> {
    // the rows and their count within one time
    const query = this.limits === null ? this : this.#with({ limits: this.limits.started() })
    return promised(() => paginate(query.#withoutPreset(), options))
  }
  cursorPaginate(options?: unknown): Promise<CursorPage<object>> {
    return promised(() => cursorPaginate(this.#withoutPreset(), options))
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
  update(data: unknown, options?: unknown): Promise<number> {
    return promised(() => {
      const { guarded = false, hooks } = writeOptions(options)
      const change = changeOf(assignments(this.source.meta, data, guarded, this))
      if (hooks !== true) return this.source.runner.write(this, change, hooks)
      return this.source.runner.write(this, { ...change, values: valuesOf(this.source.meta, data, guarded) }, true)
    })
  }
  delete(options?: unknown): Promise<number> {
    return promised(() => {
      const { hooks } = deleteOptions(options)
      if (this.meta.softDelete === null) return this.source.runner.write(this, DELETION, hooks)
      refuseTrashed(this.meta, this.shape)
      return this.source.runner.write(this, { kind: 'mark', at: new Date() }, hooks)
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
      const list = assignments(this.source.meta, data, guarded, this)
      return this.source.runner.writeReturning(this, changeOf(list))
    })
  }
  deleteReturning(): Promise<object[]> {
    if (this.meta.softDelete !== null)
      return promised(() => {
        refuseTrashed(this.meta, this.shape)
        return this.source.runner.writeReturning(this, { kind: 'mark', at: new Date() })
      })
    return promised(() => this.source.runner.writeReturning(this, DELETION))
  }
  increment(key: string, by: number | bigint = 1): Promise<number> {
    return promised(() => this.#add(key, by, 'plus'))
  }
  decrement(key: string, by: number | bigint = 1): Promise<number> {
    return promised(() => this.#add(key, by, 'minus'))
  }
  toSQL(options?: unknown): object {
    return this.source.runner.compile(this.#shown(), sqlOptions(options).dialect)
  }
  toSQLUpdate(data: unknown, options?: unknown): object {
    return this.source.runner.compile(this.#update(data, true), sqlOptions(options, 'toSQLUpdate()').dialect)
  }
  toSQLDelete(options?: unknown): object {
    const query = this.meta.softDelete === null ? this.#delete() : this.marked(new Date())
    return this.source.runner.compile(query, sqlOptions(options, 'toSQLDelete()').dialect)
  }
  toRawSQL(options?: unknown): string {
    return this.source.runner.compileInline(this.#shown(), sqlOptions(options, 'toRawSQL()').dialect)
  }

  explain(options?: unknown): Promise<string> {
    return promised(() => this.source.runner.explain(this.#shown(), parseExplain(options)))
  }
  print(options?: unknown): Promise<void> {
    // for people, so that programs need not load it
    return import('./print.js').then(({ print }) => print(this, options))
  }

  // for the layers above

  /** The condition that there is a row of a relation as `narrow` wants it. @internal */
  related(name: string, narrow: (query: Query) => Query): ExpressionNode {
    return hasCondition(this.source.meta, name, ANY, (relation) => narrow(this.#over(relation)))
  }

  /** The query as a value in another one, with parameters of its own. @internal */
  toSubquery(): SelectNode {
    refuseInnerLock(this.shape)
    return this.#withValues(assembleSubquery(this.source.meta, this.shape))
  }

  /** The values of these fields in its rows, with parameters of its own. @internal */
  toKeys(fields: readonly ModelField[]): SelectNode {
    return this.#withValues(assembleKeys(this.source.meta, this.shape, fields))
  }

  /** The query as the rows of an EXISTS, with parameters of its own. @internal */
  toExists(): SelectNode {
    refuseInnerLock(this.shape)
    return this.#withValues(assembleExists(this.source.meta, this.shape))
  }

  /** The rows that a relation leads to, tied to the row outside. @internal */
  relatedRows(name: string, level: number): SelectNode {
    const relation = relationOf(this.meta, name)
    return correlatedRows(relation, this.#over(relation).toExists(), level)
  }

  /** One value over the rows of a relation that a callback leaves, tied to the row outside. @internal */
  relatedValue(
    relation: RelationMetadata,
    constrain: Constrain | null,
    call: string,
    value: SelectionNode,
  ): SelectNode {
    const query = this.#narrowed(relation, constrain, call)
    refuseInnerLock(query.shape)
    const tie = (rows: SelectNode) => correlatedRows(relation, rows)
    return query.#withValues(assembleValue(query, { value, call, tie }))
  }

  /** The query's rows for another one to read from, with parameters of its own. @internal */
  toRows(): Rows {
    refuseInnerLock(this.shape)
    const { query, ...columns } = assembleRows(this.source.meta, this.shape)
    return { query: this.#withValues(query), ...columns }
  }

  /** The groups, with what they are grouped by and what is named of them. @internal */
  groups(): MaybePromise<object[]> {
    const { keys } = groupColumns(this.meta, gather(this.meta, this.shape))
    return andThen(this.source.runner.rows(this.#shown()), (rows) => rows.map((row) => toObject(keys, row)))
  }

  /** The same query without these scopes of its model. @internal */
  lifting(names: 'all' | readonly string[]): Query {
    return this.step(`lift:${JSON.stringify(names)}`, { kind: 'lift', names })
  }

  /** The same query without what another one over its model has lifted. @internal */
  liftedAs(other: Shape): Query {
    return other.steps().reduce<Query>((query, { part }) => {
      if (part.kind === 'lift') return query.lifting(part.names)
      return part.kind === 'trashed' ? query.#trashed(part.rows, part.asked) : query
    }, this)
  }

  /** Rows that corm knows, whatever hides some of them: for what it does itself. Those of locked scopes stay hidden. @internal */
  everyRow(): Query {
    return this.meta.locked.size === 0 ? this.anyRow() : this.withoutGlobalScopes()
  }

  /** All rows there are. @internal */
  anyRow(): Query {
    if (!this.meta.isRestricted) return this
    const query = this.lifting('all')
    return this.meta.softDelete === null ? query : query.#trashed('with')
  }

  /** The update that marks its rows as deleted at this time, or brings deleted ones back. @internal */
  marked(at: Date | null, returning = false): Query {
    return this.amongMarked(at).#assign(deletionAt(this.meta, at), returning)
  }

  /** The update that sets columns of its rows to values that were checked. @internal */
  assigning(list: readonly AssignmentNode[], returning = false): Query {
    return this.#assign(list, returning)
  }

  /** The statement that removes its rows. @internal */
  deleting(returning = false): Query {
    return this.#delete(returning)
  }

  /** The rows that `marked` changes. @internal */
  amongMarked(at: Date | null): Query {
    const isAsked = trashedOf(this.shape) === 'only'
    return this.#trashed(at === null ? 'only' : 'without', isAsked)
  }

  /** One more step that carries no value. @internal */
  step(token: Token, part: StepPart): Query {
    return this.#next(this.shape.find(token) ?? this.shape.add(token, { part, parameters: [] }), undefined)
  }

  /** Keeps rows that meet a condition given as a node. @internal */
  restrict(node: ExpressionNode): Query {
    return this.#keep(node)
  }

  /** As `keep`, but around all conditions so far: an `orWhere` before it can't get past it. @internal */
  restrictFurther(node: ExpressionNode): Query {
    const { key, parameters } = structureOf([node])
    const value = parameters.map((parameter) => (parameter.kind === 'list' ? parameter.values : parameter.value))
    const token = `around:${key}`
    const shape = this.shape.grown(token, { part: { kind: 'around', node }, parameters })
    return this.#next(shape, value.length === 1 ? value[0] : value)
  }

  /** The same query with these relations to load in addition to its own. @internal */
  preloading(tree: PreloadTree): Query {
    if (tree.size === 0) return this
    return this.#loading(mergePreloads(this.preloads, tree))
  }

  #loading(preloads: PreloadTree): Query {
    const { token, fields } = needsOf(preloads)
    const { shape } = this.step(token, { kind: 'needs', fields })
    return new Query({ source: this.source, options: { ...this.options, preloads } }, shape, this)
  }

  /** The same query over the rows of a relation: a join table is joined. @internal */
  over(relation: RelationMetadata): Query {
    if (relation.through === null) return this
    return this.step(`via:${numberOf(relation)}`, { kind: 'via', relation })
  }

  /** In some order: by key where there is none. @internal */
  inOrder(): Query {
    return this.#ordered()
  }

  /** Its limit and offset hold for each value of these columns. @internal */
  perParent(keys: readonly ColumnNode[]): Query {
    const token = `perParent:${keys.map(({ table, name }) => `${table}.${name}`).join()}`
    return this.step(token, { kind: 'perParent', keys })
  }

  /** The limit or offset given last. @internal */
  ownCount(kind: 'limit' | 'offset'): number | null {
    for (let query: Query | null = this; query !== null; query = query.up) {
      const part = query.shape.step?.part
      if (part?.kind === kind) return typeof part.count === 'number' ? part.count : (query.value as number)
      // limits of the operands of a union are not its own
      if (part?.kind === 'slice' || part?.kind === 'compound') return null
      if (part?.kind === 'unlimited' && kind === 'limit') return null
    }
    return null
  }

  /** The same rows in this order only, without limit and offset. @internal */
  sliced(order: readonly OrderNode[]): Query {
    return this.#built('slice', { kind: 'slice', order }, order)
  }

  /** Orders after those that are there. @internal */
  ordered(items: readonly OrderNode[]): Query {
    return this.#built('order', { kind: 'order', items }, items)
  }

  /** As `all`, but not for the rows of its relations. @internal */
  allOwn(): Query {
    return this.step('all:own', { kind: 'all', below: false })
  }

  /** Locks rows whose links are about to be changed. @internal */
  lockAsOwners(): Query {
    return this.step('lock:owner', { kind: 'lock', lock: { kind: 'lock', mode: 'owner', held: 'wait' } })
  }

  /** The same rows without a lock. @internal */
  unlocked(): Query {
    return this.step('unlock', { kind: 'lock', lock: null })
  }

  /** The same rows with these fields loaded in addition. @internal */
  needing(fields: readonly ModelField[]): Query {
    return this.step(needsToken(fields), { kind: 'needs', fields })
  }

  /** The same query, run otherwise. */
  #with(options: Partial<RunOptions>): Query {
    const context = { source: this.source, options: { ...this.options, ...options } }
    return new Query(context, this.shape, this.up, this.value)
  }

  #next(shape: Shape, value: unknown): Query {
    return new Query(this.context, shape, this, value)
  }

  #where(args: unknown[], or: boolean, negated: boolean): Query {
    const { meta } = this.source
    const [key] = args
    // an object without fields says nothing: it is no condition, and update() and delete() see that there is none
    if (args.length === 1) return isEmptyObject(key) ? this : this.#keep(condition(this, key), or, negated)
    if (args.length > 1 && typeof key !== 'string') return this.#keep(allConditions(this, args), or, negated)
    if (args.length !== 2 && args.length !== 3)
      throw new UsageError(
        'where() takes conditions, a field and a value, or a field, an operator and a value. Several fields are an object: where({ name: "Ada", age: 36 }).',
      )
    const operator = args.length === 3 ? args[1] : '='
    const value = args.length === 3 ? args[2] : args[1]
    const field = meta.fieldOrNull(key as string)
    if (field === undefined) return this.#keep(keyedCondition(this, key, operator, value), or, negated)
    const index = OPERATORS.get(operator)?.index ?? -1
    if (
      index < 0 ||
      index >= SIMPLE_OPERATORS ||
      value === null ||
      value === undefined ||
      (typeof value === 'object' && !(value instanceof Date))
    )
      return this.#keep(fieldCondition(field, operator, value), or, negated)
    const token = field.index * 64 + index * 4 + (or ? 2 : 0) + (negated ? 1 : 0)
    const known = this.shape.find(token)
    if (known !== undefined) return this.#next(known, value)
    const node = fieldCondition(field, operator, value)
    return this.#next(this.shape.add(token, whereStep(node, or, negated)), value)
  }

  #keep(node: ExpressionNode, or = false, negated = false): Query {
    const part = whereStep(node, or, negated).part
    return this.#built(or ? 'or' : 'where', part, [part.node])
  }

  /** A step that was built as nodes: its structure is the token, its parameters hold the values. */
  #built(kind: string, part: StepPart, nodes: readonly (ExpressionNode | OrderNode | SelectNode)[], extra = ''): Query {
    useUp(nodes)
    const { key, parameters, selects } = structureOf(nodes)
    if (kind === 'annotate' || kind === 'order') refuseSelfCorrelation(this.source.meta, selects)
    const given = parameters.map((parameter) => (parameter.kind === 'list' ? parameter.values : parameter.value))
    const value = given.length === 1 ? given[0] : given
    if (key === null) return this.#next(this.shape.detached({ part, parameters }), value)
    return this.#next(this.shape.grown(`${kind}:${extra}:${key}`, { part, parameters }), value)
  }

  #annotated(items: readonly Annotation[]): Query {
    const names = items.map(({ node }) => node.name).join()
    return this.#built('annotate', { kind: 'annotate', items }, nodesOf(items), names)
  }

  #compound(operator: CompoundOperator, given: unknown): Query {
    if (!(given instanceof Query) || given.meta !== this.meta)
      throw new UsageError(
        `A query over "${this.meta.name}" can be combined with another one over "${this.meta.name}" only.`,
      )
    const { query, fields, names: types } = given.toRows()
    const names = [...types].map(([name, type]): AnnotationNode => {
      const own = this.annotations?.get(name)?.type ?? null
      return { ...ANNOTATION, name, type: unitedType(name, own, type) }
    })
    const part: StepPart = { kind: 'compound', operator, query, fields, names, types }
    return this.#built('compound', part, [query], operator)
  }

  #withValues(node: SelectNode): SelectNode {
    const values = this.bound()
    const given = new Map<unknown, unknown>()
    let place = 0
    for (const step of this.shape.steps())
      for (const parameter of step.parameters) given.set(parameter, values[place++])
    return bindValues(node, given)
  }

  /** A path is one EXISTS inside the other; what is counted are the rows at its end. */
  #has(path: string, has: Has): ExpressionNode {
    if (typeof path !== 'string') throw new UsageError('whereHas() takes the name of a relation, or a path of them.')
    const [head = '', ...rest] = path.split('.')
    if (rest.length > 0) return this.related(head, (query) => query.#keep(query.#has(rest.join('.'), has)))
    return hasCondition(this.source.meta, head, has, (relation) =>
      this.#narrowed(relation, has.constrain, `whereHas('${head}')`),
    )
  }

  /** The rows of a relation that a callback leaves. */
  #narrowed(relation: RelationMetadata, constrain: Constrain | null, call: string): Query {
    const related = this.#over(relation)
    if (constrain === null) return related
    const narrowed = constrain(related as never)
    if (narrowed instanceof Query && narrowed.source.meta === relation.target) return narrowed
    throw new UsageError(`The callback of ${call} must return the query it was given, with further steps.`)
  }

  #trashed(rows: Trashed, asked = false): Query {
    return this.step(`trashed:${rows}:${asked}`, { kind: 'trashed', rows, asked })
  }

  /** All rows that a relation leads to. */
  #over(relation: RelationMetadata): Query {
    return this.#all(relation.target).over(relation)
  }

  #all(target: ModelMetadata): Query {
    const { meta, root, runner } = this.source.runner.sourceOf(target)
    const source = { meta, root, runner, executor: null, cause: undefined }
    return new Query({ source, options: NO_OPTIONS }, root.shape)
  }

  /** What runs where no terminal says what is read: groups are no instances, and are read as `values()` reads them. */
  #shown(): Query {
    return isGrouped(this) ? this.step('groups', { kind: 'groups' }) : this
  }

  #byTime(key: string | undefined, direction: 'asc' | 'desc'): Query {
    const { meta } = this.source
    const name = key ?? (meta.hasField('createdAt') ? 'createdAt' : undefined)
    if (name !== undefined) return this.orderBy(name, direction)
    return this.ordered(keyOrder(meta).map((order) => ({ ...order, direction })))
  }

  #count(kind: 'limit' | 'offset', count: number): Query {
    if (!Number.isSafeInteger(count) || count < 0) throw new UsageError(`${kind}() takes a whole number, 0 or more.`)
    const literal = this.shape.find(`${kind}:${count}`)
    if (literal !== undefined) return this.#next(literal, undefined)
    if (this.shape.takesLiteralCount()) return this.step(`${kind}:${count}`, { kind, count })
    const parameter: ParameterNode = { kind: 'parameter', type: null, value: count }
    return this.#next(
      this.shape.find(kind) ?? this.shape.add(kind, { part: { kind, count: parameter }, parameters: [parameter] }),
      count,
    )
  }

  /** A limit that was not asked for. */
  #preset(count: number): Query {
    return this.step(`preset:${count}`, { kind: 'limit', count, preset: true })
  }

  /** Pages have limits of their own. */
  #withoutPreset(): Query {
    const isPreset = this.shape.last('limit')?.preset === true && this.ownCount('limit') !== null
    return isPreset ? this.step('unlimited', { kind: 'unlimited' }) : this
  }

  #column(key: unknown): Expr {
    return new Expr(this.#operand(key))
  }

  #head(count: number): MaybePromise<object[]> {
    return this.source.runner.entities(this.#ordered().#cut(count))
  }

  /** In some order: by key where there is none. */
  #ordered(): Query {
    return this.#hasOrder() ? this : this.ordered(keyOrder(this.source.meta))
  }

  /** At most so many rows; a smaller limit of the query's own stays. */
  #cut(count: number): Query {
    const own = this.ownCount('limit')
    return own !== null && own <= count ? this : this.limit(count)
  }

  /** Around the conditions so far: with an orWhere among them, the key must hold all the same. */
  #withKey(key: unknown): Query {
    return this.restrictFurther(keyCondition(this.source.meta, key))
  }

  #hasOrder(): boolean {
    const { meta } = this.source
    if (meta.primaryKey.length === 0) return true
    let ordered = meta.options.orderBy !== undefined
    for (const { part } of this.shape.steps())
      if (part.kind === 'order' || part.kind === 'reverse') ordered = true
      else if (part.kind === 'reorder' || part.kind === 'compound') ordered = false
    return ordered
  }

  #countGroups(): MaybePromise<number> {
    const query = this.step('countGroups', { kind: 'countGroups' })
    return andThen(this.source.runner.rows(query), (rows) => rows[0]?.[0] as number)
  }

  #only(): MaybePromise<object | null> {
    return andThen(this.source.runner.entities(this.#cut(2)), (rows) => {
      if (rows.length > 1) throw new MultipleResultsError(this.source.meta.name)
      return rows[0] ?? null
    })
  }

  #notFound(): never {
    throw new NotFoundError(this.source.meta.name, 'this query')
  }

  #scalar(name: 'count' | 'sum' | 'avg' | 'min' | 'max', args: readonly Expr[]): Promise<unknown> {
    return this.#single(name, callNode(name, args))
  }

  #single(name: string, node: CallNode): Promise<unknown> {
    return promised(() => {
      if (isGrouped(this))
        throw new UsageError(`${name}() returns one value, not one per group. Use aggregate() after groupBy().`)
      const selections = [{ kind: 'selection' as const, expression: node, alias: null, type: node.type }]
      const query = this.#built('aggregate', { kind: 'aggregate', selections }, [node])
      return andThen(this.source.runner.rows(query), (rows) => rows[0]?.[0] ?? (name === 'count' ? 0 : null))
    })
  }

  #operand(key: unknown): ColumnNode | AnnotationNode {
    return operandOf(this, key)
  }

  #having(args: unknown[], or: boolean): Query {
    const [key] = args
    if (args.length < 1 || args.length > 3)
      throw new UsageError(
        'having() takes the arguments of where(): a field and a value, a field, an operator and a value, conditions, or a callback.',
      )
    const node =
      args.length === 1
        ? condition(this, key)
        : keyedCondition(this, key, args.length === 3 ? args[1] : '=', args.at(-1))
    return this.#built(or ? 'orHaving' : 'having', { kind: 'having', node, or }, [node])
  }

  /** What `values` and its like read: fields, and values that the query has named. */
  #picked(keys: readonly unknown[]): readonly Picked[] {
    const { meta } = this.source
    if (keys.length === 0)
      return meta.fields.flatMap((field) => (field.lazy ? [] : { name: field.name, selection: selectionOf(field) }))
    return keys.map((key) => {
      const node = this.#operand(key)
      const { type } = node
      const alias = node.kind === 'annotation' ? node.name : null
      return { name: key as string, selection: { kind: 'selection', expression: node, alias, type } }
    })
  }

  #rows(picked: readonly Picked[]): MaybePromise<unknown[][]> {
    const part: StepPart = { kind: 'rows', selections: picked.map(({ selection }) => selection) }
    return this.source.runner.rows(this.step(`rows:${picked.map(({ name }) => name).join()}`, part))
  }

  #written(list: readonly AssignmentNode[]): MaybePromise<number> {
    return this.source.runner.write(this, changeOf(list), false)
  }

  #update(data: unknown, guarded: boolean): Query {
    return this.#assign(assignments(this.source.meta, data, guarded, this))
  }

  #assign(list: readonly AssignmentNode[], returning = false): Query {
    return this.#built(
      returning ? 'updateReturning' : 'update',
      { kind: 'update', assignments: list, returning },
      list.map((a) => a.value),
      list.map((a) => a.column).join('\0'),
    )
  }

  #delete(returning = false): Query {
    return this.step(`delete:${returning}`, { kind: 'delete', returning })
  }

  #add(key: string, by: unknown, operation: 'plus' | 'minus'): MaybePromise<number> {
    const field = fieldOf(this.source.meta, key)
    checkStep(field, by)
    const value = new Expr(columnOf(field))[operation](by)
    return this.#written(assignments(this.source.meta, { [key]: value }, true, this))
  }
}

limitArguments(Query.prototype, steps, endings)

const DELETION: QueryChange = {
  kind: 'delete',
  columns: [],
  marks: false,
  values: {},
  of: (query, returning) => (query as Query).deleting(returning),
}

const changeOf = (list: readonly AssignmentNode[]): QueryChange => ({
  kind: 'update',
  columns: list.map(({ column }) => column),
  marks: false,
  values: null,
  of: (query, returning) => (query as Query).assigning(list, returning),
})

interface Picked {
  readonly name: string
  readonly selection: SelectionNode
}

/** What increment and decrement add: a number of the field's own kind. */
export function checkStep(field: ModelField, by: unknown): void {
  const { name } = field.dataType
  if (!['smallInteger', 'integer', 'bigInteger', 'float', 'decimal'].includes(name))
    throw new UsageError(`${field} is not a number, so it can't be incremented.`)
  if (typeof by === 'bigint' && name === 'bigInteger') return
  if (name === 'decimal' && typeof by === 'object' && by !== null) return void field.check(by)
  if (
    typeof by !== 'number' ||
    !Number.isFinite(by) ||
    (name !== 'float' && name !== 'decimal' && !Number.isInteger(by))
  )
    throw new UsageError(
      `${field} can be incremented by ${name === 'float' || name === 'decimal' ? 'a number' : 'an integer'} only.`,
    )
}

function rowsOf(given: unknown, what: string): Rows {
  if (given instanceof Query) return given.toRows()
  throw new UsageError(`${what} takes a query.`)
}

function whereStep(node: ExpressionNode, or: boolean, negated: boolean) {
  const whole: ExpressionNode = negated ? { kind: 'not', item: node } : node
  const { parameters } = structureOf([whole])
  return { part: { kind: 'where', node: whole, or } as const, parameters }
}

function bindValues(node: SelectNode, values: ReadonlyMap<unknown, unknown>): SelectNode {
  return transformSelect(node, (copy, original) => {
    // what no step has brought is a constant of the statement
    if (!values.has(original)) return copy
    if (copy.kind === 'parameter') return { ...copy, value: values.get(original) }
    if (copy.kind === 'list') return { ...copy, values: values.get(original) as unknown[] }
    return copy
  })
}

function toObject(names: readonly string[], row: readonly unknown[]): object {
  const object: Record<string, unknown> = {}
  for (let i = 0; i < names.length; i++) object[at(names, i)] = row[i]
  return object
}
