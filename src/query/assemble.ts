import type { ExpressionNode, OrderNode } from '../ast/expression.js'
import type { CountNode, DeleteNode, SelectionNode, SelectNode, StatementNode, UpdateNode } from '../ast/statement.js'
import { UsageError } from '../errors.js'
import type { ModelMetadata } from '../metadata/metadata.js'
import type { ModelField } from '../metadata/model-field.js'
import { defaultOrder, keyOrder, reversed } from './order.js'
import type { Shape, StepPart } from './shape.js'
import { columnOf } from './where.js'

/** A query's steps, gathered. */
interface Parts {
  groups: ExpressionNode[][]
  around: ExpressionNode[]
  chosen: Set<ModelField> | null
  needed: Set<ModelField>
  distinct: boolean
  order: OrderNode[]
  reversed: boolean
  ordered: boolean
  limit: CountNode | null
  offset: CountNode | null
  groupBy: ModelField[]
  perParent: ModelField | null
  everyRow: boolean
  terminal: StepPart | null
}

/** The statement of a query, and the fields its rows carry when they become instances. */
export interface Assembled {
  readonly statement: StatementNode
  /** The fields of an instance, in the model's order; null when the rows are not instances. */
  readonly fields: readonly ModelField[] | null
  /** How result columns are read, by position. */
  readonly selections: readonly SelectionNode[]
}

export function assemble(meta: ModelMetadata, shape: Shape): Assembled {
  const parts = gather(meta, shape)
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
  if (fields.length !== 1)
    throw new UsageError(`A query used as a value selects one field: ${meta.name}.query().select('id').`)
  const ordered = parts.limit !== null || parts.offset !== null ? parts : { ...parts, order: [] }
  return select(meta, ordered, fields.map(selectionOf))
}

const one: SelectionNode = { kind: 'selection', expression: { kind: 'truth', value: true }, alias: null, type: null }

export const selectionOf = (field: ModelField): SelectionNode => ({
  kind: 'selection',
  expression: columnOf(field),
  alias: null,
  type: field,
})

const table = (meta: ModelMetadata) => ({ kind: 'table', name: meta.table, alias: null }) as const

const plain = (statement: SelectNode): Assembled => ({ statement, fields: null, selections: statement.selections })

const write = (statement: UpdateNode | DeleteNode): Assembled => ({ statement, fields: null, selections: [] })

function entities(meta: ModelMetadata, parts: Parts): Assembled {
  if (parts.groupBy.length > 0) throw new UsageError('groupBy() needs aggregate(): a group is not an instance.')
  const fields = meta.fields.filter((field) => isLoaded(field, parts))
  const selections = fields.map(selectionOf)
  const statement =
    parts.perParent === null
      ? select(meta, parts, selections)
      : limitPerParent(meta, parts, selections, parts.perParent)
  return { statement, fields, selections }
}

function isLoaded(field: ModelField, parts: Parts): boolean {
  if (field.primaryKey || parts.needed.has(field)) return true
  return parts.chosen === null ? !field.lazy : parts.chosen.has(field)
}

/** Puts the steps of a query together. */
export function gather(meta: ModelMetadata, shape: Shape): Parts {
  const parts: Parts = {
    groups: [[]],
    around: [],
    chosen: null,
    needed: new Set(),
    distinct: false,
    order: [],
    reversed: false,
    ordered: false,
    limit: null,
    offset: null,
    groupBy: [],
    perParent: null,
    everyRow: false,
    terminal: null,
  }
  for (const { part } of shape.steps()) add(meta, parts, part)
  if (!parts.ordered && parts.groupBy.length === 0) parts.order = defaultOrder(meta)
  if (parts.reversed) parts.order = (parts.order.length > 0 ? parts.order : keyOrder(meta)).map(reversed)
  return parts
}

function add(meta: ModelMetadata, parts: Parts, part: StepPart): void {
  switch (part.kind) {
    case 'where':
      if (part.or && (parts.groups.at(-1) as ExpressionNode[]).length > 0) parts.groups.push([])
      ;(parts.groups.at(-1) as ExpressionNode[]).push(part.node)
      break
    case 'around':
      parts.around.push(part.node)
      break
    case 'select':
      parts.chosen = new Set(part.fields)
      break
    case 'omit':
      parts.chosen = new Set(
        (parts.chosen === null ? meta.fields.filter((f) => !f.lazy) : [...parts.chosen]).filter(
          (f) => !part.fields.includes(f),
        ),
      )
      break
    case 'selectAll':
      parts.chosen = new Set(meta.fields)
      break
    case 'needs':
      for (const field of part.fields) parts.needed.add(field)
      break
    case 'distinct':
      parts.distinct = part.on
      break
    case 'order':
      parts.order.push(...part.items)
      parts.ordered = true
      break
    case 'reorder':
      parts.order = []
      parts.ordered = true
      break
    case 'reverse':
      parts.reversed = true
      break
    case 'slice':
      Object.assign(parts, { order: [...part.order], ordered: true, reversed: false, limit: null, offset: null })
      break
    case 'limit':
      parts.limit = part.count
      break
    case 'offset':
      parts.offset = part.count
      break
    case 'groupBy':
      parts.groupBy.push(...part.fields)
      break
    case 'perParent':
      parts.perParent = part.key
      break
    case 'all':
      parts.everyRow = true
      break
    default:
      parts.terminal = part
  }
}

/** User conditions: AND binds tighter than OR, as in SQL. */
function where(parts: Parts): ExpressionNode | null {
  const groups = parts.groups.filter((group) => group.length > 0)
  const items = groups.map(
    (items): ExpressionNode =>
      items.length === 1 ? (items[0] as ExpressionNode) : { kind: 'logic', operator: 'and', items },
  )
  const own: ExpressionNode | null = items.length <= 1 ? (items[0] ?? null) : { kind: 'logic', operator: 'or', items }
  const all = own === null ? parts.around : [...parts.around, own]
  return all.length <= 1 ? (all[0] ?? null) : { kind: 'logic', operator: 'and', items: all }
}

function select(meta: ModelMetadata, parts: Parts, selections: readonly SelectionNode[]): SelectNode {
  return {
    kind: 'select',
    selections,
    from: table(meta),
    distinct: parts.distinct,
    where: where(parts),
    groupBy: parts.groupBy.map(columnOf),
    having: null,
    orderBy: parts.order,
    limit: parts.limit,
    offset: parts.offset,
  }
}

/** Aggregates see the rows the query would give: a limit or DISTINCT goes into a subquery. */
function aggregate(meta: ModelMetadata, parts: Parts, selections: readonly SelectionNode[]): SelectNode {
  if (parts.groupBy.length > 0) {
    const keys = parts.groupBy.map((field) => selectionOf(field))
    return select(meta, parts, [...keys, ...selections])
  }
  if (parts.limit === null && parts.offset === null && !parts.distinct)
    return select(meta, { ...parts, order: [] }, selections)
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
  const inner = select(
    meta,
    parts,
    fields.map((field) => ({ ...selectionOf(field), type: null })),
  )
  return {
    ...inner,
    selections,
    from: { kind: 'derivedTable', query: inner, alias: 'corm_rows' },
    distinct: false,
    where: null,
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
  return {
    ...inner,
    selections,
    from: { kind: 'derivedTable', query: inner, alias: 'corm_ranked' },
    distinct: false,
    where: rankLimits(rankColumn, parts),
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
  const condition = where(parts)
  const cut = parts.limit !== null || parts.offset !== null
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
    orderBy: [],
    limit: null,
    offset: null,
  }
  return { kind: 'in', operand: columnOf(key), list: wrapped, negated: false }
}
