import { bareSelect } from '../../ast/bare-select.js'
import { ANNOTATION, COLUMN } from '../../ast/bases.js'
import type { ColumnNode, ExpressionNode, SelectionNode, SelectNode } from '../../ast/expression.js'
import { sourceName } from '../../ast/tables.js'
import { transformExpression } from '../../ast/transform.js'
import { childrenOf } from '../../ast/walk.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import { memo } from '../../util/memo.js'
import { columnOf } from '../columns/columns.js'
import { valueTypeOf } from '../expression/value-type.js'
import { isWindow } from '../expression/window.js'
import { allOrNull, joined } from './groups.js'
import { asColumns, holdsAggregate, holdsWindow, inPlace } from './named.js'
import type { QueryParts } from './parts.js'

// Queries with conditions on windows, or with windows inside windows. An inner select computes the inner windows.

/** Builds another select from changed parts. */
export type Select = (parts: QueryParts, selections: readonly SelectionNode[], isOuter?: boolean) => SelectNode

const column = (name: string, type: SelectionNode['type']): ColumnNode => ({ ...COLUMN, table: null, name, type })

const selection = (expression: ExpressionNode, alias: string): SelectionNode => ({
  kind: 'selection',
  expression,
  alias,
  type: null,
})

// conditions on windows over groups

/** Splits the conditions of a grouped query: `late` are those that need windows over its groups. Null if there are none. */
function late(parts: QueryParts): { readonly late: readonly ExpressionNode[]; readonly rest: QueryParts } | null {
  if (parts.groupBy.length === 0) return null
  const placed = (node: ExpressionNode) => inPlace(node, parts.named)
  const isLate = (node: ExpressionNode) => holdsWindow(placed(node)) && holdsAggregate(placed(node))
  const flat = (groups: readonly (readonly ExpressionNode[])[]) =>
    groups.length === 1 ? [...(groups[0] ?? [])] : joined(groups)
  const given = [...parts.around, ...flat(parts.groups)]
  const having = flat(parts.having)
  const isOf = (node: ExpressionNode) => holdsWindow(placed(node))
  const found = [...given.filter(isLate), ...having.filter(isOf)]
  if (found.length === 0) return null
  return {
    late: found,
    rest: {
      ...parts,
      around: given.filter((node) => !isLate(node)),
      groups: [[]],
      having: [having.filter((node) => !isOf(node))],
    },
  }
}

/**
 * Lets an inner select build the groups and their windows. The outer select applies the conditions on the windows, and the
 * order.
 */
export function selectOfGroups(
  parts: QueryParts,
  selections: readonly SelectionNode[],
  select: Select,
): SelectNode | null {
  const split = late(parts)
  if (split === null) return null
  const given = selections.map(({ expression }, i) => selection(expression, `corm_value_${i + 1}`))
  const kept = split.late.map((node, i) => selection(node, `corm_kept_${i + 1}`))
  const orders = parts.order.map(({ expression }, i) => selection(expression, `corm_order_${i + 1}`))
  const inner = { ...split.rest, order: [], limit: null, offset: null, distinct: false }
  const query = select(inner, [...given, ...kept, ...orders])
  const typeIn = (node: ExpressionNode) => valueTypeOf(inPlace(node, parts.named))
  return {
    ...bareSelect(
      selections.map(({ expression, alias, type }, i) => ({
        kind: 'selection',
        expression: column(`corm_value_${i + 1}`, type ?? typeIn(expression)),
        alias: nameOf({ alias, expression }),
        type,
      })),
    ),
    from: { kind: 'derivedTable', query, alias: 'corm_groups' },
    distinct: parts.distinct,
    where: allOrNull(kept.map(({ alias }) => column(alias as string, null))),
    orderBy: parts.order.map((order, i) =>
      order.direction === null
        ? order
        : { ...order, expression: column(`corm_order_${i + 1}`, typeIn(order.expression)) },
    ),
    limit: parts.limit,
    offset: parts.offset,
  }
}

// windows over windows

