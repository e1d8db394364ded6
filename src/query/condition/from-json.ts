import type { DataTypeName, ValueType } from '../../ast/data-type.js'
import type { ModelField } from '../../metadata/model-field.js'
import { isCalendarDay } from '../../util/canonical.js'
import { own } from '../../util/own.js'

/** A day alone is its beginning in UTC, as in JavaScript. */
const ISO = /^(\d{4})-(\d\d)-(\d\d)(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d))?$/i
const DIGITS = /^-?\d{1,19}$/
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/

/** The JSON form of a value (as `toJSON` gives it) as the field's own; anything else as it is, for the field to judge. */
export function fromJson(
  given: Pick<ModelField, 'dataType'> & { readonly kind?: ModelField['kind'] },
  value: unknown,
): unknown {
  const field = given.kind?.plain ?? given
  const { element } = field.dataType
  if (element !== undefined && Array.isArray(value)) return value.map((each) => fromJson(element, each))
  if (typeof value !== 'string') return value
  switch (field.dataType.name) {
    case 'dateTime':
      return momentOf(value) ?? value
    case 'bigInteger':
      return DIGITS.test(value) ? BigInt(value) : value
    case 'binary':
      return value.length % 4 === 0 && BASE64.test(value) ? new Uint8Array(Buffer.from(value, 'base64')) : value
    default:
      return value
  }
}

/** No day is read as another one: the parser takes the 31st of February for one in March. */
function momentOf(text: string): Date | null {
  const [, year, month, day] = ISO.exec(text) ?? []
  if (!isCalendarDay(Number(year), Number(month), Number(day))) return null
  const moment = new Date(text.toUpperCase())
  return Number.isNaN(moment.getTime()) ? null : moment
}

/** Of the types whose values JSON has no form for. */
const FORMS: Readonly<Partial<Record<DataTypeName, string>>> = own({
  dateTime: 'expects a date and time like "2024-05-31T12:00:00Z", or a day like "2024-05-31"',
  bigInteger: 'expects a whole number, or its digits as text',
  binary: 'expects a base64 string',
  vector: 'expects a list of numbers',
})

/** What is wrong with a value of a request, in words for who has sent it: not of classes that only the program knows. */
export function messageFor(type: ValueType, code: string, message: string): string {
  const { name } = type.dataType
  return (code === 'type' && Object.hasOwn(FORMS, name) ? FORMS[name] : undefined) ?? message
}
