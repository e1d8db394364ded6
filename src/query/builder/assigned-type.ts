import { type DataType, type DataTypeName, type ElementType, TEXT_TYPES, type ValueType } from '../../ast/data-type.js'
import type { CastTarget, ExpressionNode } from '../../ast/expression.js'
import { UsageError } from '../../errors.js'
import { ModelField } from '../../metadata/model-field.js'
import { holdsElements } from '../expression/array-types.js'
import { valueTypeOf } from '../expression/value-type.js'

// Databases convert differently what an expression gives to the type of a column, and some store it as it is. A row that holds a
// text in a column of dates can't be read.

const NUMBERS: ReadonlySet<DataTypeName> = new Set([
  'smallInteger',
  'integer',
  'bigInteger',
  'float',
  'decimal',
  'number',
])
/** The targets of `cast()`. */
const CASTS: ReadonlyMap<DataTypeName, CastTarget> = new Map([
  ['integer', 'integer'],
  ['bigInteger', 'bigInteger'],
  ['float', 'float'],
  ['date', 'date'],
  ['string', 'text'],
  ['text', 'text'],
  ['char', 'text'],
])

/** Refuses an expression whose values the column can't hold, or would hold in a form that can't be read. */
export function refuseOtherType(field: ModelField, node: ExpressionNode): void {
  const type = valueTypeOf(node)
  // nothing is known of the user's own SQL
  if (type === null) return
  const given = type.dataType
  const { element } = field.dataType
  if (element !== undefined || given.element !== undefined) return refuseOtherArray(field, element, given.element)
  if (field.dataType.sql !== undefined || given.sql !== undefined) return
  if (!isOfKind(field.dataType, given))
    throw new UsageError(
      `${field} is of type ${field.dataType.name}, so it can't be set to an expression of type ${given.name}. Set it to a value, or to an expression of its type${castHint(field.dataType)}.`,
    )
  if (hasForm(field) && !isSameForm(field, type))
    throw new UsageError(
      `${field} is a ${field.descriptor.type} field, so it can't be set to an expression of other texts. Set it to a value, or to another field of this kind.`,
    )
}

function castHint({ name }: DataType): string {
  const to = CASTS.get(name)
  return to === undefined ? '' : `, such as c.field.cast('${to}')`
}

function isOfKind(type: DataType, given: DataType): boolean {
  if (type.name === given.name) return type.name !== 'vector' || type.length === given.length
  if (NUMBERS.has(type.name)) return NUMBERS.has(given.name) || isNumberEnum(given)
  if (TEXT_TYPES.has(type.name)) return TEXT_TYPES.has(given.name) || given.name === 'uuid' || given.name === 'enum'
  // the constraint of an enum refuses other values
  if (type.name === 'enum') return isNumberEnum(type) ? NUMBERS.has(given.name) : TEXT_TYPES.has(given.name)
  return false
}

const isNumberEnum = ({ name, values }: DataType): boolean => name === 'enum' && typeof values?.[0] === 'number'

/** Whether its texts are read into something else, such as a country or the hash of a password. A custom field knows its texts. */
const hasForm = ({ dataType, kind, descriptor }: ModelField): boolean =>
  TEXT_TYPES.has(dataType.name) && kind.load !== null && descriptor.type !== 'custom'

const isSameForm = (field: ModelField, type: ValueType): boolean =>
  type.load === field.load || (type instanceof ModelField && type.descriptor.type === field.descriptor.type)

/** Refuses an array for a field of another type, and an expression that is no array of the field's elements. */
function refuseOtherArray(field: ModelField, element?: ElementType, given?: ElementType): void {
  if (element === undefined) throw new UsageError(`${field} is no array, so it can't be set to one.`)
  if (given === undefined) throw new UsageError(`${field} is an array, so it can't be set to a single value.`)
  if (!holdsElements(element, given))
    throw new UsageError(`${field} has elements of another type than the array that it is set to.`)
  if (given.nullable && !element.nullable)
    throw new UsageError(
      `The elements of ${field} must not be null, and those of the array that it is set to may be. Declare them in the same way.`,
    )
}
