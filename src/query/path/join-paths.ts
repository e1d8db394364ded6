import { bareSelect } from '../../ast/bare-select.js'
import type { ColumnNode, ExpressionNode, SelectNode } from '../../ast/expression.js'
import { ownAlias } from '../../ast/own-alias.js'
import type { JoinNode } from '../../ast/statement.js'
import { transformExpression, transformSelect } from '../../ast/transform.js'
import { someInSelect, someInside } from '../../ast/walk.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import { type RelationMetadata, relationOf } from '../../metadata/relation/resolve.js'
import { at } from '../../util/list.js'
import { shortName } from '../../util/short-name.js'
import { keyOrder } from '../columns/key-order.js'
import { tableOf } from '../columns/table.js'
import { joinTie, tieOf, viaJoin, wideJoins } from '../link/tie.js'

// Turns paths through relations into joins when a statement is assembled. If a unique index shows that a step has at most one row,
// a LEFT JOIN neither drops nor repeats rows. For other steps a subquery reads the first row.

const NO_CHAIN: readonly string[] = []

/**
 * A select whose columns have no paths: the tables they lead to are joined, each once. `chain`: a path whose rows the select is
 * over, each as often as it is reached.
 */
export function joinPaths(meta: ModelMetadata, select: SelectNode, chain = NO_CHAIN): SelectNode {
  if (chain.length === 0 && !someInSelect(select, isPathAt)) return select
  const joins = chainJoins(meta, chain)
  const resolved = transformSelect(select, (copy, original, depth) => {
    if (isValue(original)) return original
    if (!isPathAt(original, depth)) return copy
    const known = original.path.findIndex((name, i) => i >= chain.length || name !== chain[i])
    if (known < 0) return joinedColumn(meta, original, joins)
    const [from, table] = endOf(meta, chain.slice(0, known), joins)
    const path = original.path.slice(known)
    // a select inside may have joined a table of the same name
    if (depth === 0 && isJoinable(from, path)) return joinedColumn(meta, original, joins)
    return { kind: 'subquery', query: queryOf(from, { ...original, path }, table) }
  })
  if (joins.size === 0) return resolved
  const given = resolved.joins ?? []
  // the condition of a join sees the tables before it only; these are of the query's own row and need no other
  const isFirst = select.joins?.some(({ on }) => someInside(on, isPathAt)) === true
  return { ...resolved, joins: isFirst ? [...joins.values(), ...given] : [...given, ...joins.values()] }
}

/** The same for UPDATE and DELETE, which have no joins: a subquery reads the value of a path. */
export function pathsAsQueries(meta: ModelMetadata, node: ExpressionNode): ExpressionNode {
  if (!someInside(node, isPathAt)) return node
  return transformExpression(node, (copy, original, depth) => {
    if (isValue(original)) return original
    return isPathAt(original, depth) ? { kind: 'subquery', query: queryOf(meta, original) } : copy
  })
}

export type PathColumn = ColumnNode & { readonly path: readonly string[] }

/** A path from the row of the select that is `depth` further out. One with a scope belongs to a callback around this one. */
export const isPathAt = (node: ExpressionNode, depth: number): node is PathColumn =>
  node.kind === 'column' && node.path !== undefined && node.scope === undefined && (node.level ?? 0) === depth

/** A plan finds its values by these objects. */
const isValue = (node: ExpressionNode) => node.kind === 'parameter' || node.kind === 'list'

/** Whether a unique index shows that each step has at most one row. */
export function isJoinable(meta: ModelMetadata, path: readonly string[]): boolean {
  let from = meta
  return path.every((name) => {
    const relation = relationOf(from, name)
    from = relation.target
    return relation.unique
  })
}

function joinedColumn(meta: ModelMetadata, column: PathColumn, joins: Joins): ColumnNode {
  const { path, ...rest } = column
  let from = meta
  let table: string | null = null
  path.forEach((name, i) => {
    const relation = relationOf(from, name)
    const key = path.slice(0, i + 1).join('.')
    const join: JoinNode = joins.get(key) ?? joinOf(relation, table, aliasOf(path.slice(0, i + 1), joins))
    joins.set(key, join)
    table = join.source.alias
    from = relation.target
  })
  return { ...rest, path: undefined, table }
}

type Joins = Map<string, JoinNode>

function chainJoins(meta: ModelMetadata, chain: readonly string[]): Joins {
  const joins: Joins = new Map()
  chain.forEach((name, i) => {
    const [from, table] = endOf(meta, chain.slice(0, i), joins)
    const path = chain.slice(0, i + 1)
    const made = wideJoins(relationOf(from, name), aliasOf(path, joins), table, ownAlias(`corm_pivot_${i + 1}`))
    if (made.length > 1) joins.set(`${path.join('.')}.`, at(made, 0))
    joins.set(path.join('.'), at(made, made.length - 1))
  })
  return joins
}

/** The model at the end of a path that is joined, and the name of its table. */
function endOf(meta: ModelMetadata, path: readonly string[], joins: Joins): [ModelMetadata, string | null] {
  const end = path.reduce((from, name) => relationOf(from, name).target, meta)
  return [end, joins.get(path.join('.'))?.source.alias ?? null]
}

function aliasOf(path: readonly string[], joins: ReadonlyMap<string, JoinNode>): string {
  const text = `corm_${path.join('_')}`
  const alias = ownAlias(text)
  const taken = [...joins.values()].some((join) => join.source.alias === alias)
  return taken || shortName(text) !== text ? ownAlias(`corm_join_${joins.size + 1}`) : alias
}

function joinOf(relation: RelationMetadata, from: string | null, alias: string): JoinNode {
  const source = tableOf(relation.target, alias)
  return { kind: 'join', type: 'left', source, on: joinTie(relation, alias, from) }
}

function queryOf(
  meta: ModelMetadata,
  { path: [first = '', ...path], level = 0, ...column }: PathColumn,
  table: string | null = null,
): SelectNode {
  const relation = relationOf(meta, first)
  const { target, through, unique } = relation
  const expression: ColumnNode = { ...column, level: undefined, path: path.length === 0 ? undefined : path }
  return joinPaths(target, {
    ...bareSelect([{ kind: 'selection', expression, alias: null, type: column.type }]),
    from: tableOf(target),
    ...(through && { joins: [viaJoin(relation, through)] }),
    where: tieOf(relation, level + 1, table),
    ...(!unique && { orderBy: keyOrder(target), limit: 1 }),
  })
}

/** The names of columns that a select reads of its own table. */
export function ownColumns(meta: ModelMetadata, select: SelectNode): ReadonlySet<string> | null {
  const names = new Set<string>()
  const unknown = someInSelect(select, (node, depth) => {
    if (node.kind === 'column' && isOwn(node, meta, depth)) names.add(node.name)
    return node.kind === 'raw'
  })
  return unknown ? null : names
}

const isOwn = ({ table, level = 0, scope }: ColumnNode, meta: ModelMetadata, depth: number) =>
  scope === undefined && (table === null ? level === depth : table === meta.table)
