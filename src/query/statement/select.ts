import { bareSelect } from '../../ast/bare-select.js'
import { IDENTIFIER, TABLE } from '../../ast/bases.js'
import type { ExpressionNode, OrderNode } from '../../ast/expression.js'
import type { SelectionNode, SelectNode, TableSource } from '../../ast/statement.js'
import { someNode } from '../../ast/walk.js'
import { UsageError } from '../../errors.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import type { ModelField } from '../../metadata/model-field.js'
import { tableNamed, tableOf } from '../columns/table.js'
import { callNode } from '../expression/functions.js'
import { joinPaths, ownColumns } from '../path/join-paths.js'
import { refuseNested } from './aggregates.js'
import { sortsByOther, withoutOwnOrder } from './distinct.js'
import { groupColumns } from './group-rows.js'
import { expressionsOf, steadyNames, windowsOverGroups } from './grouped.js'
import { allOrNull, conditionsIn, joined } from './groups.js'
import { type Select, selectOfGroups, selectOfWindows } from './layers.js'
import { loadedFields } from './loaded-fields.js'
import {
  asColumns,
  holdsAggregate,
  holdsWindow,
  inPlace,
  isUnequal,
  namesInPlace,
  orderInPlace,
  selectionInPlace,
  sumsWindow,
  withWindowsNamed,
} from './named.js'
import { selectOnce, sortsByName } from './once.js'
import { clausesOf, type QueryParts } from './parts.js'
import { namedSelection, one, selectionOf, unread } from './selections.js'
import { castTo } from './united.js'

// Builds the select of a query's parts. If SQL needs two steps, it becomes a select over another select.

/** The columns that another select reads from a query's rows. */
function carried(meta: ModelMetadata, parts: QueryParts): SelectionNode[] {
  if (parts.groupBy.length > 0) return groupColumns(meta, parts).selections.map(unread)
  const fields = loadedFields(meta, parts).map(selectionOf)
  return [...fields, ...[...parts.named.keys()].map((name) => namedSelection(parts, name))].map(unread)
}

/** The number of a query's groups. */
export function countGroups(meta: ModelMetadata, parts: QueryParts): SelectNode {
  const total = callNode('count', [])
  const selections = [{ kind: 'selection', expression: total, alias: null, type: total.type }] as const
  // DISTINCT compares the columns of the groups, so they must be selected
  const columns = parts.distinct ? carried(meta, parts) : [one]
  const query = select(meta, { ...parts, order: [] }, columns)
  return { ...bareSelect(selections), from: { kind: 'derivedTable', query, alias: 'corm_groups' } }
}

/** The select of a query whose rows another query reads: the columns of its instances or of its groups. */
export function operandSelect(meta: ModelMetadata, parts: QueryParts): SelectNode {
  const ordered = parts.limit !== null || parts.offset !== null ? parts : { ...parts, order: [] }
  return select(meta, ordered, carried(meta, parts))
}

interface Conditions {
  /** Conditions on rows. */
  readonly where: ExpressionNode | null
  /** Conditions on groups, which contain an aggregate. */
  readonly having: ExpressionNode | null
  /** Conditions on window functions, which are applied last. Names in them are not replaced yet. */
  readonly after: readonly ExpressionNode[]
}

/** The conditions and purpose of a select. */
interface SelectPurpose extends Conditions {
  /** All rows form one group, even if nothing selected is an aggregate. */
  readonly whole: boolean
}

const NONE: readonly ExpressionNode[] = []

/** Aggregates and window functions are calls. */
const holdsCall = (node: ExpressionNode) => someNode(node, ({ kind }) => kind === 'call')

export function conditionsOf(parts: QueryParts): Conditions {
  const { around, groups } = parts
  if (parts.having.length === 1 && parts.named.size === 0 && ![...around, ...groups.flat()].some(holdsCall)) {
    const where = allOrNull([...around, ...joined(groups)])
    return { where, having: allOrNull(parts.having[0] ?? []), after: NONE }
  }
  const placed = (node: ExpressionNode) => inPlace(node, parts.named)
  const given = joined(parts.having.map((group) => group.map(placed)))
  const all = [...around, ...groups.flat()].map(placed)
  if (!all.some((node) => holdsAggregate(node) || holdsWindow(node))) {
    const either = joined(groups.map((group) => group.map(placed)))
    return { where: allOrNull([...around.map(placed), ...either]), having: allOrNull(given), after: NONE }
  }
  const items = conditionsIn(parts)
  const after = items.filter((item) => holdsWindow(placed(item)))
  const before = items.filter((item) => !after.includes(item)).map(placed)
  return {
    where: allOrNull(before.filter((item) => !holdsAggregate(item))),
    having: allOrNull([...before.filter(holdsAggregate), ...given]),
    after,
  }
}