/** Lets an inner select compute the groups and the windows over them. The outer select computes the windows over those. */
function selectOverGroups(parts: QueryParts, selections: readonly SelectionNode[], select: Select): SelectNode | null {
  const placed = <T extends { readonly expression: ExpressionNode }>(item: T): T => ({
    ...item,
    expression: inPlace(item.expression, parts.named),
  })
  const [given, orders] = [selections.map(placed), parts.order.map(placed)]
  const nodes = [...given, ...orders].map(({ expression }) => expression)
  const windows = new Set<ExpressionNode>()
  for (const node of nodes) innerWindows(node, windows)
  if (![...windows].some(holdsAggregate)) return null
  const names = new Map<ExpressionNode, string>()
  for (const node of nodes) nameParts(node, names)
  const items = [...names].map(([node, name]) => ({ ...selection(node, name), type: valueTypeOf(node) }))
  const query = select({ ...parts, order: [], limit: null, offset: null, distinct: false }, items)
  const outside = (node: ExpressionNode) =>
    transformExpression(node, (copy, original, depth) => {
      if (original.kind === 'parameter' || original.kind === 'list') return original
      const name = depth === 0 ? names.get(original) : undefined
      return name === undefined ? copy : column(name, valueTypeOf(original))
    })
  return {
    ...bareSelect(given.map((each) => ({ ...each, alias: nameOf(each), expression: outside(each.expression) }))),
    from: { kind: 'derivedTable', query, alias: 'corm_groups' },
    distinct: parts.distinct,
    orderBy: orders.map((order) => ({ ...order, expression: outside(order.expression) })),
    limit: parts.limit,
    offset: parts.offset,
  }
}

const nameOf = ({ alias, expression }: Pick<SelectionNode, 'alias' | 'expression'>) =>
  alias ?? (expression.kind === 'column' ? expression.name : null)

/** Names the largest parts of an expression that contain no window over another one. */
function nameParts(node: ExpressionNode, names: Map<ExpressionNode, string>): void {
  if (nests(node)) for (const child of childrenOf(node)) nameParts(child, names)
  else if (!isGiven(node) && !names.has(node)) names.set(node, `corm_part_${names.size + 1}`)
}

/** Whether a value is the same for every row. */
const isGiven = ({ kind }: ExpressionNode) => kind === 'parameter' || kind === 'list' || kind === 'truth'

/** Whether a window contains another one. */
const nests = (node: ExpressionNode): boolean =>
  isWindow(node) ? childrenOf(node).some(holdsWindow) : childrenOf(node).some(nests)

/** Lets an inner select compute the windows that other windows or conditions use. The outer select reads them by name. */
export function selectOfWindows(
  meta: ModelMetadata,
  parts: QueryParts,
  selections: readonly SelectionNode[],
  select: Select,
): SelectNode | null {
  const { named, order } = parts
  const placed = (node: ExpressionNode) => inPlace(node, named)
  if (![...selections, ...order].some(({ expression }) => nests(placed(expression)))) {
    const asked = [...parts.around, ...parts.groups.flat(), ...parts.having.flat()]
    if (![...asked, ...parts.groupBy.map(({ expression }) => expression)].some((node) => nests(placed(node))))
      return null
  }
  const grouped = parts.groupBy.length > 0 ? selectOverGroups(parts, selections, select) : null
  return grouped ?? new Layer(meta, parts).select(selections, select)
}

class Layer {
  readonly #meta: ModelMetadata
  readonly #parts: QueryParts
  readonly #grouped: boolean
  /** The values that the inner select computes, by name. */
  readonly #computed = new Map<string, ExpressionNode>()
  readonly #names = new Map<ExpressionNode, string>()
  readonly #joined = new Map<string, string>()

