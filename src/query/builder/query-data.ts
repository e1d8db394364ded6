import type { ColumnNode, ExpressionNode, OrderNode } from '../../ast/expression.js'
import type { AssignmentNode, SelectionNode, SelectNode } from '../../ast/statement.js'
import { numberOf, type Structure, structureOf } from '../../ast/structure.js'
import { UsageError } from '../../errors.js'
import type { Using } from '../../execution/executor.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import type { ModelField } from '../../metadata/model-field.js'
import { type RelationMetadata, relationOf } from '../../metadata/relation/resolve.js'
import { keyOrder } from '../columns/key-order.js'
import { ANY, type Constrain, correlatedRows, hasCondition } from '../condition/has.js'
import { isOrdered } from '../condition/order.js'
import { QUERY, useUp } from '../expression/expression.js'
import { refuseSelfCorrelation } from '../link/self-correlation.js'
import type { QueryLimits } from '../runner/limits.js'
import { mergePreloads, needsOf, needsToken, type PreloadTree } from '../runner/preload.js'
import { NO_OPTIONS, type QueryContext, type QuerySource, type QueryState, type RunOptions } from '../runner/runner.js'
import { deletionAt, refuseAfterUnion, trashedOf } from '../scopes/trashed.js'
import type { Annotation, Annotations, JoinedTables, Shape, StepPart, Token, TrashedRows } from '../shape.js'
import type { Rows } from '../statement/assemble.js'
import { nodesOf } from './annotate.js'
import { existsOf, keysIn, oneValueOf, rowsIn, subqueryOf } from './inner.js'

/**
 * A query as frozen data, and what the other layers do with it: each method returns more data. The public steps are in
 * `QuerySteps`, and what runs a query in `Query`, which `Q` stands for.
 */
export abstract class QueryData<Q extends QueryData<Q>> implements QueryState {
  // declared only: with initializers, the constructors of derived classes take three times as long
  declare readonly context: QueryContext<Q>
  declare readonly shape: Shape
  /** The query without its last step. */
  declare readonly up: QueryData<Q> | null
  /** The value (or values) of the last step. */
  declare readonly value: unknown

  constructor(context: QueryContext<Q>, shape: Shape, up: QueryData<Q> | null = null, value: unknown = undefined) {
    this.context = context
    this.shape = shape
    this.up = up
    this.value = value
  }

  /** Creates a query with these members. */
  protected abstract make(context: QueryContext<Q>, shape: Shape, up: QueryData<Q> | null, value: unknown): Q
  /** This query with one more step, whose shape is given. */
  abstract withShape(shape: Shape, value: unknown): Q
  /** This query, with its own type. */
  abstract get self(): Q
  /** Adds a condition, for callers that build conditions on related rows. */
  abstract where(...args: unknown[]): Q

  get [QUERY](): true {
    return true
  }

