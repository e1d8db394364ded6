import type { ExpressionNode } from '../../ast/expression.js'
import { transformExpression } from '../../ast/transform.js'
import { DefinitionError } from '../../errors.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import type { Shape } from '../shape.js'

// What the global scopes of a path's models keep, for those who put paths in their place.

type Conditions = (target: ModelMetadata) => ExpressionNode | null

/** While a statement is made: the conditions that its query brought, so that their values are those of its parameters. */
let brought: Conditions | null = null
let now: Conditions

/** How conditions are found while a query is built: with the values of this moment. */
export function setScopesNow(conditions: Conditions): void {
  now = conditions
}

/** Makes a part of the statement of this form. */
export function withScopesOf<R>(shape: Shape, make: () => R): R {
  const before = brought
  const part = shape.step?.part.kind === 'scopes' ? shape.step.part : lastScopes(shape)
  brought = (target) => part?.others.get(target) ?? null
  try {
    return make()
  } finally {
    brought = before
  }
}

function lastScopes(shape: Shape) {
  const part = shape.steps().findLast((step) => step.part.kind === 'scopes')?.part
  return part?.kind === 'scopes' ? part : undefined
}

/** The rows of a model under a condition, as its global scopes leave them. */
export function scopedWhere(target: ModelMetadata, where: ExpressionNode): ExpressionNode {
  const scope = scopeOf(target)
  return scope === null ? where : both(where, scope)
}

/** The same for a joined table: the scopes speak of its columns by its name. `flat` takes paths out of a condition. */
export function scopedOn(
  target: ModelMetadata,
  table: string,
  on: ExpressionNode,
  flat: (meta: ModelMetadata, node: ExpressionNode) => ExpressionNode,
): ExpressionNode {
  const scope = scopeOf(target)
  if (scope === null) return on
  if (placing.includes(target)) throw circular(target)
  placing.push(target)
  try {
    return both(on, underName(flat(target, scope), table))
  } finally {
    placing.pop()
  }
}

const both = (node: ExpressionNode, scope: ExpressionNode): ExpressionNode => {
  const items = scope.kind === 'logic' && scope.operator === 'and' ? scope.items : [scope]
  return { kind: 'logic', operator: 'and', items: [node, ...items] }
}

/** Models whose scopes are being put under a name, one inside the other. */
const placing: ModelMetadata[] = []

const scopeOf = (target: ModelMetadata) => (target.isScoped ? (brought ?? now)(target) : null)

/** A model's own columns in a condition, as those of the table that has this name here. */
function underName(node: ExpressionNode, table: string): ExpressionNode {
  return transformExpression(node, (copy, original, depth) => {
    // a plan finds its values by these objects
    if (original.kind === 'parameter' || original.kind === 'list') return original
    const isOwn = original.kind === 'column' && original.table === null && (original.level ?? 0) === depth
    return isOwn ? { ...original, table } : copy
  })
}

export function circular({ name }: ModelMetadata): DefinitionError {
  return new DefinitionError(
    `A global scope of "${name}" leads back to "${name}", whose scopes hold there too, without end. Inside the scope use whereHas() with a callback that lifts it: whereHas('…', q => q.withoutGlobalScope('…')).`,
  )
}
