import { nodeOf } from '../../ast/brand.js'
import type { ColumnNode, ExpressionNode } from '../../ast/expression.js'
import { UndefinedValueError, UsageError } from '../../errors.js'
import { ModelField } from '../../metadata/model-field.js'
import { valueTypeOf } from './value-type.js'

// Encrypted fields in conditions. The column of the field's blind index finds equal values.

/** The text that the blind index of the field stores for a value, made with the current key. */
export const blindValue = (field: ModelField, value: unknown): unknown =>
  field.kind.blind?.(value, 'current')[0] ?? null

const isEncrypted = (node: ExpressionNode): boolean => valueTypeOf(node)?.dataType.secret === 'encrypted'

/** Refuses an operation that would compare, order or combine encrypted bytes. */
export function refuseEncrypted(node: ExpressionNode, what: string): void {
  if (!isEncrypted(node)) return
  const type = valueTypeOf(node)
  const shown = type instanceof ModelField ? `${type.indexOf ?? type}` : 'A value'
  throw new UsageError(
    `${shown} is encrypted, so the database can't ${what}. It can be found by =, !=, in and not in if it has { index: true }, and tested for null.`,
  )
}

/** The condition that an encrypted field has one of these values. Null if the expression is not encrypted. */
export function encryptedCondition(
  left: ExpressionNode,
  values: readonly unknown[],
  negated: boolean,
): ExpressionNode | null {
  const type = valueTypeOf(left)
  if (!isEncrypted(left)) return null
  const index = type instanceof ModelField ? type.blindIndex : null
  if (left.kind !== 'column' || !(type instanceof ModelField) || index === null) {
    refuseEncrypted(left, 'compare it here')
    return null
  }
  const texts = values.flatMap((value) => textsOf(type, value))
  const operand: ColumnNode = { ...left, name: index.column, type: index }
  const [first] = texts
  if (texts.length === 1)
    return {
      kind: 'comparison',
      operator: negated ? '!=' : '=',
      left: operand,
      right: { kind: 'parameter', type: index, value: first },
    }
  return { kind: 'in', operand, list: { kind: 'list', type: index, values: texts }, negated }
}

function textsOf(field: ModelField, value: unknown): readonly string[] {
  if (value === undefined)
    throw new UndefinedValueError(`The condition on ${field} has the value undefined. Leave the condition out.`)
  if (typeof value === 'object' && value !== null && (nodeOf(value) !== undefined || 'toSubquery' in value))
    throw new UsageError(`${field} is encrypted, so it is only compared with values, not with expressions and queries.`)
  return field.kind.blind?.(value, 'all') ?? []
}
