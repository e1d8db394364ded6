import { bareSelect } from '../../ast/bare-select.js'
import { COLUMN } from '../../ast/bases.js'
import type { ColumnNode, ExpressionNode, OrderNode } from '../../ast/expression.js'
import type { SelectionNode, SelectNode } from '../../ast/statement.js'
import { sourceName } from '../../ast/tables.js'
import { transformExpression } from '../../ast/transform.js'
import { childrenOf, someInside, someNode } from '../../ast/walk.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import type { ModelField } from '../../metadata/model-field.js'
import { memo } from '../../util/memo.js'
import { columnOf } from '../columns/columns.js'
import { tableOf } from '../columns/table.js'
import { valueTypeOf } from '../expression/value-type.js'
import { isJoinable, joinPaths, ownColumns } from '../path/join-paths.js'
import { steadyNames } from './grouped.js'
import { conditionsIn } from './groups.js'
import type { Select } from './layers.js'
import { asColumns, holdsAggregate, holdsWindow, inPlace, type NamedExpressions, namesInPlace } from './named.js'
import type { QueryParts } from './parts.js'
import { namedSelection, unread } from './selections.js'

// Annotations that a statement uses several times. If one runs a query for each row, an inner select computes it and the outer
// select reads it as a column. Databases would merge the two selects and compute the value again in each place, unless the inner
// one has an OFFSET. SQLite also needs a condition in the outer one to keep them apart.

const TRUE: ExpressionNode = { kind: 'truth', value: true }

/** Whether a value needs a subquery for each row. */
function isCostly(meta: ModelMetadata, node: ExpressionNode): boolean {
  return someNode(node, (inner) => {
    switch (inner.kind) {
      case 'subquery':
      case 'exists':
        return true
      case 'in':
        return inner.list.kind === 'select'
      case 'column':
        return inner.path !== undefined && (inner.level ?? 0) === 0 && !isJoinable(meta, inner.path)
      case 'raw':
        return inner.reads === true
      default:
        return false
    }
  })
}

/** Whether a value is the distance or the rank of a search. Those are sorted and selected by other code. */
const isOfSearch = (node: ExpressionNode) => someNode(node, ({ kind }) => kind === 'distance' || kind === 'match')

/** Types that every database can sort by the name of the selected column. Others are selected as text, for example. */
const PLAIN: ReadonlySet<string> = new Set(['smallInteger', 'integer', 'float', 'number', 'string', 'boolean'])

/** Whether rows can be sorted by the name of a selected value, so that the database does not compute it again. */
export function sortsByName(meta: ModelMetadata, { expression }: OrderNode, parts: QueryParts): boolean {
  if (!parts.once || expression.kind !== 'annotation' || expression.type === null) return false
  const node = parts.named.get(expression.name)
  return node !== undefined && PLAIN.has(expression.type.dataType.name) && isCostly(meta, node) && !holdsAggregate(node)
}

/** The costly named values that do not contain another one of them. */
function costlyNames(meta: ModelMetadata, named: NamedExpressions): Map<string, ExpressionNode> {
  const found = new Map<string, ExpressionNode>()
  const nodes = new Set<ExpressionNode>()
  for (const [name, node] of named) {
    if (!isCostly(meta, node) || holdsAggregate(node) || holdsWindow(node) || isOfSearch(node)) continue
    if (someNode(node, (inner) => nodes.has(inner))) continue
    found.set(name, node)
    nodes.add(node)
  }
  return found
}

const countOf = (node: ExpressionNode, wanted: ExpressionNode): number =>
  node === wanted ? 1 : childrenOf(node).reduce((sum, child) => sum + countOf(child, wanted), 0)

