import { COLUMN } from '../../ast/bases.js'
import type { ValueType } from '../../ast/data-type.js'
import {
  type ColumnNode,
  type CompoundOperator,
  type ExpressionNode,
  type OrderNode,
  SELECT,
  type TableScope,
} from '../../ast/expression.js'
import type { CountNode, CteNode, JoinNode, SelectionNode, SelectNode } from '../../ast/statement.js'
import { UsageError } from '../../errors.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import type { ModelField } from '../../metadata/model-field.js'
import { type Carrying, carryingOf } from '../../metadata/relation/carried.js'
import type { RelationMetadata } from '../../metadata/relation/resolve.js'
import type { Translation } from '../../metadata/translation.js'
import { unhandled } from '../../util/unhandled.js'
import { keyOrder } from '../columns/key-order.js'
import { defaultOrder, reversedOrder } from '../condition/order.js'
import { refuseWindows } from '../expression/window.js'
import type { EmbeddedRelation, GroupKey, PartOf, Shape, StepPart, TerminalPart } from '../shape.js'
import { refuseAggregates, refuseInJoins, refuseNested } from './aggregates.js'
import { type Ending, endingOf } from './ending.js'
import { expressionsOf, groupedBy, rowKeys } from './grouped.js'
import { type LoadedShape, loadedFields } from './loaded-fields.js'
import { addNamed, holdsAggregate, inPlace, type NamedExpressions, selectionInPlace } from './named.js'
import { type NamedTypes, refuseOthers } from './united.js'
import { goVia } from './via.js'

/** Where the rows come from, if not from the model's table. */
export type RowSource =
  /** `isCte`: the name is a common table expression. Its own query has applied the scopes already. */
  | { readonly kind: 'table'; readonly name: string; readonly isCte: boolean }
  | { readonly kind: 'rows'; readonly query: SelectNode }
  | {
      readonly kind: 'compound'
      readonly operator: CompoundOperator
      readonly first: QueryParts
      readonly others: readonly { readonly query: SelectNode; readonly types: NamedTypes }[]
    }

/** The steps of a query, gathered by `add`. `clausesOf` puts them into a select. */
export interface QueryParts extends Ending, LoadedShape {
  source: RowSource | null
  /** The rows come from an inner select, which is built later. */
  isInside: boolean
  /** Whether an inner select may compute repeated values once. This needs a query that refers to no enclosing row. */
  once: boolean
  joins: JoinNode[]
  ctes: CteNode[]
  groups: ExpressionNode[][]
  around: ExpressionNode[]
  /** The scopes of the model that are lifted for its own table. */
  scope: TableScope | undefined
  /** The user called onlyTrashed(). */
  onlyTrashed: boolean
  chosen: Set<ModelField> | null
  /** The translated field, if it was selected: the chosen fields are its columns. */
  chosenShown: Translation | null
  needed: Set<ModelField>
  distinct: boolean
  order: OrderNode[]
  hybrid: PartOf<'hybrid'> | null
  /** The default order, used if the query sets none. */
  preset: readonly OrderNode[] | null
  reversed: boolean
  ordered: boolean
  limit: CountNode | null
  offset: CountNode | null
  groupBy: GroupKey[]
  having: ExpressionNode[][]
  named: Map<string, ExpressionNode>
  types: Map<string, ValueType | null>
  /** Values that an inner select computes and that each group has exactly one of, by name. */
  steady: NamedExpressions
  chosenNames: readonly string[]
  /** Names that were added after the fields were selected. */
  namedLater: readonly string[]
  /** Limit and offset apply to each value of these columns separately. */
  perOwner: readonly ColumnNode[] | null
  /** Values that no instance shows. */
  marks: readonly SelectionNode[]
  /** Relations whose rows are embedded in each row. */
  embedded: readonly EmbeddedRelation[]
  everyRow: boolean
  terminal: TerminalPart | null
}

/** Gathers the steps of a query. */
export function gather(meta: ModelMetadata, shape: Shape): QueryParts {
  const parts = emptyParts(endingOf(shape))
  for (const { part } of shape.steps()) {
    refuseWindows(part)
    add(meta, parts, part)
  }
  return finished(meta, parts)
}

const NO_NAMES: NamedExpressions = new Map()