/** `whole`: all rows are one group. */
export function select(
  meta: ModelMetadata,
  parts: QueryParts,
  selections: readonly SelectionNode[],
  whole = false,
): SelectNode {
  const made = selectOf(meta, parts, selections, whole)
  if (parts.source !== null && parts.available !== null) refuseMissing(meta, made, parts.available)
  return made
}

/**
 * Throws if the select reads a field that its source lacks. The database would say that the column does not exist, although the
 * table has it.
 */
export function refuseMissing(meta: ModelMetadata, made: SelectNode, available: ReadonlySet<ModelField>): void {
  const names = ownColumns(meta, made)
  const missing = meta.fields.find((field) => names?.has(field.column) === true && !available.has(field))
  if (missing !== undefined)
    throw new UsageError(
      `${missing} is not selected by the queries of the union, or of from(). Select it there too, or name what you read: values('…').`,
    )
}

function selectOf(
  meta: ModelMetadata,
  given: QueryParts,
  selections: readonly SelectionNode[],
  whole: boolean,
): SelectNode {
  const parts = withoutOwnOrder(meta, given, selections)
  const layered = selectInLayers(meta, parts, selections, whole)
  if (layered !== null) return layered
  const asked = conditionsOf(parts)
  if (asked.after.length > 0) return selectAfter(meta, parts, selections, { ...asked, whole })
  const once = selectOnce(meta, parts, selections, { whole, select: furtherSelect(meta, whole) })
  if (once !== null) return once
  const keys = parts.groupBy.map((key) => inPlace(key.expression, parts.named))
  const isComputed = (key: ExpressionNode) => key.kind !== 'column' && (isUnequal(key) || holdsWindow(key))
  if (keys.some(isComputed) || (keys.length > 0 && sumWindows(parts, selections)))
    return groupRows(meta, parts, selections)
  if (parts.distinct && sortsByOther(meta, parts, selections)) return sortDistinct(meta, parts, selections)
  return joinPaths(meta, plainSelect(meta, parts, selections, { ...asked, whole }))
}

/** Computes windows in an inner select if conditions or other windows use them. Null if none do. */
function selectInLayers(
  meta: ModelMetadata,
  parts: QueryParts,
  selections: readonly SelectionNode[],
  whole: boolean,
): SelectNode | null {
  const further = furtherSelect(meta, whole)
  return selectOfGroups(parts, selections, further) ?? selectOfWindows(meta, parts, selections, further)
}

/** Builds the selects of several layers. Only the outermost one treats all rows as one group. */
const furtherSelect =
  (meta: ModelMetadata, whole: boolean): Select =>
  (inner, items, isOuter = inner.source?.kind === 'rows') =>
    select(meta, inner, items, whole && isOuter)

/** Whether a selection aggregates the values of a window. */
export const sumWindows = (parts: QueryParts, selections: readonly SelectionNode[]): boolean =>
  parts.named.size > 0 && selections.some(({ expression }) => sumsWindow(inPlace(expression, parts.named)))

const plainSelect = (
  meta: ModelMetadata,
  parts: QueryParts,
  selections: readonly SelectionNode[],
  asked: Pick<SelectPurpose, 'where' | 'having' | 'whole'>,
): SelectNode => {
  const order = parts.order.map((each) => orderOf(meta, each, parts, selections))
  return clausesOf(meta, parts, selections, { ...asked, from: sourceOf(meta, parts), order })
}

/**
 * Sorts DISTINCT rows by the name of the selected value, because the same expression written twice may differ for the database.
 * The same avoids computing a value with a subquery twice.
 */
