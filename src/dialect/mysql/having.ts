import { isAggregate } from '../../ast/aggregate.js'
import { CALL } from '../../ast/bases.js'
import type { ColumnNode, ExpressionNode, SelectNode } from '../../ast/expression.js'
import { transformExpression } from '../../ast/transform.js'

/**
 * The condition on groups. If the select groups by two columns with one name, as `books.name` and `authors.name`, the
 * servers find neither of them in HAVING. A group has one value of each column, so `max` returns the same value.
 */
export function havingOf({ having, groupBy }: SelectNode): ExpressionNode | null {
  if (having === null || groupBy.length < 2) return having
  const names = groupBy.flatMap((key) => (key.kind === 'column' ? key.name : []))
  const shared = new Set(names.filter((name, i) => names.indexOf(name) !== i))
  if (shared.size === 0) return having
  return transformExpression(having, (copy, original, depth) => {
    if (original.kind === 'parameter' || original.kind === 'list' || isAggregate(original)) return original
    const isShared = original.kind === 'column' && shared.has(original.name) && (original.level ?? 0) === depth
    return isShared ? largest(original) : copy
  })
}

const largest = (column: ColumnNode): ExpressionNode => ({
  ...CALL,
  name: 'max',
  args: [column],
  distinct: false,
  type: column.type,
})
