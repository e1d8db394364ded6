import type { ExpressionNode } from '../ast/expression.js'
import type { CountNode, DeleteNode, SelectionNode, SelectNode, StatementNode, UpdateNode } from '../ast/statement.js'
import { typeOf } from '../ast/type-of.js'
import { UsageError } from '../errors.js'
import type { ModelMetadata } from '../metadata/metadata.js'
import type { ModelField } from '../metadata/model-field.js'
import { type Ending, ended } from './ending.js'
import { asColumns, holdsAggregate, inPlace, isUnequal, orderInPlace, selectionInPlace } from './named.js'
import { keyOrder } from './order.js'
import { gather, type Parts } from './parts.js'
import type { Shape } from './shape.js'
import { columnOf } from './where.js'

/** The statement of a query, and the fields its rows carry when they become instances. */
export interface Assembled {
  readonly statement: StatementNode
  /** The fields of an instance, in the model's order; null when the rows are not instances. */
  readonly fields: readonly ModelField[] | null
  /** The names whose values follow those of the fields. */
  readonly names: readonly string[]
  /** How result columns are read, by position. */
  readonly selections: readonly SelectionNode[]
}

export function assemble(meta: ModelMetadata, shape: Shape): Assembled & Ending {
  const parts = gather(meta, shape)
  return ended(parts, assembleParts(meta, parts))
}

function assembleParts(meta: ModelMetadata, parts: Parts): Assembled {
  const terminal = parts.terminal ?? { kind: 'entities' }
  switch (terminal.kind) {
    case 'rows':
      return plain(select(meta, parts, terminal.selections))
    case 'aggregate':
      return plain(aggregate(meta, parts, terminal.selections))
    case 'exists':
      return plain(exists(meta, { ...parts, order: [], limit: parts.limit ?? 1 }))
    case 'update':
      return write({
        kind: 'update',
        table: table(meta),
        assignments: terminal.assignments,
        where: target(meta, parts),
        returning: [],
      })
    case 'delete':
      return write({ kind: 'delete', table: table(meta), where: target(meta, parts), returning: [] })
    default:
      return entities(meta, parts)
  }
}

/** As a value: exactly the fields that were selected, else the key. */
export function assembleSubquery(meta: ModelMetadata, shape: Shape): SelectNode {
  const parts = gather(meta, shape)
  if (parts.terminal !== null && parts.terminal.kind !== 'rows')
    throw new UsageError("This query can't be used as a value.")
  const fields = parts.chosen === null ? meta.primaryKey : [...parts.chosen]
  const names = parts.chosenNames
  if (fields.length + names.length !== 1)
    throw new UsageError(`A query used as a value selects one field: ${meta.name}.query().select('id').`)
  const ordered = parts.limit !== null || parts.offset !== null ? parts : { ...parts, order: [] }
  return select(meta, ordered, [...fields.map(selectionOf), ...names.map((name) => namedSelection(parts, name))])
}

/** As the rows of an EXISTS. */
export function assembleExists(meta: ModelMetadata, shape: Shape): SelectNode {
  const parts = gather(meta, shape)
  if (parts.terminal !== null) throw new UsageError("This query can't be used as a condition.")
  const cut = parts.limit !== null || parts.offset !== null
  return select(meta, cut ? parts : { ...parts, order: [], distinct: false }, [one])
}

const namedSelection = (parts: Parts, name: string): SelectionNode => {
  const type = parts.types.get(name) ?? null
  return { kind: 'selection', expression: { kind: 'annotation', name, type }, alias: name, type }
}

const one: SelectionNode = { kind: 'selection', expression: { kind: 'truth', value: true }, alias: null, type: null }

export const selectionOf = (field: ModelField): SelectionNode => ({
  kind: 'selection',
  expression: columnOf(field),
  alias: null,
  type: field,
})

const table = (meta: ModelMetadata) => ({ kind: 'table', name: meta.table, alias: null }) as const

const plain = (statement: SelectNode): Assembled => ({
  statement,
  fields: null,
  names: [],
  selections: statement.selections,
})

const write = (statement: UpdateNode | DeleteNode): Assembled => ({
  statement,
  fields: null,
  names: [],
  selections: [],
})

function entities(meta: ModelMetadata, parts: Parts): Assembled {
  if (parts.groupBy.length > 0) throw new UsageError('groupBy() needs aggregate(): a group is not an instance.')
  const fields = meta.fields.filter((field) => isLoaded(field, parts))
  const names = [...parts.named.keys()]
  const selections = [...fields.map(selectionOf), ...names.map((name) => namedSelection(parts, name))]
  const statement =
    parts.perParent === null
      ? select(meta, parts, selections)
      : limitPerParent(meta, parts, selections, parts.perParent)
  return { statement, fields, names, selections }
}

