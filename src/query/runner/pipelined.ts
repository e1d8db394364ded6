import { holdsIntegers } from '../../ast/data-type.js'
import type { ExpressionNode } from '../../ast/expression.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import type { ModelField } from '../../metadata/model-field.js'
import type { RelationMetadata } from '../../metadata/relation/resolve.js'
import { at } from '../../util/list.js'
import type { Shape } from '../shape.js'

// Relations whose query need not wait for the rows of their owners, because it contains the query for the owners' keys.

/** The most rows of a page, or keys of a list. With more, a database may scan a whole table for a few rows. */
const MOST = 100

/** Whether the values of a query that stands for its rows are few enough for that. */
export const namesFew = (values: readonly unknown[]): boolean =>
  values.every((value) => !Array.isArray(value) || value.length <= MOST)

/**
 * Whether a query can represent its rows in another one: it returns the same rows twice within one state of the database, and
 * finds them without looking through others. Conditions are left to the rows themselves: a database may misjudge how many
 * rows meet them, and read a whole table where a few keys would do.
 */
export function standsForRows({ source, shape }: { source: { meta: ModelMetadata }; shape: Shape }): boolean {
  const { meta } = source
  // a model's own scope may be any condition; that of soft deletes holds for most rows
  if (meta.globalScopes.size > 0) return false
  let isOne = false
  let isCut = false
  let order: ExpressionNode | undefined
  for (const { part } of shape.steps()) {
    switch (part.kind) {
      case 'select':
      case 'omit':
      case 'selectAll':
      case 'needs':
      case 'comment':
      case 'all':
      case 'via':
        break
      case 'where':
      case 'around':
        if (!isKey(part.node, meta) || (part.kind === 'where' && part.or)) return false
        isOne ||= part.node.kind === 'comparison'
        break
      case 'order':
        order ??= part.items[0]?.expression
        break
      case 'limit':
        if (typeof part.count !== 'number' || part.count > MOST) return false
        isCut = true
        break
      case 'offset':
        isCut = true
        break
      default:
        return false
    }
  }
  // rows that are equal in the order may change places
  return !isCut || isOne || isColumn(order, meta.primaryKey)
}

function isKey(node: ExpressionNode, meta: ModelMetadata): boolean {
  if (node.kind === 'comparison')
    return node.operator === '=' && isColumn(node.left, meta.primaryKey) && node.right.kind === 'parameter'
  return node.kind === 'in' && !node.negated && isColumn(node.operand, meta.primaryKey) && node.list.kind === 'list'
}

function isColumn(node: ExpressionNode | undefined, [field, second]: readonly ModelField[]): boolean {
  if (node?.kind !== 'column' || field === undefined || second !== undefined) return false
  return node.name === field.column && node.table === null && (node.level ?? 0) === 0 && node.path === undefined
}

/** Whether the database compares the keys of both sides as they are: in SQL there is no codec between. */
export function comparesKeys(relation: RelationMetadata): boolean {
  const { sourceKeys, targetKeys, through } = relation
  const others = through === null ? targetKeys : through.near
  return sourceKeys.every((field, i) => {
    const [a, b] = [field.dataType, at(others, i).dataType]
    return a.name === b.name || (holdsIntegers(a) && holdsIntegers(b))
  })
}
