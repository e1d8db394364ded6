import type { ExpressionNode } from '../../ast/expression.js'
import type { AssignmentNode } from '../../ast/statement.js'
import { transformExpression } from '../../ast/transform.js'
import { UnsupportedError } from '../../errors.js'

/**
 * MySQL assigns from left to right and uses new values at once, so a column must be read before it is set. For MariaDB
 * corm sets SIMULTANEOUS_ASSIGNMENT, which follows the standard.
 * https://dev.mysql.com/doc/refman/8.4/en/update.html
 */
export function inReadingOrder(assignments: readonly AssignmentNode[]): AssignmentNode[] {
  const waiting = assignments.map((assignment) => ({ assignment, reads: columnsIn(assignment.value) }))
  const ordered: AssignmentNode[] = []
  while (waiting.length > 0) {
    const next = waiting.findIndex(({ assignment }) =>
      waiting.every((other) => other.assignment === assignment || !other.reads.has(assignment.column)),
    )
    if (next === -1)
      throw new UnsupportedError(
        'An update whose fields are computed from each other',
        'MySQL',
        'Update one field after the other in a transaction.',
      )
    ordered.push(...waiting.splice(next, 1).map(({ assignment }) => assignment))
  }
  return ordered
}

function columnsIn(node: ExpressionNode): Set<string> {
  const names = new Set<string>()
  if (node.kind === 'parameter') return names
  transformExpression(node, (copy) => {
    if (copy.kind === 'column') names.add(copy.name)
    return copy
  })
  return names
}
