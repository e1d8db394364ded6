import { NODE } from '../../ast/brand.js'
import type { CallNode, ColumnNode, ExpressionNode, SelectNode } from '../../ast/expression.js'
import { transformExpression } from '../../ast/transform.js'
import { childrenOf, someInside } from '../../ast/walk.js'
import { UsageError } from '../../errors.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import type { ModelField } from '../../metadata/model-field.js'
import { type RelationMetadata, relationOf } from '../../metadata/relation/resolve.js'
import { at } from '../../util/list.js'
import { proxyOf } from '../../util/own.js'
import { emptyRecord } from '../../util/record.js'
import { columnOf, translatedOf } from '../columns/columns.js'
import type { Context } from '../columns/context.js'
import { Expr } from '../expression/expression.js'
import { isAggregate } from '../expression/nodes.js'
import { pairsOf, VIA } from '../link/tie.js'
import { isPathAt, joinPaths, type PathColumn } from './join-paths.js'

// `c.author.name` and `fn.sum(c.books.price)`: columns of related rows in callbacks.

/** The columns of the related rows. As an expression it is their key, so that it can be counted. */
export function relatedColumns(meta: ModelMetadata, path: readonly string[], scope: number, isWide = false): object {
  const { target, many } = relationOf(meta, at(path, path.length - 1))
  const [key] = target.primaryKey
  const wide = isWide || many
  const columnAt = (field: ModelField): ColumnNode => ({ ...columnOf(field), path, scope, wide })
  return proxyOf(emptyRecord(), {
    has: (_, name) => name === NODE && key !== undefined,
    get(_, name) {
      if (name === NODE) return key === undefined ? undefined : columnAt(key)
      if (typeof name === 'symbol' || name === 'then' || name === 'toJSON') return undefined
      if (target.relations.has(name)) return relatedColumns(target, [...path, name], scope, wide)
      const translation = target.attributes.get(name)?.translation ?? null
      return new Expr(translation === null ? columnAt(target.field(name)) : translatedOf(translation, columnAt))
    },
  })
}

/** A path up to its last to-many step; empty: there is none. */
function widePart(meta: ModelMetadata, path: readonly string[]): readonly string[] {
  let from = meta
  let length = 0
  path.forEach((name, i) => {
    const relation = relationOf(from, name)
    from = relation.target
    if (relation.many) length = i + 1
  })
  return path.slice(0, length)
}

/**
 * Replaces aggregates over related rows by subqueries, which return one value for each row. In a nested query, the aggregate
 * belongs to the row of the enclosing query. It is over the rows at the end of the path; a row that the path reaches twice
 * counts twice.
 */
export function relatedAggregates(context: Context, node: ExpressionNode): ExpressionNode {
  const { meta } = context
  const isWide = (inner: ExpressionNode, depth: number) =>
    isPathAt(inner, depth) && widePart(meta, inner.path).length > 0
  const done = transformExpression(node, (copy, original, depth) => {
    if (original.kind === 'parameter' || original.kind === 'list') return original
    if (!isAggregate(original) || !holdsItself(original, (inner) => isWide(inner, depth))) return copy
    return { kind: 'subquery', query: aggregateOf(context, original, depth) }
  })
  someInside(done, (inner, depth) => isWide(inner, depth) && refuseWide(meta, inner as ColumnNode))
  return done
}

/** Whether an aggregate contains such a node outside of other aggregates. */
function holdsItself(node: ExpressionNode, test: (node: ExpressionNode) => boolean): boolean {
  return childrenOf(node).some((child) => !isAggregate(child) && (test(child) || holdsItself(child, test)))
}

function refuseWide(meta: ModelMetadata, { path = [] }: ColumnNode): never {
  const shown = `c.${path.join('.')}`
  throw new UsageError(
    `"${meta.name}": ${shown} goes through a to-many relation, so it is not a single value. Use it in an aggregate, fn.sum(${shown}.price) or fn.count(${shown}), or write the condition as an object, { '${path.join('.')}.…': … }, which or() and and() take too.`,
  )
}

