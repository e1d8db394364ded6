import type { AnnotationNode, ColumnNode, ExpressionNode, OrderNode } from '../../ast/expression.js'
import { transformExpression } from '../../ast/transform.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import { Expr } from '../expression/expression.js'
import { columnObject, columnOf } from './columns.js'
import type { Context } from './context.js'
import { relatedAggregates, relatedColumns } from './related-columns.js'

/** How many callbacks are running, one inside the other. */
let depth = 0

type Columns = Readonly<Record<string, Expr>>

/** Turns what a callback made into nodes of its query. */
export type Settle = <T extends ExpressionNode | OrderNode>(node: T) => T

/**
 * Calls a callback with the columns of its query, and the tables joined to it. A column knows which callback it was given
 * to: in a query that is built inside, it means the row of the query outside, even over the same table.
 */
export function callWithColumns<R>(context: Context, callback: unknown): [result: R, settle: Settle] {
  const scope = ++depth
  try {
    const result = (callback as (c: Columns, t: unknown) => R)(columnsIn(context, scope), context.joined?.columns ?? {})
    return [result, (node) => settled(context, node, scope)]
  } finally {
    depth--
  }
}

/** For what no callback made. */
export const asItIs: Settle = (node) => node

/** The node of a value that may be given by a callback. */
export function nodeFrom(context: Context, given: unknown, toNode: (value: unknown) => ExpressionNode): ExpressionNode {
  if (typeof given !== 'function') return toNode(given)
  const [result, settle] = callWithColumns(context, given)
  return settle(toNode(result))
}

function settled<T extends ExpressionNode | OrderNode>(context: Context, node: T, scope: number): T {
  const rewrite = (copy: ExpressionNode, original: ExpressionNode, level: number) => {
    if (original.kind === 'parameter' || original.kind === 'list') return original
    const given = original.kind === 'column' || original.kind === 'annotation'
    return given && original.scope === scope ? placed(original, level) : copy
  }
  const settle = (inner: ExpressionNode) => relatedAggregates(context, transformExpression(inner, rewrite))
  return (node.kind === 'order' ? { ...node, expression: settle(node.expression) } : settle(node)) as T
}

/** A select is around it for each level: there it means the row outside. */
function placed({ scope: _, ...node }: ColumnNode | AnnotationNode, level: number): ExpressionNode {
  return level === 0 ? node : { ...node, level }
}

function columnsIn({ meta, annotations }: Context, scope: number): Columns {
  const columns = scopedColumns(meta, scope)
  if (annotations === null) return columns
  return new Proxy(columns, {
    get(target, name) {
      const node = typeof name === 'string' ? annotations.get(name) : undefined
      return node === undefined ? Reflect.get(target, name) : new Expr({ ...node, scope })
    },
  })
}

const kept = new WeakMap<ModelMetadata, Columns[]>()

function scopedColumns(meta: ModelMetadata, scope: number): Columns {
  let byScope = kept.get(meta)
  if (byScope === undefined) kept.set(meta, (byScope = []))
  return (byScope[scope] ??= columnObject(
    meta,
    (field) => ({ ...columnOf(field), scope }),
    (relation) => relatedColumns(meta, [relation], scope),
  ))
}