  get source(): QuerySource<Q> {
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
  get limits(): QueryLimits | null {
    return this.options.limits
  }
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

  /** The values of all steps, in the order of their parameters. */
  bound(): unknown[] {
    const lists: unknown[] = []
    for (let query: QueryData<Q> | null = this; query !== null && query.up !== null; query = query.up) {
      const count = query.shape.step?.parameters.length ?? 0
      if (count === 1) lists.push(query.value)
      else if (count > 1) lists.push(...[...(query.value as unknown[])].reverse())
    }
    return lists.reverse()
  }

  // one more step

  /** One more step that carries no value. */
  step(token: Token, part: StepPart): Q {
    return this.withShape(this.shape.find(token) ?? this.shape.add(token, { part, parameters: [] }), undefined)
  }

  /** A step that was built as nodes: their structure is the token, their parameters hold the values. */
  built(kind: string, part: StepPart, nodes: readonly (ExpressionNode | OrderNode | SelectNode)[], extra = ''): Q {
    useUp(nodes)
    const { key, parameters, selects } = structureOf(nodes)
    if (kind === 'annotate' || kind === 'order') refuseSelfCorrelation(this.source.meta, selects)
    const value = valueOfStep(parameters)
    if (key === null) return this.withShape(this.shape.detached({ part, parameters }), value)
    return this.withShape(this.shape.grown(`${kind}:${extra}:${key}`, { part, parameters }), value)
  }

  /** The same query, which runs with other options. */
  running(options: Partial<RunOptions>): Q {
    const context = { source: this.source, options: { ...this.options, ...options } }
    return this.make(context, this.shape, this.up, this.value)
  }

  // which rows it reads

  /** Only rows that meet a condition given as a node. */
  restrict(node: ExpressionNode, or = false, negated = false): Q {
    const whole: ExpressionNode = negated ? { kind: 'not', item: node } : node
    return this.built(or ? 'or' : 'where', { kind: 'where', node: whole, or }, [whole])
  }

  /** Like `restrict`, but the condition applies to all conditions so far: an earlier `orWhere` can't bypass it. */
  restrictFurther(node: ExpressionNode): Q {
    const { key, parameters } = structureOf([node])
    const shape = this.shape.grown(`around:${key}`, { part: { kind: 'around', node }, parameters })
    return this.withShape(shape, valueOfStep(parameters))
  }

  /** The same query over the rows of a relation. If the relation has a join table, it is joined. */
  over(relation: RelationMetadata): Q {
    if (relation.through === null) return this.self
    return this.step(`via:${numberOf(relation)}`, { kind: 'via', relation })
  }

  /** Without these scopes of its model. */
  lifting(names: 'all' | readonly string[]): Q {
    return this.step(`lift:${JSON.stringify(names)}`, { kind: 'lift', names })
  }

  /** Lifts the scopes that another query over the model has lifted. */
  liftedAs(other: Shape): Q {
    return other.steps().reduce((query, { part }) => {
      if (part.kind === 'lift') return query.lifting(part.names)
      return part.kind === 'trashed' ? query.trashed(part.rows, part.asked) : query
    }, this.self)
  }

  /** With or without deleted rows, or only deleted ones. `asked`: the user called onlyTrashed(). */
  trashed(rows: TrashedRows, asked = false): Q {
    return this.step(`trashed:${rows}:${asked}`, { kind: 'trashed', rows, asked })
  }

  /** Without the scopes that aren't locked, and with deleted rows. */
  unscoped(): Q {
    if (!this.meta.isRestricted) return this.self
    refuseAfterUnion(this.shape, 'withoutGlobalScopes()')
    const { globalScopes, locked } = this.meta
    const query = this.lifting([...globalScopes.keys()].filter((name) => !locked.has(name)))
    return this.meta.softDelete === null ? query : query.trashed('with')
  }

  /** For internal queries over known rows: no scope hides any, except the locked ones. */
  everyRow(): Q {
    return this.meta.locked.size === 0 ? this.anyRow() : this.unscoped()
  }

  /** All rows of the table, even those that locked scopes hide. */
  anyRow(): Q {
    if (!this.meta.isRestricted) return this.self
    const query = this.lifting('all')
    return this.meta.softDelete === null ? query : query.trashed('with')
  }

  // what it reads of each row

  annotated(items: readonly Annotation[]): Q {
    const names = items.map(({ node }) => node.name).join()
    return this.built('annotate', { kind: 'annotate', items }, nodesOf(items), names)
  }

  /** Adds orders after the existing ones. */
  ordered(items: readonly OrderNode[]): Q {
    return this.built('order', { kind: 'order', items }, items)
  }

  /** With an order: by the key if it has none. */
  inOrder(): Q {
    return isOrdered(this.meta, this.shape) ? this.self : this.ordered(keyOrder(this.meta))
  }

  /** The same rows in this order only, without limit and offset. */
  sliced(order: readonly OrderNode[]): Q {
    return this.built('slice', { kind: 'slice', order }, order)
  }

  /** The same rows with these values, which no instance shows. */
  carrying(values: readonly SelectionNode[]): Q {
    if (values.length === 0) return this.self
    return this.built(
      'marks',
      { kind: 'marks', items: values },
      values.map(({ expression }) => expression),
    )
  }

  /** Its limit and offset apply to each value of these columns separately. */
  perOwner(keys: readonly ColumnNode[]): Q {
    const token = `perOwner:${keys.map(({ table, name }) => `${table}.${name}`).join()}`
    return this.step(token, { kind: 'perOwner', keys })
  }

  /** The limit or offset given last. */
  ownCount(kind: 'limit' | 'offset'): number | null {
    for (let query: QueryData<Q> | null = this; query !== null; query = query.up) {
      const part = query.shape.step?.part
      if (part?.kind === kind) return typeof part.count === 'number' ? part.count : (query.value as number)
      // limits of the operands of a union are not its own
      if (part?.kind === 'slice' || part?.kind === 'compound') return null
      if (part?.kind === 'unlimited' && kind === 'limit') return null
    }
    return null
  }

  /** With these fields in addition. */
  needing(fields: readonly ModelField[]): Q {
    return this.step(needsToken(fields), { kind: 'needs', fields })
  }

  /** With these relations in addition to its own. */
  preloading(tree: PreloadTree): Q {
    return tree.size === 0 ? this.self : this.loading(mergePreloads(this.preloads, tree))
  }

  /** With these relations. */
  loading(preloads: PreloadTree): Q {
    const { token, fields } = needsOf(preloads)
    const { shape } = this.step(token, { kind: 'needs', fields })
    return this.make({ source: this.source, options: { ...this.options, preloads } }, shape, this, undefined)
  }

  /** Without the limit of `maxRows`. That limit still applies to the rows of its relations. */
  allOwn(): Q {
    return this.step('all:own', { kind: 'all', below: false })
  }

  /** Locks rows whose links are about to be changed. */
  lockAsOwners(): Q {
    return this.step('lock:owner', { kind: 'lock', lock: { kind: 'lock', mode: 'owner', held: 'wait', of: undefined } })
  }

  /** The same rows without a lock. */
  unlocked(): Q {
    return this.step('unlock', { kind: 'lock', lock: null })
  }

  // what it does with the rows

  /** The update that sets columns of its rows to values that were checked. */
  assigning(list: readonly AssignmentNode[], returning = false): Q {
    return this.built(
      returning ? 'updateReturning' : 'update',
      { kind: 'update', assignments: list, returning },
      list.map((assignment) => assignment.value),
      list.map((assignment) => assignment.column).join('\0'),
    )
  }

  /** The update that marks its rows as deleted at this time, or brings deleted ones back. */
  marked(at: Date | null, returning = false): Q {
    return this.amongMarked(at).assigning(deletionAt(this.meta, at), returning)
  }

  /** The rows that `marked` changes. */
  amongMarked(at: Date | null): Q {
    return this.trashed(at === null ? 'only' : 'without', trashedOf(this.shape) === 'only')
  }

  /** The statement that removes its rows. */
  deleting(returning = false): Q {
    return this.step(`delete:${returning}`, { kind: 'delete', returning })
  }

  // as a part of another query

  toSubquery(): SelectNode {
    return subqueryOf(this)
  }
  toKeys(fields: readonly ModelField[]): SelectNode {
    return keysIn(this, fields)
  }
  toExists(): SelectNode {
    return existsOf(this)
  }
  toRows(): Rows {
    return rowsIn(this)
  }

  // the rows of its relations

  /** The condition that the relation has a row that meets the conditions which `narrow` adds. */
  related(name: string, narrow: (query: Q) => Q): ExpressionNode {
    return hasCondition(this.source.meta, name, { ...ANY, constrain: narrow }, (relation) =>
      narrow(this.ofRelation(relation)),
    )
  }

  /** The rows of a relation, connected to the row of the enclosing select. */
  relatedRows(name: string, level: number): SelectNode {
    const relation = relationOf(this.meta, name)
    return correlatedRows(relation, this.ofRelation(relation).toExists(), level)
  }

  /** One value over the rows of a relation that a callback narrows, connected to the row of the enclosing select. */
  relatedValue(
    relation: RelationMetadata,
    constrain: Constrain | null,
    call: string,
    value: SelectionNode,
  ): SelectNode {
    const tie = (rows: SelectNode) => correlatedRows(relation, rows)
    return oneValueOf(narrowed(this.ofRelation(relation), constrain, call), { value, call, tie })
  }

  /** A query over all rows of a relation's target. */
  ofRelation(relation: RelationMetadata): Q {
    const { meta, root, runner } = this.source.runner.sourceOf(relation.target)
    const source = { meta, root, runner, executor: null, cause: undefined }
    return this.make({ source, options: NO_OPTIONS }, root.shape, null, undefined).over(relation)
  }
}

/** One value as it is, several as a list. */
function valueOfStep(parameters: Structure['parameters']): unknown {
  const values = parameters.map((parameter) => (parameter.kind === 'list' ? parameter.values : parameter.value))
  return values.length === 1 ? values[0] : values
}

/** The query over related rows that a callback has narrowed. */
export function narrowed<Q extends QueryData<Q>>(related: Q, constrain: Constrain | null, call: string): Q {
  if (constrain === null) return related
  const query = constrain(related as never)
  if (query instanceof QueryData && query.source.meta === related.source.meta) return query as Q
  throw new UsageError(`The callback of ${call} must return the query it was given, with further steps.`)
}