  constructor(meta: ModelMetadata, parts: QueryParts) {
    this.#meta = meta
    this.#parts = parts
    this.#grouped = parts.groupBy.length > 0
    for (const [name, node] of parts.named)
      if (!nests(node) && !(this.#grouped && holdsAggregate(node))) this.#compute(name, node)
  }

  select(selections: readonly SelectionNode[], select: Select): SelectNode {
    const parts = this.#parts
    const lift = (node: ExpressionNode) => this.#lift(node)
    const items = [...parts.around, ...(parts.groups.length === 1 ? parts.groups.flat() : joined(parts.groups))]
    const isInner = (node: ExpressionNode) => {
      const placed = inPlace(node, parts.named)
      return !holdsWindow(placed) && !(this.#grouped && holdsAggregate(placed))
    }
    const named = new Map([...parts.named].map(([name, node]) => [name, this.#computed.has(name) ? node : lift(node)]))
    const outer = {
      ...parts,
      joins: [],
      around: items.filter((node) => !isInner(node)).map(lift),
      groups: [[]],
      having: this.#grouped ? parts.having.map((group) => group.map(lift)) : [[]],
      order: parts.order.map((order) => ({ ...order, expression: lift(order.expression) })),
      groupBy: parts.groupBy.map((key) => ({ ...key, expression: lift(key.expression) })),
    }
    const taken = selections.map((each) => ({ ...each, expression: lift(each.expression) }))
    const inner = {
      ...parts,
      around: items.filter(isInner),
      groups: [[]],
      having: this.#grouped ? [[]] : parts.having,
      order: [],
      groupBy: [],
      distinct: false,
      limit: null,
      offset: null,
      named: this.#computed,
    }
    const fields = this.#meta.fields.filter((field) => parts.available?.has(field) !== false)
    const query = select(inner, [
      ...fields.map(
        (field): SelectionNode => ({ kind: 'selection', expression: columnOf(field), alias: null, type: null }),
      ),
      ...[...this.#computed.keys()].map((name) => selection({ ...ANNOTATION, name, type: null }, name)),
    ])
    const columns = new Map([...named, ...asColumns(this.#computed)])
    return select({ ...outer, named: columns, source: { kind: 'rows', query } }, taken)
  }

  #compute(name: string, node: ExpressionNode): string {
    this.#computed.set(name, node)
    this.#names.set(node, name)
    return name
  }

  #free(kind: string): string {
    let at = this.#computed.size + 1
    const nameAt = () => `corm_${kind}_${at}`
    while (this.#computed.has(nameAt()) || this.#parts.named.has(nameAt())) at++
    return nameAt()
  }

  /**
   * Rewrites an expression for the outer select. Windows inside windows and columns of joined tables become columns of the
   * inner select.
   */
  #lift(node: ExpressionNode): ExpressionNode {
    const inner = new Set<ExpressionNode>()
    innerWindows(node, inner)
    for (const window of inner) {
      if (this.#names.has(window)) continue
      this.#names.set(window, this.#compute(this.#free('window'), inPlace(window, this.#parts.named)))
    }
    return transformExpression(node, (copy, original, depth) => {
      if (original.kind === 'parameter' || original.kind === 'list') return original
      const name = depth === 0 ? this.#names.get(original) : undefined
      if (name !== undefined) return column(name, valueTypeOf(original))
      return original.kind === 'column' ? this.#ofJoined(original, depth) : copy
    })
  }

  #ofJoined(node: ColumnNode, depth: number): ColumnNode {
    const { table, name, level = 0, scope, path } = node
    if (table === null || table === this.#meta.table || level !== depth || scope !== undefined) return node
    const isJoined = this.#parts.joins.some(({ source }) => sourceName(source) === table)
    if (!isJoined || path !== undefined) return node
    const key = `${table}.${name}`
    const computed = memo(this.#joined, key, () => this.#compute(this.#free('joined'), { ...node, level: 0 }))
    return { ...node, table: null, name: computed }
  }
}

/** The outermost windows inside other windows. */
function innerWindows(node: ExpressionNode, found: Set<ExpressionNode>, inside = false): void {
  if (inside && isWindow(node)) found.add(node)
  else for (const child of childrenOf(node)) innerWindows(child, found, inside || isWindow(node))
}
