import type { DataType, ValueType } from '../ast/data-type.js'
import { ValidationError } from '../errors.js'
import { own } from '../util/own.js'
import { dateKind, dateTimeKind } from './date.js'
import { jsonKind } from './json.js'
import type { FieldKind, Refuse } from './kind.js'
import { anyNumberKind, bigIntegerKind, booleanKind, countKind, floatKind, integerKind, wholeKind } from './number.js'
import { textKind } from './string.js'

/** The type of a value without a field, such as the result of a function or an operand. */
export class PlainType implements ValueType {
  readonly dataType: DataType
  readonly kind: FieldKind
  readonly column = undefined
  readonly load: FieldKind['load']
  readonly nullIsValue = undefined
  readonly languages = undefined

  constructor(kind: FieldKind) {
    this.dataType = own(kind.dataType)
    this.kind = own({ ...kind, dataType: this.dataType })
    this.load = this.kind.load
  }

  check(value: unknown): unknown {
    return this.kind.check(value, this.refuse)
  }

  readonly refuse: Refuse = (code, message) => {
    throw new ValidationError('query', [{ path: 'value', code, message }])
  }
}

export const plainTypes = {
  /** Counts and sums of integers. They are read as numbers, and refused beyond 2^53. */
  count: new PlainType(countKind),
  /** Results of integer arithmetic, which may be larger than any integer field allows. */
  computed: new PlainType({ ...countKind, dataType: { name: 'integer', computed: true } }),
  integer: new PlainType(integerKind('integer')),
  /** A whole number in arithmetic with integers. */
  whole: new PlainType(wholeKind),
  bigInteger: new PlainType(bigIntegerKind()),
  float: new PlainType(floatKind(false, false)),
  number: new PlainType(anyNumberKind),
  text: new PlainType(textKind({ name: 'text' }, {})),
  boolean: new PlainType(booleanKind),
  json: new PlainType(jsonKind(false)),
  date: new PlainType(dateKind),
  dateTime: new PlainType(dateTimeKind(3, null)),
}
