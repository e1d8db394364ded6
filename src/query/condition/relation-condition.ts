import type { ExpressionNode } from '../../ast/expression.js'
import { UndefinedValueError, UsageError } from '../../errors.js'
import { type RelationMetadata, relationOf } from '../../metadata/resolve-relation.js'
import { columnOf } from '../columns/columns.js'
import type { Context } from '../columns/context.js'
import { comparisonNode, inNode } from '../expression/expression.js'
import { isOperatorValue } from '../expression/operators.js'

/** `where('author', author)`: a relation to one row is, or is not, this instance; null: there is none. */
export function relationCondition(context: Context, name: string, operator: unknown, value: unknown): ExpressionNode {
  const relation = relationOf(context.meta, name)
  const shown = `"${relation.source.name}.${name}"`
  if (relation.many) throw new UsageError(`${shown} leads to many rows. Ask whereHas('${name}', q => q.whereKey(…)).`)
  if (value === undefined)
    throw new UndefinedValueError(`The condition on ${shown} has the value undefined. Leave it out, or use null.`)
  if (isOperatorValue(value) || !OPERATORS.has(operator))
    throw new UsageError(`The relation ${shown} can be compared with instances by = != in and not in.`)
  const negated = operator === '!=' || operator === 'not in'
  const lists = operator === 'in' || operator === 'not in'
  if (value === null && !lists) return hasNone(context, relation, negated)
  const operand = columnOf(relation.sourceKey)
  if (lists) {
    if (!Array.isArray(value)) throw new UsageError(`The condition on ${shown} takes a list of instances.`)
    return inNode(
      operand,
      value.map((one) => keyIn(one, relation)),
      negated,
    )
  }
  return comparisonNode(operand, negated ? '!=' : '=', keyIn(value, relation))
}

const OPERATORS: ReadonlySet<unknown> = new Set(['=', '!=', 'in', 'not in'])

/** The row of a key that points nowhere is there for the model that holds the key; else it must be looked for. */
function hasNone(context: Context, relation: RelationMetadata, negated: boolean): ExpressionNode {
  if (relation.type === 'belongsTo') return { kind: 'nullTest', operand: columnOf(relation.sourceKey), negated }
  const exists = context.related(relation.name, (query) => query)
  return negated ? exists : { kind: 'not', item: exists }
}

function keyIn(value: unknown, { target, targetKey, source, name }: RelationMetadata): unknown {
  if (!(value instanceof target.model))
    throw new UsageError(
      `The condition on the relation "${source.name}.${name}" takes an instance of "${target.name}", or null. Compare a key with its field.`,
    )
  const key = (value as Record<string, unknown>)[targetKey.name]
  if (key !== null && key !== undefined) return key
  throw new UsageError(`The "${target.name}" in the condition on "${source.name}.${name}" has no key. Save it first.`)
}
