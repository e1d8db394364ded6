import { nodeOf } from '../../ast/brand.js'
import type { AnnotationNode, ColumnNode, ExpressionNode, OrderNode } from '../../ast/expression.js'
import { transformExpression } from '../../ast/transform.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import { memo } from '../../util/memo.js'
import { proxyOf } from '../../util/own.js'
import { emptyRecord } from '../../util/record.js'
import { type Columns, columnObject, columnOf } from '../columns/columns.js'
import type { Context } from '../columns/context.js'
import { Expr } from '../expression/expression.js'
import type { JoinedTables } from '../shape.js'
import { relatedAggregates, relatedColumns } from './related-columns.js'

/** The number of callbacks that are running, each inside the one before. It numbers the scope of their columns. */
let depth = 0

/** Turns what a callback made into nodes of its query. */
export type Resolve = <T extends ExpressionNode | OrderNode>(node: T) => T

/**
 * Calls a callback with the columns of its query, and the tables joined to it. A column knows which callback it was given
 * to: in a query that is built inside, it means the row of the query outside, even over the same table.
 */
export function callWithColumns<R>(
  context: Context,
  callback: unknown,
  tables: (scope: number) => object = (scope) => scopedTables(context.joined, scope),
): [result: R, resolve: Resolve] {
  const scope = ++depth
  try {
    const result = (callback as (c: Columns, t: unknown) => R)(columnsIn(context, scope), tables(scope))
    return [result, (node) => resolved(context, node, scope)]
  } finally {
    depth--
  }
}

/** For nodes that no callback made: they stay as they are. */
export const asItIs: Resolve = (node) => node

/** The node of a value that may be given by a callback. */
export function nodeFrom(context: Context, given: unknown, toNode: (value: unknown) => ExpressionNode): ExpressionNode {
  if (typeof given !== 'function') return toNode(given)
  const [result, resolve] = callWithColumns(context, given)
  return resolve(toNode(result))
}

function resolved<T extends ExpressionNode | OrderNode>(context: Context, node: T, scope: number): T {
  let related = false
  const rewrite = (copy: ExpressionNode, original: ExpressionNode, level: number) => {
    if (original.kind === 'parameter' || original.kind === 'list') return original
    if ((original.kind !== 'column' && original.kind !== 'annotation') || original.scope !== scope) return copy
    related ||= original.kind === 'column' && original.path !== undefined
    return placed(original, level)
  }
  const resolve = (inner: ExpressionNode) => {
    const done = transformExpression(inner, rewrite)
    return related ? relatedAggregates(context, done) : done
  }
  return (node.kind === 'order' ? { ...node, expression: resolve(node.expression) } : resolve(node)) as T
}

/**
 * A select is around it for each level: there it means the row outside. What is found by the name of a table is distinguished
 * from the model's own columns, whose name is the same wherever they stand, by a level of 0.
 */
function placed(scoped: ColumnNode | AnnotationNode, level: number): ExpressionNode {
  const node = { ...scoped, scope: undefined }
  const isNamed = node.kind === 'column' && node.table !== null
  return level === 0 && !isNamed ? node : { ...node, level }
}

function columnsIn({ meta, annotations }: Context, scope: number): Columns {
  const columns = scopedColumns(meta, scope)
  if (annotations === null) return columns
  return proxyOf(columns, {
    get(target, name) {
      const node = typeof name === 'string' ? annotations.get(name) : undefined
      return node === undefined ? Reflect.get(target, name) : new Expr({ ...node, scope })
    },
  })
}

const kept = new WeakMap<ModelMetadata, Columns[]>()

function scopedColumns(meta: ModelMetadata, scope: number): Columns {
  const byScope = memo(kept, meta, (): Columns[] => [])
  return (byScope[scope] ??= columnObject(
    meta,
    (field) => ({ ...columnOf(field), scope }),
    (relation) => relatedColumns(meta, [relation], scope),
  ))
}

/** The columns of joined tables as a callback gets them. */
function scopedTables(joined: JoinedTables | null, scope: number): object {
  if (joined === null) return {}
  return Object.fromEntries(Object.entries(joined.columns).map(([name, table]) => [name, scopedTable(table, scope)]))
}

/** The columns of one joined table: they know their callback, as the model's own do. */
export function scopedTable(columns: object, scope: number): object {
  return proxyOf(emptyRecord(), {
    has: (_, name) => name in columns,
    get(_, name) {
      const value: unknown = Reflect.get(columns, name)
      const node = value instanceof Expr ? nodeOf(value) : undefined
      if (node?.kind === 'column') return new Expr({ ...node, scope })
      if (node?.kind !== 'call' || node.name !== 'translated') return value
      return new Expr({ ...node, args: node.args.map((column) => ({ ...column, scope }) as ExpressionNode) })
    },
  })
}