function aggregateOf(context: Context, call: CallNode, level: number): SelectNode {
  const { meta } = context
  const chain = longestOf(pathsIn(meta, call, level))
  const valued = longestOf(call.args.flatMap((each) => pathsIn(meta, each, level)))
  if (valued.length > 0 && valued.length < chain.length) refuseLonger(call, valued, chain)
  const [name = '', ...rest] = chain
  const relation = relationOf(meta, name)
  const { target } = relation
  const pairs = rest.length === 0 ? countedPairs(relation, call, level) : null
  if (pairs !== null) return pairs
  const rows = context.relatedRows(name, level + 1)
  const expression = insideOf(name, call, level)
  const selections = [{ kind: 'selection', expression, alias: null, type: call.type }] as const
  return joinPaths(target, { ...rows, selections }, rest)
}

/** The paths to many rows in an aggregate. */
function pathsIn(meta: ModelMetadata, node: ExpressionNode, level: number): (readonly string[])[] {
  const paths: (readonly string[])[] = []
  someInside(node, (inner, depth) => {
    if (depth === 0 && inner !== node && isAggregate(inner)) refuseNested()
    if (isPathAt(inner, level + depth)) paths.push(widePart(meta, inner.path))
    return false
  })
  return paths
}

/** A filter with a longer path would count a value once for each row at the end of that path. */
function refuseLonger({ name }: CallNode, valued: readonly string[], longer: readonly string[]): never {
  throw new UsageError(
    `${name}() over the rows of "${valued.join('.')}" can't have a filter or an order by those of "${longer.join('.')}": a row with several of them would count several times. Use withCount() or withSum() with { where: (q) => q.whereHas('${longer.slice(valued.length).join('.')}') }.`,
  )
}

/** The number of related rows, if the rows of the join table can be counted instead. Else null. */
function countedPairs(relation: RelationMetadata, call: CallNode, level: number): SelectNode | null {
  const { name, filter, over, distinct, args } = call
  const [counted] = args
  if (name !== 'count' || filter !== undefined || over !== undefined || counted?.kind !== 'column') return null
  if (counted.path?.length !== 1 || (counted.level ?? 0) !== level) return null
  const { through, target } = relation
  const [far] = through?.far ?? []
  if (far === undefined || counted.name !== target.primaryKey[0]?.column) return null
  const counts: typeof args = distinct ? [{ ...columnOf(far), table: VIA }] : []
  const expression = { ...call, args: counts }
  return pairsOf(relation, [{ kind: 'selection', expression, alias: null, type: call.type }], level + 1)
}

/** The longest path. All others must be the beginning of it. */
function longestOf(paths: readonly (readonly string[])[]): readonly string[] {
  const longest = paths.reduce((one, other) => (other.length > one.length ? other : one), [])
  const other = paths.find((path) => path.some((name, i) => name !== longest[i]))
  if (other !== undefined)
    throw new UsageError(
      `An aggregate over related rows is about the rows of one path, not about those of "${longest.join('.')}" and "${other.join('.')}".`,
    )
  return longest
}

function refuseNested(): never {
  throw new UsageError(
    "An aggregate over related rows can't have another aggregate inside. Name the inner one with annotate(), and use the name.",
  )
}

/**
 * The aggregate inside the subquery: the columns of the related rows belong to the subquery itself, and all other columns are
 * one level further out. `level` is that of the query that the relation belongs to.
 */
function insideOf(name: string, call: CallNode, level: number): ExpressionNode {
  return transformExpression(call, (copy, original, depth) => {
    if (original.kind === 'parameter' || original.kind === 'list') return original
    if (original.kind !== 'column' && original.kind !== 'annotation') return copy
    const at = original.level ?? 0
    if (original.scope !== undefined || at < depth) return original
    if (original.kind === 'column' && at - depth === level && original.path?.[0] === name)
      return ownOf(original as PathColumn, depth)
    // under a table's name it is found by that
    const isNamed = original.kind === 'column' && original.table !== null && original.level === undefined
    return isNamed ? original : { ...original, level: at + 1 }
  })
}

function ownOf({ path, ...column }: PathColumn, depth: number): ColumnNode {
  const rest = path.slice(1)
  return { ...column, path: rest.length > 0 ? rest : undefined, level: depth > 0 ? depth : undefined }
}
