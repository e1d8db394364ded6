import type { ExpressionNode } from '../../ast/expression.js'
import type { ModelField } from '../../metadata/model-field.js'
import { columnOf } from '../columns/columns.js'
import { allOf } from './tie.js'

/** That these fields of a row hold one of the keys. */
export function holdsKeys(fields: readonly ModelField[], keys: readonly (readonly unknown[])[]): ExpressionNode {
  const [field, second] = fields
  if (field !== undefined && second === undefined && keys.length > 1) {
    const list = { kind: 'list', type: field, values: keys.map(([value]) => value) } as const
    return { kind: 'in', operand: columnOf(field), list, negated: false }
  }
  const items = keys.map((key) => allOf(fields.map((each, i) => equal(each, key[i]))))
  return items.length === 1 ? (items[0] as ExpressionNode) : { kind: 'logic', operator: 'or', items }
}

const equal = (field: ModelField, value: unknown): ExpressionNode => ({
  kind: 'comparison',
  operator: '=',
  left: columnOf(field),
  right: { kind: 'parameter', type: field, value },
})