function isLoaded(field: ModelField, parts: Parts): boolean {
  if (field.primaryKey || parts.needed.has(field)) return true
  return parts.chosen === null ? !field.lazy : parts.chosen.has(field)
}

/** The conditions on rows, and those on groups: a condition that holds an aggregate is one on groups. */
function conditions(parts: Parts): { where: ExpressionNode | null; having: ExpressionNode | null } {
  const around = parts.around.map((node) => inPlace(node, parts.named))
  const groups = parts.groups.map((group) => group.map((node) => inPlace(node, parts.named)))
  const given = joined(parts.having.map((group) => group.map((node) => inPlace(node, parts.named))))
  const all = [...around, ...groups.flat()]
  if (!all.some(holdsAggregate)) return { where: allOf([...around, ...joined(groups)]), having: allOf(given) }
  // alternatives can't be told apart: all of them are asked of the groups
  const items = [...around, ...(groups.length === 1 ? groups.flat() : joined(groups))]
  return {
    where: allOf(items.filter((item) => !holdsAggregate(item))),
    having: allOf([...items.filter(holdsAggregate), ...given]),
  }
}

/** AND binds tighter than OR, as in SQL. */
function joined(groups: readonly (readonly ExpressionNode[])[]): ExpressionNode[] {
  const items = groups.flatMap((group) => allOf(group) ?? [])
  return items.length <= 1 ? items : [{ kind: 'logic', operator: 'or', items }]
}

function allOf(items: readonly ExpressionNode[]): ExpressionNode | null {
  return items.length <= 1 ? (items[0] ?? null) : { kind: 'logic', operator: 'and', items }
}

function select(meta: ModelMetadata, parts: Parts, selections: readonly SelectionNode[], whole = false): SelectNode {
  const keys = parts.groupBy.map((key) => inPlace(key.expression, parts.named))
  if (keys.some((key) => key.kind !== 'column' && isUnequal(key))) return groupRows(meta, parts, selections)
  const placed = selections.map((selection) => selectionInPlace(selection, parts.named))
  const orderBy = parts.order.map((order) => orderInPlace(order, parts.named))
  const { where, having } = conditions(parts)
  const grouped = keys.length > 0 || whole
  const summed = having !== null || [...placed, ...orderBy].some(({ expression }) => holdsAggregate(expression))
  return {
    kind: 'select',
    selections: placed,
    from: table(meta),
    distinct: parts.distinct,
    where,
    groupBy: grouped || !summed ? keys : rowKeys(meta, placed, having),
    having,
    orderBy,
    limit: parts.limit,
    offset: parts.offset,
  }
}

/** Each row is a group of its own, unless nothing is asked but aggregates. */
function rowKeys(
  meta: ModelMetadata,
  selections: readonly SelectionNode[],
  having: ExpressionNode | null,
): ExpressionNode[] {
  if (having === null && selections.every(({ expression }) => holdsAggregate(expression))) return []
  const keys = meta.primaryKey.map(columnOf)
  const columns = selections.flatMap(({ expression }) => (expression.kind === 'column' ? [expression] : []))
  return [...keys, ...columns.filter((column) => !keys.some((key) => key.name === column.name))]
}

/** Groups by values that are computed first, each once, by a query inside. */
function groupRows(meta: ModelMetadata, parts: Parts, selections: readonly SelectionNode[]): SelectNode {
  const given = parts.groupBy.filter(({ name, expression }) => name === null && isUnequal(expression))
  if (given.length > 0)
    throw new UsageError('groupBy() of an expression with values needs its name: annotate({ name: … }).groupBy(name).')
  const computed = new Map([...parts.named].filter(([, expression]) => !holdsAggregate(expression)))
  const bare = { groupBy: [], having: [[]], order: [], distinct: false, limit: null, offset: null }
  const inner = select(meta, { ...parts, ...bare, named: computed }, [
    ...meta.fields.map((field) => ({ ...selectionOf(field), type: null })),
    ...[...computed.keys()].map((name) => ({ ...namedSelection(parts, name), type: null })),
  ])
  const named = new Map([...parts.named, ...asColumns(computed)])
  const outer = select(meta, { ...parts, named, groups: [[]], around: [] }, selections)
  // under the table's name, so that its columns are found by it
  return { ...outer, from: { kind: 'derivedTable', query: inner, alias: meta.table } }
}

/** Aggregates see the rows the query would give: a limit, DISTINCT or a condition on groups goes into a subquery. */
function aggregate(meta: ModelMetadata, parts: Parts, selections: readonly SelectionNode[]): SelectNode {
  if (parts.groupBy.length > 0) {
    const keys = parts.groupBy.flatMap(({ name, expression }): SelectionNode[] => {
      if (name === null) return []
      return [
        { kind: 'selection', expression, alias: expression.kind === 'column' ? null : name, type: typeOf(expression) },
      ]
    })
    return select(meta, parts, [...keys, ...selections])
  }
  const cut = parts.limit !== null || parts.offset !== null || parts.distinct
  // an aggregate is no row that could be locked
  if (!cut && parts.lock === null && conditions(parts).having === null)
    return select(meta, { ...parts, order: [] }, selections, true)
  return ofRows(meta, parts, selections)
}

