import type { DataType, DataTypeName, ElementType } from '../../ast/data-type.js'
import type { ExpressionNode } from '../../ast/expression.js'
import { UsageError } from '../../errors.js'
import type { ModelField } from '../../metadata/model-field.js'
import { valueTypeOf } from '../expression/value-type.js'

// Where arrays are JSON, a column takes whatever an expression gives, and rows that hold something else can't be read.

const TEXTS: ReadonlySet<DataTypeName> = new Set(['string', 'text', 'char'])

/** Refuses an expression that is no array of the field's elements, and an array for a field of another type. */
export function refuseOtherArray(field: ModelField, node: ExpressionNode): void {
  const given = valueTypeOf(node)?.dataType
  // nothing is known of the user's own SQL
  if (given === undefined) return
  const { element } = field.dataType
  if (element === undefined) {
    if (given.element === undefined) return
    throw new UsageError(`${field} is no array, so it can't be set to one.`)
  }
  if (given.element === undefined) throw new UsageError(`${field} is an array, so it can't be set to a single value.`)
  if (!holds(element.dataType, given.element.dataType))
    throw new UsageError(`${field} has elements of another type than the array that it is set to.`)
  if (admitsNull(given.element) && !admitsNull(element))
    throw new UsageError(
      `The elements of ${field} must not be null, and those of the array that it is set to may be. Declare them in the same way.`,
    )
}

const admitsNull = ({ nullable }: ElementType): boolean => nullable

/** Whether elements of a type are stored as those of the other are, and all of them are allowed. */
function holds(type: DataType, given: DataType): boolean {
  if (type.name !== given.name) return TEXTS.has(type.name) && TEXTS.has(given.name)
  const { values } = type
  return values === undefined || (given.values ?? []).every((value) => values.includes(value))
}
