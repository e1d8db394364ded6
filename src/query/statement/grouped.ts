import type { ColumnNode, ExpressionNode } from '../../ast/expression.js'
import { structureOf } from '../../ast/structure.js'
import { childrenOf } from '../../ast/walk.js'
import { UsageError } from '../../errors.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import { isAggregate } from '../expression/nodes.js'

/**
 * A group is one row, and a field that it is not grouped by has many values there: some databases refuse it, others give any
 * of them. Grouped by the key, a row is the group.
 */
export function refuseUngrouped(
  meta: ModelMetadata,
  keys: readonly ExpressionNode[],
  read: readonly ExpressionNode[],
  what: string,
): void {
  const formOf = (node: ExpressionNode): unknown => formIn(meta, node)
  const forms = new Set(keys.map(formOf))
  const isKey = (column: string) => keys.some((key) => key.kind === 'column' && isOwn(meta, key) && key.name === column)
  const keyed = meta.primaryKey.length > 0 && meta.primaryKey.every(({ column }) => isKey(column))
  const look = (node: ExpressionNode): void => {
    // text of the user's own is theirs, and what stands in a query of its own is not of the group
    if (isAggregate(node) || node.kind === 'raw' || forms.has(formOf(node))) return
    if (node.kind === 'column' && (node.level ?? 0) === 0 && !(keyed && !isOther(meta, node)))
      throw new UsageError(
        `"${[...(node.path ?? []), nameIn(meta, node)].join('.')}" in ${what} is not among what groupBy() groups by, so a group has many of its values. Group by it too, or take it into an aggregate (fn.min, fn.max …).`,
      )
    for (const child of childrenOf(node)) look(child)
  }
  for (const node of read) look(node)
}

/** Two expressions of one form are the same value; what has none (text made at run time) is like no other. */
const formIn = (meta: ModelMetadata, node: ExpressionNode): unknown =>
  node.kind === 'column'
    ? `${node.path?.join('.') ?? ''}:${isOwn(meta, node) ? '' : node.table}:${node.name}`
    : (structureOf([node]).key ?? node)

const isOwn = (meta: ModelMetadata, { table, path }: ColumnNode) =>
  path === undefined && (table === null || table === meta.table)

/** Of a table that is joined by hand: a row may have several. */
const isOther = (meta: ModelMetadata, { table, path }: ColumnNode) =>
  path === undefined && table !== null && table !== meta.table

const nameIn = (meta: ModelMetadata, { name, type }: ColumnNode): string =>
  meta.fieldOfColumn(name)?.name ?? (type as { name?: string } | null)?.name ?? name