function orderOf(
  meta: ModelMetadata,
  order: OrderNode,
  parts: QueryParts,
  selections: readonly SelectionNode[],
): OrderNode {
  const placed = orderInPlace(order, parts.named)
  const { expression } = order
  const isDistance = placed.expression.kind === 'distance'
  const isRank = placed.expression.kind === 'match'
  if (expression.kind !== 'annotation') return placed
  if (!(parts.distinct || isDistance || isRank || sortsByName(meta, order, parts))) return placed
  if (placed.expression.kind === 'column') return placed
  const isHeld = selections.some(({ alias }) => alias === expression.name)
  const { name, type } = expression
  if (isDistance && isHeld && !parts.distinct) return { ...placed, expression: { ...placed.expression, alias: name } }
  return isHeld ? { ...order, expression: { ...IDENTIFIER, path: [name], type } } : placed
}

function sourceOf(meta: ModelMetadata, { source, scope, types }: QueryParts): TableSource {
  const alias = meta.table
  switch (source?.kind) {
    case undefined:
      return tableOf(meta, null, scope)
    case 'table': {
      const { name, isCte } = source
      const as = name === alias ? null : alias
      return isCte ? { ...TABLE, name, alias: as } : tableNamed(name, meta, as, scope)
    }
    case 'rows':
      return { kind: 'derivedTable', query: source.query, alias }
    case 'compound': {
      const first = { query: operandSelect(meta, source.first), types: source.first.types }
      const operands = [first, ...source.others].map(({ query, types: own }) => castTo(query, own, types))
      return { kind: 'derivedTable', query: { kind: 'compound', operator: source.operator, operands }, alias }
    }
  }
}

/** Builds a select over the rows of another select, which only selects the columns that the outer one reads. */
function over(
  meta: ModelMetadata,
  parts: QueryParts,
  outer: SelectNode,
  inner: (selections: SelectionNode[]) => SelectNode,
): SelectNode {
  const whole = joinPaths(meta, outer)
  const names = ownColumns(meta, whole)
  const reads = (name: string) => names === null || names.has(name)
  const fields = meta.fields.filter((field) => reads(field.column)).map(selectionOf)
  const added = [...parts.named.keys()].filter(reads).map((name) => namedSelection(parts, name))
  const selections = [...fields, ...added].map(unread)
  const query = inner(selections.length > 0 ? selections : [one])
  return { ...whole, from: { kind: 'derivedTable', query, alias: meta.table } }
}

/** The parts for a select over the query's rows. */
const above = (parts: QueryParts): QueryParts => ({
  ...parts,
  named: asColumns(parts.named),
  joins: [],
  source: null,
  isInside: true,
})

/** The parts for the select that reads the rows. */
const below = (parts: QueryParts): QueryParts => ({
  ...parts,
  groupBy: [],
  order: [],
  distinct: false,
  limit: null,
  offset: null,
})

function selectAfter(
  meta: ModelMetadata,
  given: QueryParts,
  selections: readonly SelectionNode[],
  { after: asked, whole }: SelectPurpose,
): SelectNode {
  const { named, after } = withWindowsNamed(given.named, asked)
  const parts = { ...given, named }
  const outer = above(parts)
  const where = allOrNull(after.map((node) => inPlace(node, outer.named)))
  const before = conditionsIn(given).filter((node) => !holdsWindow(inPlace(node, given.named)))
  const inner = { ...below(parts), around: before, groups: [[]] }
  return over(meta, parts, plainSelect(meta, outer, selections, { where, having: null, whole }), (columns) =>
    select(meta, inner, columns),
  )
}

/**
 * Sorts DISTINCT rows in an outer select, because databases only sort them by selected columns. The outer select joins the
 * tables of paths and computes other values.
 */
function sortDistinct(meta: ModelMetadata, parts: QueryParts, selections: readonly SelectionNode[]): SelectNode {
  const { order, limit, offset } = parts
  const outer = { ...above(parts), groups: [[]], around: [], having: [[]], groupBy: [], distinct: false }
  const nothing = { where: null, having: null, whole: false }
  return over(meta, parts, plainSelect(meta, { ...outer, order, limit, offset }, selections, nothing), (columns) =>
    select(meta, { ...parts, order: [], limit: null, offset: null }, columns),
  )
}

const NO_NODES: ReadonlySet<ExpressionNode> = new Set()

