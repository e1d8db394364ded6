import type { DataType, ValueType } from '../ast/data-type.js'
import { memo } from '../util/memo.js'
import { own } from '../util/own.js'
import { decimalParts } from './digits.js'
import type { Refuse } from './kind.js'

/** The digits that every database can compare. */
const DIGITS = 65
const SCALE = 30

const made = new WeakMap<ValueType, ValueType>()

/**
 * The type of a value that a decimal is compared with, which may have more digits than the decimal. Digits beyond the
 * 30th after the point are cut so that the value stays between the same two decimals.
 */
export function comparand(type: ValueType): ValueType {
  if (type.dataType.sql !== undefined || type.dataType.compared !== undefined) return type
  return memo(made, type, (of) => new Comparand(of))
}

class Comparand implements ValueType {
  readonly dataType: DataType
  readonly column = undefined
  readonly load = null
  readonly nullIsValue = undefined
  readonly languages = undefined
  readonly #whole: number
  readonly #scale: number
  /** How many digits after the point are kept. */
  readonly #most: number

  constructor(private readonly type: ValueType) {
    const { precision = 18, scale = 0 } = type.dataType
    this.#whole = Math.max(precision - scale, DIGITS - SCALE)
    this.#scale = scale
    this.#most = DIGITS - this.#whole
    this.dataType = own({ ...type.dataType, compared: this.#most })
  }

  check(value: unknown): string {
    const { negative, whole, fraction } = decimalParts(value, this.refuse)
    const most = this.#most
    const isExact = most > this.#scale
    let [before, after] = [whole, fraction]
    if (whole.length > this.#whole) {
      if (!isExact) return this.refuse('range', `has more than ${this.#whole} digits before the point`)
      // larger than every value of the field
      before = '9'.repeat(this.#whole)
      after = '9'.repeat(most)
    } else if (fraction.length > most) {
      if (!isExact) return this.refuse('scale', `has more than ${most} digits after the point`)
      after = fraction.slice(0, most)
      if (/^0*$/.test(after.slice(this.#scale))) after = `${after.slice(0, -1)}1`
    }
    const digits = after.padEnd(this.#scale, '0')
    const sign = negative && /[1-9]/.test(before + digits) ? '-' : ''
    return `${sign}${before || '0'}${digits === '' ? '' : `.${digits}`}`
  }

  readonly refuse: Refuse = (code, message) => this.type.refuse(code, message)
}
