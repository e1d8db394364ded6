import type { ValueType } from '../../ast/data-type.js'
import type { ColumnNode, ExpressionNode } from '../../ast/expression.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import type { ModelField } from '../../metadata/model-field.js'
import { columnOf } from '../columns/columns.js'
import { allOf, anyOf, equals } from './logic.js'

// Which rows have a key, as SQL.

/** One value for each field of a key. */
export type KeyValues = readonly unknown[]
type TypeOf = (field: ModelField) => ValueType

/** The type of values as callers and instances have them. */
const itself: TypeOf = (field) => field

/** That each column has its value. */
export function columnsHold(columns: readonly ColumnNode[], values: KeyValues): ExpressionNode[] {
  return columns.map((column, i) => equals(column, { kind: 'parameter', type: column.type, value: values[i] }))
}

/** That the fields of a row hold this key. `typeOf`: what its values are checked as. */
export function holdsKey(fields: readonly ModelField[], values: KeyValues, typeOf: TypeOf = itself): ExpressionNode {
  return allOf(
    fields.map((field, i) => equals(columnOf(field), { kind: 'parameter', type: typeOf(field), value: values[i] })),
  )
}

/** That they hold one of these: one list, or for keys of several fields one comparison each. */
export function holdsKeys(
  fields: readonly ModelField[],
  keys: readonly KeyValues[],
  typeOf: TypeOf = itself,
): ExpressionNode {
  if (keys.length === 0) return { kind: 'truth', value: false }
  const [field, second] = fields
  if (field !== undefined && second === undefined && keys.length > 1) {
    const list = { kind: 'list', type: typeOf(field), values: keys.map(([value]) => value) } as const
    return { kind: 'in', operand: columnOf(field), list, negated: false }
  }
  return anyOf(keys.map((values) => holdsKey(fields, values, typeOf)))
}

/** The row with the key that a caller gave. */
export function keyCondition({ primaryKey, key }: ModelMetadata, form: unknown): ExpressionNode {
  return holdsKey(primaryKey, key.read(form))
}

/** The rows with the keys that a caller gave. */
export function keysCondition({ primaryKey, key }: ModelMetadata, forms: readonly unknown[]): ExpressionNode {
  return holdsKeys(
    primaryKey,
    forms.map((form) => key.read(form)),
  )
}