/** The costly values that the statement uses more than once. */
function repeated(
  meta: ModelMetadata,
  parts: QueryParts,
  selections: readonly SelectionNode[],
): Map<string, ExpressionNode> {
  const { named } = parts
  const costly = costlyNames(meta, named)
  if (costly.size === 0) return costly
  const isByName = (order: OrderNode) =>
    sortsByName(meta, order, parts) &&
    selections.some(({ alias }) => order.expression.kind === 'annotation' && alias === order.expression.name)
  const orders = parts.order.filter((order) => !isByName(order))
  const used = [
    ...[...selections, ...orders, ...parts.groupBy].map(({ expression }) => expression),
    ...conditionsIn(parts),
    ...parts.having.flat(),
    ...parts.joins.map(({ on }) => on),
  ].map((node) => inPlace(node, named))
  const isRepeated = (node: ExpressionNode) => used.reduce((sum, each) => sum + countOf(each, node), 0) > 1
  return new Map([...costly].filter(([, node]) => isRepeated(node)))
}

/**
 * Lets an inner select compute the values that are used several times. Null if there are none, or if it would not be faster.
 */
export function selectOnce(
  meta: ModelMetadata,
  parts: QueryParts,
  selections: readonly SelectionNode[],
  { whole, select }: { readonly whole: boolean; readonly select: Select },
): SelectNode | null {
  // locked rows must be read by the outermost select
  if (!parts.once || parts.named.size === 0 || parts.lock !== null) return null
  const names = repeated(meta, parts, selections)
  if (names.size === 0) return null
  const placed = (node: ExpressionNode) => inPlace(node, parts.named)
  const nodes = new Set(names.values())
  const uses = (node: ExpressionNode) => someNode(placed(node), (inner) => nodes.has(inner))
  const isGrouped = parts.groupBy.length > 0 || whole
  // sorted by something else, a database stops after enough rows and computes the value for few of them
  const stops = parts.limit !== null && !parts.distinct && !isGrouped
  if (stops && !parts.order.some(({ expression }) => uses(expression))) return null
  const given = [...selections, ...parts.order].map(({ expression }) => expression)
  if (!isGrouped && [...given, ...conditionsIn(parts)].some((node) => holdsAggregate(placed(node)))) return null
  if (parts.joins.some(({ on, type }) => uses(on) || type === 'right' || type === 'full')) return null
  return new Once(meta, parts, names).select(selections, select)
}

/** The columns of the inner select that the outer one reads. */
interface InnerColumns {
  readonly fields: readonly ModelField[]
  readonly selections: readonly SelectionNode[]
}

class Once {
  readonly #meta: ModelMetadata
  readonly #parts: QueryParts
  /** The values that the inner select computes, by name. */
  readonly #computed: Map<string, ExpressionNode>
  readonly #nodes: ReadonlySet<ExpressionNode>
  readonly #joined: ReadonlySet<string>
  /** The names of columns of joined tables in the outer select. */
  readonly #names = new Map<string, string>()
  /** The outer select reads a joined table in a way that can't become a column of the inner one. */
  #isLost = false

  constructor(meta: ModelMetadata, parts: QueryParts, names: Map<string, ExpressionNode>) {
    this.#meta = meta
    this.#parts = parts
    // a search must stay in the select that reads the table
    const searched = [...parts.named].filter(([, node]) => isOfSearch(node))
    this.#computed = new Map([...names, ...searched])
    this.#nodes = new Set(names.values())
    this.#joined = new Set(parts.joins.map(({ source }) => sourceName(source)))
  }

