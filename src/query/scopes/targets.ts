import type { ExpressionNode } from '../../ast/expression.js'
import { someInside } from '../../ast/walk.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import { relationOf } from '../../metadata/relation/resolve.js'
import type { Step, StepPart } from '../shape.js'
import { defaultOrder } from '../step/order.js'

/** The models with global scopes that the paths of these steps lead to, or through. */
export function scopedTargets(meta: ModelMetadata, steps: readonly Step[]): ModelMetadata[] {
  let found: Set<ModelMetadata> | null = null
  const hasPaths = meta.relations.size > 0
  const look = (node: ExpressionNode, depth: number): boolean => {
    if (node.kind !== 'column' || node.path === undefined || node.scope !== undefined || (node.level ?? 0) !== depth)
      return false
    let from = meta
    for (const name of node.path) {
      const { target, through } = relationOf(from, name)
      from = target
      for (const meta of [target, through?.meta]) if (meta?.isScoped === true) (found ??= new Set()).add(meta)
    }
    return false
  }
  if (hasPaths) for (const { expression } of defaultOrder(meta)) someInside(expression, look)
  for (const { part } of steps) {
    if (hasPaths) for (const node of nodesOf(part)) someInside(node, look)
    // the table between is joined: its rows are there as its model's scopes leave them
    const between = part.kind === 'via' ? part.relation.through?.meta : undefined
    if (between?.isScoped === true) (found ??= new Set()).add(between)
  }
  return found === null ? NONE : [...(found as Set<ModelMetadata>)]
}

const NONE: ModelMetadata[] = []

/** The expressions of a step that speak of the query's rows. What was a query of its own has its scopes already. */
function nodesOf(part: StepPart): readonly ExpressionNode[] {
  switch (part.kind) {
    case 'where':
    case 'around':
    case 'having':
      return [part.node]
    case 'annotate':
    case 'order':
      return part.items.map(({ expression }) => expression)
    case 'slice':
      return part.order.map(({ expression }) => expression)
    case 'groupBy':
      return part.keys.map(({ expression }) => expression)
    case 'join':
      return [part.join.on]
    case 'rows':
    case 'aggregate':
      return part.selections.map(({ expression }) => expression)
    case 'update':
      return part.assignments.map(({ value }) => value)
    default:
      return []
  }
}