const emptyParts = ({ lock, comments }: Ending): QueryParts => ({
  lock,
  comments,
  source: null,
  isGroups: false,
  isInside: false,
  once: false,
  available: null,
  joins: [],
  ctes: [],
  groups: [[]],
  around: [],
  scope: undefined,
  onlyTrashed: false,
  chosen: null,
  chosenShown: null,
  needed: new Set(),
  distinct: false,
  order: [],
  hybrid: null,
  preset: null,
  reversed: false,
  ordered: false,
  limit: null,
  offset: null,
  groupBy: [],
  having: [[]],
  named: new Map(),
  types: new Map(),
  steady: NO_NAMES,
  chosenNames: [],
  namedLater: [],
  perOwner: null,
  marks: [],
  embedded: [],
  everyRow: false,
  terminal: null,
})

function finished(meta: ModelMetadata, parts: QueryParts): QueryParts {
  if (!parts.ordered && parts.groupBy.length === 0 && !parts.isGroups)
    parts.order = parts.preset === null ? defaultOrder(meta) : [...parts.preset]
  if (parts.reversed) parts.order = (parts.order.length > 0 ? parts.order : keyOrder(meta)).map(reversedOrder)
  return parts
}

/** All rows of a relation, together with the columns that tie them to their owners. */
export function partsOver(relation: RelationMetadata, carrying: Carrying): QueryParts {
  const parts = emptyParts({ lock: null, comments: [] })
  goVia(parts, relation, carrying)
  return finished(relation.target, parts)
}

function readFrom(parts: QueryParts, { source, fields, names, isGroups }: PartOf<'from'>): void {
  const isCte = source.kind === 'table' && parts.ctes.some((cte) => cte.name === source.name)
  Object.assign(parts, { source: { ...source, isCte }, available: fields && new Set(fields), isGroups })
  for (const { name, type } of names) {
    parts.named.set(name, { ...COLUMN, table: null, name, type })
    parts.types.set(name, type)
  }
}

/** Replaces the parts by a union: following steps apply to the rows of all combined queries. */
function combine(meta: ModelMetadata, parts: QueryParts, part: PartOf<'compound'>): void {
  const { source } = parts
  const operand = { query: part.query, types: part.types }
  const types = new Map(part.names.map(({ name, type }) => [name, type]))
  const columns = new Map(part.names.map(({ name, type }) => [name, { ...COLUMN, table: null, name, type }]))
  if (source?.kind === 'compound' && source.operator === part.operator && isFresh(parts, source.first)) {
    refuseOthers(loadedFields(meta, source.first), source.first.named, part)
    const others = [...source.others, operand]
    Object.assign(parts, { source: { ...source, others }, named: columns, types } satisfies Partial<QueryParts>)
    return
  }
  const first = finished(meta, { ...parts, ctes: [] })
  if (first.groupBy.length > 0)
    throw new UsageError("groupBy() can't be used before a union. Read the groups with from(query), and combine those.")
  const fields = loadedFields(meta, first)
  refuseOthers(fields, first.named, part)
  Object.assign(parts, emptyParts(parts), {
    source: { kind: 'compound', operator: part.operator, first, others: [operand] },
    available: new Set(fields),
    isGroups: first.isGroups,
    ctes: parts.ctes,
    everyRow: parts.everyRow,
    needed: parts.needed,
    // the model's default order was applied in the operands, where it matters
    ordered: true,
    named: columns,
    types,
  } satisfies Partial<QueryParts>)
}

/** Whether no step has followed the union yet, so that another operand can be added to it. */
function isFresh(parts: QueryParts, first: QueryParts): boolean {
  if (parts.named.size !== first.named.size) return false
  const { groups, around, chosen, order, limit, offset, distinct, joins, having } = parts
  const cut = limit !== null || offset !== null || distinct || chosen !== null
  return !cut && [groups.flat(), around, order, joins, having.flat()].every((items) => items.length === 0)
}

const chosen = (meta: ModelMetadata, parts: QueryParts) =>
  parts.chosen === null ? meta.fields.filter((field) => !field.lazy) : [...parts.chosen]

/** Adds a condition. Groups are joined by OR, the conditions in a group by AND. */
function addTo(groups: ExpressionNode[][], { node, or }: { node: ExpressionNode; or: boolean }): void {
  const last = groups.at(-1)
  if (last === undefined || (or && last.length > 0)) groups.push([node])
  else last.push(node)
}

const NONE: readonly string[] = []

type LiftedScopes = TableScope['lifted']

/** Combines lifted scopes, sorted so that queries of the same kind have the same shape. */
const bothLifted = (some: LiftedScopes, others: LiftedScopes): LiftedScopes =>
  some === 'all' || others === 'all' ? 'all' : [...new Set([...some, ...others])].sort()

