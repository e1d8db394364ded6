import type { ValueType } from '../../ast/data-type.js'
import type { ExpressionNode } from '../../ast/expression.js'
import { isCondition, typeOf } from '../../ast/type-of.js'
import { plainTypes } from '../../field/plain-type.js'

/** The type of an expression's value, null if it is not known. Conditions are boolean. */
export function valueTypeOf(node: ExpressionNode): ValueType | null {
  if (isCondition(node)) return plainTypes.boolean
  return node.kind === 'concat' ? plainTypes.text : typeOf(node)
}
