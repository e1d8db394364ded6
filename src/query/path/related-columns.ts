import { NODE } from '../../ast/brand.js'
import type { CallNode, ColumnNode, ExpressionNode, SelectNode } from '../../ast/expression.js'
import { transformExpression } from '../../ast/transform.js'
import { childrenOf, someInside, someNode } from '../../ast/walk.js'
import { UsageError } from '../../errors.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import type { ModelField } from '../../metadata/model-field.js'
import { relationOf } from '../../metadata/relation/resolve.js'
import { proxyOf } from '../../util/own.js'
import { columnOf } from '../columns/columns.js'
import type { Context } from '../columns/context.js'
import { Expr } from '../expression/expression.js'
import { isAggregate } from '../expression/nodes.js'
import { joinPaths } from './join-paths.js'

// `c.author.name` and `fn.sum(c.books.price)`: columns of related rows in callbacks.

/** The columns of the rows that a relation leads to; as an expression it is their key, so that it can be counted. */
export function relatedColumns(meta: ModelMetadata, path: readonly string[], scope: number, isWide = false): object {
  const { target, many } = relationOf(meta, path.at(-1) as string)
  const [key] = target.primaryKey
  const wide = isWide || many
  const columnAt = (field: ModelField): ColumnNode => ({ ...columnOf(field), path, scope, wide })
  return proxyOf(Object.create(null) as object, {
    has: (_, name) => name === NODE && key !== undefined,
    get(_, name) {
      if (name === NODE) return key === undefined ? undefined : columnAt(key)
      if (typeof name === 'symbol' || name === 'then' || name === 'toJSON') return undefined
      if (target.relations.has(name)) return relatedColumns(target, [...path, name], scope, wide)
      return new Expr(columnAt(target.field(name)))
    },
  })
}

type PathColumn = ColumnNode & { readonly path: readonly string[] }

/** A path from the row of the select that is `depth` further out; one with a scope belongs to a callback around this one. */
const isPathAt = (node: ExpressionNode, depth: number): node is PathColumn =>
  node.kind === 'column' && node.path !== undefined && node.scope === undefined && (node.level ?? 0) === depth

/** Where a path first leads to many rows; -1: each of its steps leads to one. */
function wideStep(meta: ModelMetadata, path: readonly string[]): number {
  let from = meta
  return path.findIndex((name) => {
    const relation = relationOf(from, name)
    from = relation.target
    return relation.many
  })
}

/**
 * Aggregates over related rows as queries of their own, one value for each row: the rows themselves stay as they are. One
 * inside a query that was built inside is about the row further out.
 */
export function relatedAggregates(context: Context, node: ExpressionNode): ExpressionNode {
  const { meta } = context
  const isWide = (inner: ExpressionNode, depth: number) => isPathAt(inner, depth) && wideStep(meta, inner.path) >= 0
  const done = transformExpression(node, (copy, original, depth) => {
    if (original.kind === 'parameter' || original.kind === 'list') return original
    if (!isAggregate(original) || !holdsItself(original, (inner) => isWide(inner, depth))) return copy
    return { kind: 'subquery', query: aggregateOf(context, original, depth) }
  })
  someInside(done, (inner, depth) => isWide(inner, depth) && refuseWide(meta, inner as ColumnNode))
  return done
}

/** Whether an aggregate has such a node that is not another aggregate's inside of it. */
function holdsItself(node: ExpressionNode, test: (node: ExpressionNode) => boolean): boolean {
  return childrenOf(node).some((child) => !isAggregate(child) && (test(child) || holdsItself(child, test)))
}

function refuseWide(meta: ModelMetadata, { path = [] }: ColumnNode): never {
  const shown = `c.${path.join('.')}`
  throw new UsageError(
    `"${meta.name}": ${shown} leads to many rows, so it is no value of one row. Take it into an aggregate: fn.sum(${shown}.price), fn.count(${shown}); or ask whereHas().`,
  )
}

function aggregateOf(context: Context, call: CallNode, level: number): SelectNode {
  const { meta } = context
  const names = new Set<string>()
  someNode(call, (inner) => {
    if (inner !== call && isAggregate(inner)) refuseNested()
    const step = isPathAt(inner, level) ? wideStep(meta, inner.path) : -1
    if (step > 0) refuseStep(meta, inner as ColumnNode)
    if (step === 0) names.add((inner as PathColumn).path[0] as string)
    return false
  })
  const [name = '', other] = names
  if (other !== undefined)
    throw new UsageError(`An aggregate over related rows is about one relation, not about "${name}" and "${other}".`)
  const { target } = relationOf(meta, name)
  const rows = context.relatedRows(name, level + 1)
  const expression = insideOf(target, name, call, level)
  const selections = [{ kind: 'selection', expression, alias: null, type: call.type }] as const
  return joinPaths(target, { ...rows, selections })
}

function refuseNested(): never {
  throw new UsageError(
    "An aggregate over related rows can't have another aggregate inside. Name the inner one with annotate(), and use the name.",
  )
}

function refuseStep(meta: ModelMetadata, { path = [] }: ColumnNode): never {
  throw new UsageError(
    `"${meta.name}": an aggregate over related rows begins with the relation to many rows; c.${path.join('.')} does not. Put a query that selects the aggregate in its place.`,
  )
}

/**
 * The aggregate as the related rows see it, in a select of their own: their columns are its own, and what it reads of the
 * rows outside is one level further out. `level` tells whose relation it is.
 */
function insideOf(target: ModelMetadata, name: string, call: CallNode, level: number): ExpressionNode {
  return transformExpression(call, (copy, original, depth) => {
    if (original.kind === 'parameter' || original.kind === 'list') return original
    if (original.kind !== 'column' && original.kind !== 'annotation') return copy
    const at = original.level ?? 0
    if (original.scope !== undefined || at < depth) return original
    if (original.kind === 'column' && at - depth === level && original.path?.[0] === name)
      return ownOf(target, original as PathColumn, depth)
    // under a table's name it is found by that
    const isNamed = original.kind === 'column' && original.table !== null && original.level === undefined
    return isNamed ? original : { ...original, level: at + 1 }
  })
}

function ownOf(target: ModelMetadata, { path, ...column }: PathColumn, depth: number): ColumnNode {
  const rest = path.slice(1)
  if (wideStep(target, rest) >= 0) refuseWide(target, { ...column, level: undefined, path: rest })
  return { ...column, path: rest.length > 0 ? rest : undefined, level: depth > 0 ? depth : undefined }
}
