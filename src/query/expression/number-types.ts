import { holdsIntegers, type ValueType } from '../../ast/data-type.js'
import { decimalKind } from '../../field/number.js'
import { PlainType, plainTypes } from '../../field/plain-type.js'

// Of what type computed numbers are.

/** Digits that a sum may have: as many as databases keep for one; a scaled 64-bit integer stays one. */
const SUM_DIGITS = 65

/** A sum keeps the type of what is summed; integers may grow beyond their column. */
function sumType(type: ValueType | null): ValueType {
  switch (type?.dataType.name) {
    case 'decimal': {
      const { precision = 18, scale = 0 } = type.dataType
      return new PlainType(decimalKind(precision <= 18 ? 18 : SUM_DIGITS, scale, decimalForm(type)))
    }
    case 'bigInteger':
      return type
    case 'float':
    case 'number':
      return plainTypes.float
    default:
      return plainTypes.count
  }
}

const decimalForm = (type: ValueType) =>
  ((type as { options?: { as?: 'string' | 'number' } }).options?.as ?? 'decimal') as 'decimal'

const sumTypes = new WeakMap<ValueType, ValueType>()

/** One type object per summed type: types are part of a query's shape. */
export function keptSumType(type: ValueType | null): ValueType {
  if (type === null) return sumType(type)
  let kept = sumTypes.get(type)
  if (kept === undefined) sumTypes.set(type, (kept = sumType(type)))
  return kept
}

const isDecimal = (type: ValueType | null) => type?.dataType.name === 'decimal'

/** The decimal with the most digits after the point: what several are brought to. */
export function finestDecimal(types: readonly (ValueType | null)[]): ValueType | null {
  const digits = (type: ValueType) => type.dataType.scale ?? 0
  let finest: ValueType | null = null
  for (const type of types)
    if (type !== null && isDecimal(type) && (finest === null || digits(type) > digits(finest))) finest = type
  return finest
}

/** A decimal stays one beside integers; a quotient of integers, or an integer beside any number, may be a fraction. */
export function arithmeticType(operator: string, a: ValueType | null, b: ValueType | null): ValueType | null {
  const decimal = a === null || isDecimal(a) || holdsIntegers(a.dataType) ? finestDecimal([a, b]) : null
  // a product has more digits than its factors
  if (decimal !== null) return operator === '*' || operator === '/' ? keptSumType(decimal) : decimal
  if (a === null || !holdsIntegers(a.dataType)) return a ?? b
  const two = b?.dataType.name
  return operator === '/' || two === 'float' || two === 'number' ? plainTypes.number : a
}
