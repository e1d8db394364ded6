import { ANNOTATION, COLUMN } from '../../ast/bases.js'
import type { ExpressionNode, OrderNode } from '../../ast/expression.js'
import type { SelectionNode } from '../../ast/statement.js'
import { transformExpression, transformOrder } from '../../ast/transform.js'
import { someNode } from '../../ast/walk.js'
import { present } from '../../util/expect.js'
import { refuseDeep } from '../expression/depth.js'
import { isAggregate, isOverWindow } from '../expression/nodes.js'
import { valueTypeOf } from '../expression/value-type.js'
import { holdsWindow, isWindow } from '../expression/window.js'
import type { Annotation } from '../shape.js'

// Replaces the names that a query has added by their expressions, when the statement is built.

/** Expressions by name. They contain no names themselves, because those were replaced already. */
export type NamedExpressions = ReadonlyMap<string, ExpressionNode>

export function addNamed(named: Map<string, ExpressionNode>, items: readonly Annotation[]): void {
  for (const { node, expression } of items) {
    const placed = inPlace(expression, named)
    refuseDeep(placed)
    named.set(node.name, placed)
  }
}

/** Replaces names by their expressions. Parameters stay the same objects, because a plan finds its values by them. */
export function inPlace(node: ExpressionNode, named: NamedExpressions): ExpressionNode {
  if (named.size === 0) return node
  return transformExpression(node, replace(named))
}

const replace = (named: NamedExpressions) => (copy: ExpressionNode, original: ExpressionNode, depth: number) => {
  if (original.kind === 'annotation' && (original.level ?? 0) === depth) {
    const node = named.get(original.name)
    return node === undefined ? original : deeper(node, depth)
  }
  return original.kind === 'parameter' || original.kind === 'list' ? original : copy
}

/** Adapts an expression for use inside `by` nested selects: its columns belong to a select that much further out. */
function deeper(node: ExpressionNode, by: number): ExpressionNode {
  if (by === 0) return node
  return transformExpression(node, (copy, original, depth) => {
    if (original.kind === 'parameter' || original.kind === 'list') return original
    if (original.kind !== 'column' || (original.level ?? 0) < depth) return copy
    // the inner select may have a table of the same name
    return { ...original, level: (original.level ?? 0) + by }
  })
}

export const selectionInPlace = (selection: SelectionNode, named: NamedExpressions): SelectionNode =>
  named.size === 0 ? selection : { ...selection, expression: inPlace(selection.expression, named) }

export const orderInPlace = (order: OrderNode, named: NamedExpressions): OrderNode =>
  named.size === 0 ? order : transformOrder(order, replace(named))

/** The names as columns of a derived table. Their types determine how they are compared. */
export function asColumns(named: NamedExpressions): Map<string, ExpressionNode> {
  return new Map([...named].map(([name, node]) => [name, { ...COLUMN, table: null, name, type: valueTypeOf(node) }]))
}

/** Replaces what an inner select has computed by its columns, in expressions that are built from it. */
export function namesInPlace(
  named: NamedExpressions,
  computed: NamedExpressions,
  columns: NamedExpressions,
): Map<string, ExpressionNode> {
  const byNode = new Map([...computed].map(([name, node]) => [node, present(columns.get(name), 'a column')]))
  const rewrite = (copy: ExpressionNode, original: ExpressionNode) =>
    byNode.get(original) ?? (original.kind === 'parameter' || original.kind === 'list' ? original : copy)
  return new Map([...named].map(([name, node]) => [name, transformExpression(node, rewrite)]))
}

/** Gives names to the unnamed windows in conditions, so that an inner select can compute them. */
export function withWindowsNamed(given: Map<string, ExpressionNode>, conditions: readonly ExpressionNode[]) {
  if (!conditions.some(holdsWindow)) return { named: given, after: conditions }
  const named = new Map(given)
  const after = conditions.map((condition) =>
    transformExpression(condition, (copy, original, depth) => {
      if (original.kind === 'parameter' || original.kind === 'list') return original
      if (depth > 0 || !isWindow(original)) return copy
      const name = `corm_asked_${named.size + 1}`
      named.set(name, inPlace(original, given))
      return { ...ANNOTATION, name, type: valueTypeOf(original) }
    }),
  )
  return { named, after }
}

/** Raw SQL of the user is not searched. */
export const holdsAggregate = (node: ExpressionNode): boolean =>
  node.kind !== 'raw' && someNode(node, (inner) => isAggregate(inner) && !someNode(inner, isRelatedOutside))

/** Whether an aggregate is over the values of a window, which must be computed first. */
export const sumsWindow = (node: ExpressionNode): boolean => node.kind !== 'raw' && someNode(node, isOverWindow)

/** Whether a column belongs to related rows of an enclosing query. An aggregate of such columns is a single value here. */
const isRelatedOutside = (node: ExpressionNode) =>
  node.kind === 'column' && node.wide === true && node.scope !== undefined

/** Whether a database can't know that two copies of the expression are equal: each copy has its own parameters. */
export const isUnequal = (node: ExpressionNode): boolean =>
  someNode(
    node,
    ({ kind }) => kind === 'parameter' || kind === 'list' || kind === 'in' || kind === 'subquery' || kind === 'exists',
  )

export { holdsWindow } from '../expression/window.js'