/** Whether there is a row. DISTINCT goes before OFFSET: it must see the fields. */
function exists(meta: ModelMetadata, parts: Parts): SelectNode {
  if (parts.distinct && parts.offset !== null) return ofRows(meta, parts, [one])
  return select(meta, { ...parts, distinct: false }, [one])
}

/** Values over the rows the query would give. */
function ofRows(meta: ModelMetadata, parts: Parts, selections: readonly SelectionNode[]): SelectNode {
  const fields = parts.chosen === null ? meta.fields : meta.fields.filter((f) => parts.chosen?.has(f))
  // columns go out unread: only the outer aggregates are read
  const names = [...parts.named.keys()].map((name) => namedSelection(parts, name))
  const inner = select(
    meta,
    parts,
    [...fields.map(selectionOf), ...names].map((selection) => ({ ...selection, type: null })),
  )
  const named = asColumns(parts.named)
  return {
    ...inner,
    selections: selections.map((selection) => selectionInPlace(selection, named)),
    from: { kind: 'derivedTable', query: inner, alias: 'corm_rows' },
    distinct: false,
    where: null,
    groupBy: [],
    having: null,
    orderBy: [],
    limit: null,
    offset: null,
  }
}

const RANK = 'corm_rank'

/** The first rows of each parent: numbered by a window, cut outside of it. */
function limitPerParent(
  meta: ModelMetadata,
  parts: Parts,
  selections: readonly SelectionNode[],
  key: ModelField,
): SelectNode {
  const orderBy = parts.order.length > 0 ? parts.order : keyOrder(meta)
  const rank: SelectionNode = {
    kind: 'selection',
    expression: { kind: 'rowNumber', partitionBy: [columnOf(key)], orderBy },
    alias: RANK,
    type: null,
  }
  const columns = selections.map((selection) => ({ ...selection, type: null }))
  const inner = select(meta, { ...parts, order: [], limit: null, offset: null }, [...columns, rank])
  const rankColumn: ExpressionNode = { kind: 'column', table: null, name: RANK, type: null }
  const named = asColumns(parts.named)
  return {
    ...inner,
    selections: selections.map((selection) => selectionInPlace(selection, named)),
    from: { kind: 'derivedTable', query: inner, alias: 'corm_ranked' },
    distinct: false,
    where: rankLimits(rankColumn, parts),
    groupBy: [],
    having: null,
    orderBy: [{ kind: 'order', expression: rankColumn, direction: 'asc', nulls: null }],
    limit: null,
    offset: null,
  }
}

function rankLimits(rank: ExpressionNode, { limit, offset }: Parts): ExpressionNode {
  const bound = (count: CountNode): ExpressionNode =>
    typeof count === 'number' ? { kind: 'raw', texts: [String(count)], nodes: [], dynamic: false } : count
  const from: ExpressionNode = offset === null ? bound(0) : bound(offset)
  const items: ExpressionNode[] = [{ kind: 'comparison', operator: '>', left: rank, right: from }]
  if (limit !== null) {
    const to: ExpressionNode =
      offset === null ? bound(limit) : { kind: 'arithmetic', operator: '+', left: bound(limit), right: from }
    items.push({ kind: 'comparison', operator: '<=', left: rank, right: to })
  }
  return { kind: 'logic', operator: 'and', items }
}

/** Which rows a write means. A limit or order is kept by way of the keys. */
function target(meta: ModelMetadata, parts: Parts): ExpressionNode | null {
  const { where: condition, having } = conditions(parts)
  const cut = parts.limit !== null || parts.offset !== null || having !== null
  if (condition === null && !parts.everyRow && !cut)
    throw new UsageError(
      `This would change every row of "${meta.table}". Add a condition, or say all(): ${meta.name}.all().`,
    )
  if (parts.groupBy.length > 0 || parts.distinct)
    throw new UsageError("A grouped or distinct query can't be updated or deleted.")
  if (!cut) return condition
  const [key, second] = meta.primaryKey
  if (key === undefined || second !== undefined)
    throw new UsageError(`"${meta.name}" has no single key field: limit() can't stand before update() or delete().`)
  const inner = select(meta, parts, [{ ...selectionOf(key), type: null }])
  const wrapped: SelectNode = {
    ...inner,
    from: { kind: 'derivedTable', query: inner, alias: 'corm_rows' },
    where: null,
    groupBy: [],
    having: null,
    orderBy: [],
    limit: null,
    offset: null,
  }
  return { kind: 'in', operand: columnOf(key), list: wrapped, negated: false }
}
