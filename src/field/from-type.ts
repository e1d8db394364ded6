import type { DataType, DataTypeName } from '../ast/data-type.js'
import { own } from '../util/own.js'
import { arrayKind } from './array.js'
import { binaryKind } from './binary.js'
import { dateKind, dateTimeKind, timeKind } from './date.js'
import { decimalDigits } from './digits.js'
import { jsonKind } from './json.js'
import type { FieldKind } from './kind.js'
import { bigIntegerKind, booleanKind, decimalKind, floatKind, integerKind } from './number.js'
import { enumKind, textKind, uuidKind } from './string.js'
import { vectorKind } from './vector.js'

type MakeKind = (type: DataType, nullable: boolean) => FieldKind

const limitedText: MakeKind = (type) => textKind(type, type.length === undefined ? {} : { max: type.length })

const KINDS: Readonly<Record<Exclude<DataTypeName, 'number'>, MakeKind>> = own({
  smallInteger: () => integerKind('smallInteger'),
  integer: () => integerKind('integer'),
  bigInteger: () => bigIntegerKind(),
  float: () => floatKind(true, true),
  decimal(type) {
    const { precision, scale } = decimalDigits(type.precision, type.scale)
    return decimalKind(precision, scale, undefined)
  },
  boolean: () => booleanKind,
  string: limitedText,
  text: limitedText,
  char: limitedText,
  uuid: () => uuidKind(false, 4),
  enum: ({ values = [] }) => enumKind(values),
  json: (_, nullable) => jsonKind(nullable),
  date: () => dateKind,
  time: () => timeKind,
  dateTime: ({ precision = 3 }) => dateTimeKind(precision > 6 ? 9 : precision > 3 ? 6 : 3, null),
  binary: () => binaryKind,
  vector: ({ length = 1 }) => vectorKind(length, null),
  array: ({ element }) => {
    if (element === undefined) throw new TypeError('an array without elements')
    const { dataType, nullable } = element
    return arrayKind(
      { kind: kindOfType(dataType), options: { nullable }, dataType },
      { min: undefined, max: undefined },
    )
  },
})

/** The kind of field that holds values of a column of which only its type is known, and whether it takes NULL. */
export function kindOfType(type: DataType, nullable = false): FieldKind {
  if (type.name === 'number') throw new TypeError('no column has this type')
  const kind = own(KINDS[type.name](type, nullable))
  // the elements of an array have functions of their own
  const { element } = own(kind.dataType)
  return own({ ...kind, dataType: element === undefined ? type : own({ ...type, element }) })
}