/** Groups by computed values: an inner query computes each of them once. */
function groupRows(meta: ModelMetadata, parts: QueryParts, selections: readonly SelectionNode[]): SelectNode {
  const given = parts.groupBy.filter(({ name, expression }) => name === null && isUnequal(expression))
  if (given.length > 0)
    throw new UsageError('groupBy() of an expression with values needs its name: annotate({ name: … }).groupBy(name).')
  const later = sumWindows(parts, selections) ? NO_NODES : windowsOverGroups(meta, parts)
  const computed = new Map([...parts.named].filter(([, node]) => !holdsAggregate(node) && !later.has(node)))
  const fields = meta.fields.filter((field) => parts.available?.has(field) !== false)
  const items = conditionsIn(parts)
  const isOfGroups = (node: ExpressionNode) => holdsAggregate(inPlace(node, parts.named))
  const asked = { around: items.filter((node) => !isOfGroups(node)), groups: [[]], having: [[]] }
  const having = [[...items.filter(isOfGroups), ...joined(parts.having)]]
  const query = select(meta, { ...below(parts), ...asked, named: computed }, [
    ...fields.map((field) => unread(selectionOf(field))),
    ...[...computed.keys()].map((name) => unread(namedSelection(parts, name))),
  ])
  const columns = asColumns(computed)
  const placed = namesInPlace(parts.named, computed, columns)
  const named = new Map([...placed, ...columns])
  // the inner query only computes windows that have a name
  refuseNested(selections.map(({ expression }) => inPlace(expression, named)))
  const unasked = { groups: [[]], around: [], having, steady: steadyNames(meta, parts, computed) }
  return select(meta, { ...parts, named, joins: [], source: { kind: 'rows', query }, ...unasked }, selections)
}

/**
 * Selects values over the rows that the query returns, or over those that `restrict` keeps. DISTINCT compares rows by primary
 * key, as for instances.
 */
export function ofRows(
  meta: ModelMetadata,
  parts: QueryParts,
  selections: readonly SelectionNode[],
  restrict = (rows: SelectNode) => rows,
): SelectNode {
  const named = asColumns(parts.named)
  const placed = selections.map((selection) => selectionInPlace(selection, named))
  refuseNested(expressionsOf(placed))
  const inner = parts.distinct && parts.limit === null && parts.offset === null ? { ...parts, order: [] } : parts
  return over(meta, parts, restrict(bareSelect(placed)), (columns) =>
    select(meta, inner, parts.distinct ? distinctColumns(meta, parts, columns) : rowColumns(meta, parts, columns)),
  )
}

/** Selects the primary key too, so that aggregates are computed for each row. Alone they would give one row for all. */
function rowColumns(
  meta: ModelMetadata,
  parts: QueryParts,
  columns: readonly SelectionNode[],
): readonly SelectionNode[] {
  const isSummed = ({ expression }: SelectionNode) => holdsAggregate(inPlace(expression, parts.named))
  if (parts.groupBy.length > 0 || !columns.some(isSummed)) return columns
  const read = new Set(columns.map(({ expression }) => (expression.kind === 'column' ? expression.name : null)))
  return [
    ...meta.primaryKey
      .filter(({ column }) => !read.has(column))
      .map(selectionOf)
      .map(unread),
    ...columns,
  ]
}

function distinctColumns(
  meta: ModelMetadata,
  parts: QueryParts,
  columns: readonly SelectionNode[],
): readonly SelectionNode[] {
  const primaryKey = parts.isGroups ? [] : meta.primaryKey
  // DISTINCT compares groups by their selected columns
  const isChosen = (name: string) =>
    !parts.isGroups || parts.chosen === null || [...parts.chosenNames, ...parts.namedLater].includes(name)
  const named = [...parts.named.keys()].filter(isChosen).map((name) => namedSelection(parts, name))
  const own = (primaryKey.length > 0 ? primaryKey : loadedFields(meta, parts)).map(selectionOf)
  const all = [...own, ...named].map(unread)
  const nameIn = ({ alias, expression }: SelectionNode) =>
    alias ?? (expression.kind === 'column' ? expression.name : '')
  const names = new Set(all.map(nameIn))
  const others = columns.filter((column) => !names.has(nameIn(column)) && column !== one)
  if (others.length > 0 && primaryKey.length === 0)
    throw new UsageError(
      `Rows of distinct() only have the selected fields, and ${others.map(nameIn).join()} is not selected. Select it too.`,
    )
  return [...all, ...others]
}

/** Builds a select over the rows of another select. */
export const fromRows = (inner: SelectNode, alias: string, rest: Partial<SelectNode>): SelectNode => ({
  ...bareSelect(inner.selections),
  from: { kind: 'derivedTable', query: inner, alias },
  ...rest,
})
