import type { ColumnNode, ExpressionNode } from '../../ast/expression.js'
import { someInside } from '../../ast/walk.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import { ModelField } from '../../metadata/model-field.js'
import type { Shape } from '../shape.js'
import type { Drafts } from './ask.js'
import { scopeConditions } from './pass.js'

// Locked global scopes: a written row must stay in them. Most compare one field with one value, which corm can check on the row
// itself. For the others it asks the database after the row is written.

/** The current conditions of a model's locked scopes. `lifts`: the shape of a query, which may lift some by name. */
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
  return names.size === 0 ? [] : scopeConditions(meta, names, drafts)
}

/** Whether a write of these columns may change the result of the conditions. Raw SQL in them may read any column. */
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

/** Returns the canonical value of a field in a row, undefined if it is not known. */
export type ValueOfField = (field: ModelField) => unknown

/** Whether a row with these values certainly meets the conditions. False: it may or may not. */
export const surelyMeet = (conditions: readonly ExpressionNode[], known: ValueOfField): boolean =>
  conditions.every((condition) => surelyMeets(condition, known))

function surelyMeets(node: ExpressionNode, known: ValueOfField): boolean {
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

function knownValue(node: ExpressionNode, known: ValueOfField): unknown {
  if (node.kind !== 'column' || node.path !== undefined || node.table !== null || !isOwn(node, 0)) return undefined
  return node.type instanceof ModelField ? known(node.type) : undefined
}

/** Whether a column has exactly this value. A database may treat more values as equal, so false proves nothing. */
function isSame(node: ExpressionNode, values: readonly unknown[], known: ValueOfField): boolean {
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