function add(meta: ModelMetadata, parts: QueryParts, part: StepPart): void {
  switch (part.kind) {
    case 'where':
      addTo(parts.groups, part)
      break
    case 'around':
      parts.around.push(part.node)
      break
    case 'select':
      Object.assign(parts, {
        chosen: new Set(part.fields),
        chosenShown: part.shown,
        chosenNames: part.names,
        namedLater: [],
      })
      break
    case 'annotate':
      addNamed(parts.named, part.items)
      for (const { node } of part.items) parts.types.set(node.name, node.type)
      if (parts.chosen !== null) parts.namedLater = [...parts.namedLater, ...part.items.map(({ node }) => node.name)]
      break
    case 'having':
      addTo(parts.having, part)
      break
    case 'omit':
      parts.chosen = new Set(chosen(meta, parts).filter((field) => !part.fields.includes(field)))
      parts.chosenShown = null
      break
    case 'selectAll':
      parts.chosen = new Set(meta.fields)
      parts.chosenShown = null
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
    case 'hybrid':
      parts.hybrid = part
      break
    case 'presetOrder':
      parts.preset = part.items
      break
    case 'reorder':
      Object.assign(parts, { order: [], ordered: true })
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
    case 'unlimited':
      parts.limit = null
      break
    case 'offset':
      parts.offset = part.count
      break
    case 'groupBy':
      parts.groupBy.push(...part.keys)
      break
    case 'compound':
      combine(meta, parts, part)
      break
    case 'from':
      readFrom(parts, part)
      break
    case 'join':
      parts.joins.push(part.join)
      break
    case 'cte':
      parts.ctes.push(part.cte)
      if (parts.source?.kind === 'table' && parts.source.name === part.cte.name)
        parts.source = { ...parts.source, isCte: true }
      break
    case 'perOwner':
      parts.perOwner = part.keys
      break
    case 'via':
      goVia(parts, part.relation, carryingOf(part.relation, 'separate'))
      break
    case 'marks':
      parts.marks = part.items
      break
    case 'embed':
      parts.embedded = part.relations
      break
    case 'all':
      parts.everyRow = true
      break
    case 'trashed':
      parts.onlyTrashed = part.asked
      parts.scope = { lifted: parts.scope?.lifted ?? NONE, trashed: part.rows }
      break
    case 'lift':
      parts.scope = {
        lifted: bothLifted(parts.scope?.lifted ?? NONE, part.names),
        trashed: parts.scope?.trashed ?? 'without',
      }
      break
    case 'scopes':
    case 'lock':
    case 'comment':
      break
    case 'entities':
    case 'rows':
    case 'aggregate':
    case 'groups':
    case 'countGroups':
    case 'exists':
    case 'update':
    case 'delete':
      parts.terminal = part
      break
    default:
      unhandled(part)
  }
}

/** The clauses and purpose of a select. */
interface Placing extends Pick<SelectNode, 'from' | 'where' | 'having'> {
  readonly order: readonly OrderNode[]
  /** All rows form one group, even if nothing selected is an aggregate. */
  readonly whole: boolean
}

/** Builds the clauses of a select from the parts. */
export function clausesOf(
  meta: ModelMetadata,
  parts: QueryParts,
  selections: readonly SelectionNode[],
  { from, where, having, order, whole }: Placing,
): SelectNode {
  const keys = parts.groupBy.map((key) => inPlace(key.expression, parts.named))
  const columns = selections.map((selection) => selectionInPlace(selection, parts.named))
  const holds = ({ expression }: { readonly expression: ExpressionNode }) => holdsAggregate(expression)
  const summed = having !== null || columns.some(holds) || order.some(holds)
  if (summed) refuseNested([...expressionsOf(columns), ...expressionsOf(order), ...(having === null ? [] : [having])])
  if (keys.length > 0) refuseAggregates(keys, 'groupBy()')
  const rows = keys.length === 0 && !whole && summed
  // a single row for all rows needs no order
  const isOne = rows && having === null && columns.every(holds) && (!parts.ordered || order.every(holds))
  const orderBy = isOne && !parts.ordered ? [] : order
  const by = rows && !isOne ? rowKeys(meta, columns) : keys
  const joins = parts.joins.map((join) => ({ ...join, on: inPlace(join.on, parts.named) }))
  refuseInJoins(joins)
  return {
    ...SELECT,
    selections: columns,
    from,
    ...(joins.length > 0 && { joins }),
    distinct: parts.distinct,
    where,
    groupBy: by.length === 0 ? by : groupedBy(meta, parts, { keys: by, rows }, { placed: columns, orderBy, having }),
    having,
    orderBy,
    limit: parts.limit,
    offset: parts.offset,
  }
}
