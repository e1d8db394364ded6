import { NODE } from '../../ast/brand.js'
import type { CallNode, ColumnNode, ExpressionNode, SelectNode } from '../../ast/expression.js'
import { transformExpression } from '../../ast/transform.js'
import { someNode } from '../../ast/walk.js'
import { UsageError } from '../../errors.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import { relationOf } from '../../metadata/resolve-relation.js'
import { Expr } from '../expression/expression.js'
import { isAggregate } from '../expression/nodes.js'
import { joinPaths } from '../statement/join-paths.js'
import { columnOf } from './columns.js'
import type { Context } from './context.js'

// `c.author.name` and `fn.sum(c.books.price)`: columns of related rows in callbacks.

/** The columns of the rows that a relation leads to; as an expression it is their key, so that it can be counted. */
export function relatedColumns(meta: ModelMetadata, path: readonly string[], scope: number): object {
  const { target } = relationOf(meta, path.at(-1) as string)
  const [key] = target.primaryKey
  const columnAt = (field: (typeof target.fields)[number]): ColumnNode => ({ ...columnOf(field), path, scope })
  return new Proxy(Object.create(null) as object, {
    has: (_, name) => name === NODE && key !== undefined,
    get(_, name) {
      if (name === NODE) return key === undefined ? undefined : columnAt(key)
      if (typeof name === 'symbol' || name === 'then' || name === 'toJSON') return undefined
      if (target.relations.has(name)) return relatedColumns(target, [...path, name], scope)
      return new Expr(columnAt(target.field(name)))
    },
  })
}

const isPath = (node: ExpressionNode): node is ColumnNode & { readonly path: readonly string[] } =>
  node.kind === 'column' && node.path !== undefined && (node.level ?? 0) === 0

/** Where a path first leads to many rows; -1: each of its steps leads to one. */
function wideStep(meta: ModelMetadata, path: readonly string[]): number {
  let from = meta
  return path.findIndex((name) => {
    const relation = relationOf(from, name)
    from = relation.target
    return relation.many
  })
}

/** Aggregates over related rows as queries of their own, one value for each row: the rows themselves stay as they are. */
export function relatedAggregates(context: Context, node: ExpressionNode): ExpressionNode {
  if (!someNode(node, isPath)) return node
  const { meta } = context
  const isWide = (inner: ExpressionNode) => isPath(inner) && wideStep(meta, inner.path) >= 0
  const done = transformExpression(node, (copy, original, depth) => {
    if (original.kind === 'parameter' || original.kind === 'list') return original
    if (depth > 0 || !isAggregate(original) || !someNode(original, isWide)) return copy
    return { kind: 'subquery', query: aggregateOf(context, original) }
  })
  const left = findNode(done, isWide)
  if (left !== undefined) refuseWide(meta, left as ColumnNode)
  return done
}

function findNode(node: ExpressionNode, test: (node: ExpressionNode) => boolean): ExpressionNode | undefined {
  let found: ExpressionNode | undefined
  someNode(node, (inner) => {
    if (found === undefined && test(inner)) found = inner
    return found !== undefined
  })
  return found
}

function refuseWide(meta: ModelMetadata, { path = [] }: ColumnNode): never {
  const shown = `c.${path.join('.')}`
  throw new UsageError(
    `"${meta.name}": ${shown} leads to many rows, so it is no value of one row. Take it into an aggregate: fn.sum(${shown}.price), fn.count(${shown}); or ask whereHas().`,
  )
}

function aggregateOf(context: Context, call: CallNode): SelectNode {
  const { meta } = context
  const names = new Set<string>()
  someNode(call, (inner) => {
    if (isPath(inner)) names.add(inner.path[0] as string)
    if (isPath(inner) && wideStep(meta, inner.path) !== 0) refuseStep(meta, inner)
    return false
  })
  const [name = '', other] = names
  if (other !== undefined)
    throw new UsageError(`An aggregate over related rows is about one relation, not about "${name}" and "${other}".`)
  const { target } = relationOf(meta, name)
  const rows = context.relatedRows(name)
  const expression = insideOf(target, call)
  const selections = [{ kind: 'selection', expression, alias: null, type: call.type }] as const
  return joinPaths(target, { ...rows, selections })
}

function refuseStep(meta: ModelMetadata, { path = [] }: ColumnNode): never {
  throw new UsageError(
    `"${meta.name}": an aggregate over related rows begins with the relation to many rows; c.${path.join('.')} does not. Put a query that selects the aggregate in its place.`,
  )
}

/** The aggregate as the related rows see it: their columns are their own, those of the row outside are one level up. */
function insideOf(target: ModelMetadata, call: CallNode): ExpressionNode {
  return transformExpression(call, (copy, original, depth) => {
    if (original.kind === 'parameter' || original.kind === 'list') return original
    if (original.kind !== 'column' || depth > 0) return copy
    const { path, level: _, ...column } = original
    if (path === undefined) return original.table === null ? { ...column, level: (original.level ?? 0) + 1 } : original
    const rest = path.slice(1)
    if (wideStep(target, rest) >= 0) refuseWide(target, { ...column, path: rest })
    return rest.length === 0 ? column : { ...column, path: rest }
  })
}