  select(selections: readonly SelectionNode[], select: Select): SelectNode | null {
    const parts = this.#parts
    const lift = (node: ExpressionNode) => this.#lift(node)
    const placed = (node: ExpressionNode) => inPlace(node, parts.named)
    const isLate = (node: ExpressionNode) => someNode(placed(node), (inner) => this.#nodes.has(inner))
    const conditions = conditionsIn(parts)
    const late = conditions.filter(isLate).map(lift)
    const columns = asColumns(this.#computed)
    const named = new Map(
      [...namesInPlace(parts.named, this.#computed, columns)].map(([name, node]) => [
        name,
        columns.get(name) ?? lift(node),
      ]),
    )
    const outer: QueryParts = {
      ...parts,
      once: false,
      named,
      joins: [],
      around: late.length > 0 ? late : [TRUE],
      groups: [[]],
      having: parts.having.map((group) => group.map(lift)),
      order: parts.order.map((order) => ({ ...order, expression: lift(order.expression) })),
      groupBy: parts.groupBy.map((key) => ({ ...key, expression: lift(key.expression) })),
    }
    const taken = selections.map((each) => this.#liftSelection(each))
    const read = this.#isLost ? null : this.#columnsOf(outer, taken)
    if (read === null) return null
    const inner: QueryParts = {
      ...parts,
      once: false,
      around: conditions.filter((node) => !isLate(node)).map(placed),
      joins: parts.joins.map((join) => ({ ...join, on: placed(join.on) })),
      groups: [[]],
      having: [[]],
      order: [],
      groupBy: [],
      distinct: false,
      limit: null,
      offset: 0,
      named: this.#computed,
    }
    const query = select(inner, read.selections, false)
    const available = new Set(read.fields)
    const steady = parts.groupBy.length > 0 ? steadyNames(this.#meta, parts, this.#computed) : parts.steady
    return select({ ...outer, source: { kind: 'rows', query }, available, steady }, taken, true)
  }

  /**
   * The columns of the inner select: those that the outer one reads, and the computed values. Null if one is not available
   * there.
   */
  #columnsOf(outer: QueryParts, selections: readonly SelectionNode[]): InnerColumns | null {
    const meta = this.#meta
    const { available, named } = this.#parts
    const all = [
      ...[...selections, ...outer.order, ...outer.groupBy].map(({ expression }) => expression),
      ...outer.around,
      ...outer.having.flat(),
    ].map((node) => inPlace(node, outer.named))
    const asSelections = all.map(
      (expression): SelectionNode => ({ kind: 'selection', expression, alias: null, type: null }),
    )
    const names = ownColumns(meta, joinPaths(meta, { ...bareSelect(asSelections), from: tableOf(meta) }))
    if (names === null) return null
    // named columns of the source that are not fields
    for (const [name, node] of named)
      if (names.has(name) && isColumnOf(node, name) && !this.#computed.has(name)) this.#computed.set(name, node)
    const isThere = (name: string) => meta.fieldOfColumn(name) !== undefined || this.#computed.has(name)
    if (![...names].every(isThere)) return null
    const fields = meta.fields.filter(
      (field) => available?.has(field) !== false && (field.primaryKey || names.has(field.column)),
    )
    const columns = fields.map(
      (field): SelectionNode => ({ kind: 'selection', expression: columnOf(field), alias: null, type: null }),
    )
    const values = [...this.#computed.keys()].map((name) =>
      unread({ ...namedSelection(this.#parts, name), alias: name }),
    )
    return { fields, selections: [...columns, ...values] }
  }

  #liftSelection(selection: SelectionNode): SelectionNode {
    const expression = this.#lift(selection.expression)
    const { alias, expression: given } = selection
    const isRenamed = given.kind === 'column' && expression.kind === 'column' && given.name !== expression.name
    return { ...selection, expression, alias: alias ?? (isRenamed ? given.name : null) }
  }

  /** Replaces columns of joined tables by columns of the inner select. */
  #lift(node: ExpressionNode): ExpressionNode {
    const isJoined = (inner: ExpressionNode): inner is ColumnNode =>
      inner.kind === 'column' && inner.table !== null && this.#joined.has(inner.table)
    if (this.#joined.size === 0 || !someInside(node, isJoined)) return node
    return transformExpression(node, (copy, original, depth) => {
      if (original.kind === 'parameter' || original.kind === 'list') return original
      if (!isJoined(original)) return copy
      if (depth > 0 || (original.level ?? 0) > 0 || original.path !== undefined) this.#isLost = true
      const name = memo(this.#names, `${original.table}.${original.name}`, () => this.#free())
      this.#computed.set(name, original)
      return { ...COLUMN, table: null, name, type: valueTypeOf(original) }
    })
  }

  #free(): string {
    let at = this.#names.size + 1
    const nameAt = () => `corm_joined_${at}`
    while (this.#parts.named.has(nameAt()) || this.#computed.has(nameAt())) at++
    return nameAt()
  }
}

const isColumnOf = (node: ExpressionNode, name: string) =>
  node.kind === 'column' && node.table === null && node.path === undefined && node.name === name
