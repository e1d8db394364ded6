import type { ColumnNode, ExpressionNode } from '../../ast/expression.js'
import { someInside } from '../../ast/walk.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import { ModelField } from '../../metadata/model-field.js'
import type { Shape } from '../shape.js'
import type { Drafts } from './ask.js'
import { conditionsOf } from './pass.js'

// Locked global scopes: what is written may not leave them. Most are a comparison of one field with one value, which is seen in
// the row itself; what the row does not show is asked of the database, once the row is written.

/** What the locked scopes of a model say now of its rows. `lifts`: the shape of a query, which may lift some by their names. */
export function lockedConditions(
  meta: ModelMetadata,
  drafts: Drafts,
  lifts: Shape | null = null,
): readonly ExpressionNode[] {
  const names = new Set(meta.locked)
  for (const lift of lifts?.each('lift') ?? []) {
    if (lift.names === 'all') return []
    for (const name of lift.names) names.delete(name)
  }
  return names.size === 0 ? [] : conditionsOf(meta, names, drafts)
}

/** Whether a write of these columns may change what the conditions say. SQL of the user's may read any of them. */
export function mayReadOf(conditions: readonly ExpressionNode[], columns: readonly string[]): boolean {
  const written = new Set(columns)
  return conditions.some((condition) =>
    someInside(condition, (node, depth) => {
      if (node.kind === 'raw') return true
      return node.kind === 'column' && (node.path !== undefined || (isOwn(node, depth) && written.has(node.name)))
    }),
  )
}

const isOwn = ({ level = 0 }: ColumnNode, depth: number) => level === depth

/** The canonical value of a field in a row; undefined: not known. */
export type Known = (field: ModelField) => unknown

/** Whether a row with these values meets the conditions beyond doubt. */
export const surelyMeet = (conditions: readonly ExpressionNode[], known: Known): boolean =>
  conditions.every((condition) => surelyMeets(condition, known))

function surelyMeets(node: ExpressionNode, known: Known): boolean {
  switch (node.kind) {
    case 'truth':
      return node.value
    case 'logic':
      return node.operator === 'and'
        ? node.items.every((item) => surelyMeets(item, known))
        : node.items.some((item) => surelyMeets(item, known))
    case 'nullTest':
      return !node.negated && knownValue(node.operand, known) === null
    case 'comparison': {
      const { left, right } = node
      return node.operator === '=' && right.kind === 'parameter' && isSame(left, [right.value], known)
    }
    case 'in':
      return !node.negated && node.list.kind === 'list' && isSame(node.operand, node.list.values, known)
    default:
      return false
  }
}

function knownValue(node: ExpressionNode, known: Known): unknown {
  if (node.kind !== 'column' || node.path !== undefined || node.table !== null || !isOwn(node, 0)) return undefined
  return node.type instanceof ModelField ? known(node.type) : undefined
}

/** What is the same value here is the same in every database, whatever else it takes for equal. */
function isSame(node: ExpressionNode, values: readonly unknown[], known: Known): boolean {
  const value = knownValue(node, known)
  if (value === undefined || value === null || typeof value === 'object') return false
  const field = (node as ColumnNode).type as ModelField
  return values.some((each) => each !== null && each !== undefined && canonicalOf(field, each) === value)
}

function canonicalOf(field: ModelField, value: unknown): unknown {
  try {
    return field.check(value)
  } catch {
    return undefined
  }
}
