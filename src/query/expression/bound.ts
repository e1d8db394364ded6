import { UsageError } from '../../errors.js'
import { decimalText, isFiniteDecimal, isLong, isTooLong } from '../../field/digits.js'
import { describe } from '../../field/kind.js'

/** Checks a value that belongs to no field. Refuses what fields refuse, and what a database would store as another value. */
export function boundValue(value: unknown, what: string): unknown {
  const problem = problemOf(value)
  if (problem !== null) throw new UsageError(`${what} ${problem}.`)
  return isFiniteDecimal(value) ? decimalText(value) : value
}

function problemOf(value: unknown): string | null {
  switch (typeof value) {
    case 'string':
      return value.isWellFormed() ? null : 'has an invalid Unicode character (half of a surrogate pair)'
    case 'number':
      return Number.isFinite(value)
        ? null
        : `is ${value}, which databases do not have as a number. Give null, or leave it out`
    case 'bigint':
      // don't put the digits into the message: writing them out would take minutes
      return isTooLong(value) ? 'has more digits than a number of any database' : null
    case 'boolean':
      return null
    case 'object':
      return value === null ? null : problemOfObject(value)
    default:
      return `is ${describe(value)}, which is no value of a database`
  }
}

function problemOfObject(value: object): string | null {
  try {
    if (value instanceof Uint8Array) return null
    if (value instanceof Date) return Number.isNaN(Date.prototype.getTime.call(value)) ? 'is an invalid Date' : null
    if (isFiniteDecimal(value)) return isLong(value) ? 'has more digits than a number of any database' : null
  } catch {
    // a revoked proxy, or an object that only looks like a Date
    return 'is an object that can not be read'
  }
  return 'is a list or an object. Bind single values; join lists with sql.join()'
}
