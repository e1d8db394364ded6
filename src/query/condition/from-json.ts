import type { ModelField } from '../../metadata/model-field.js'

const ISO = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/
const DIGITS = /^-?\d{1,19}$/
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/

/** The JSON form of a value (as `toJSON` gives it) as the field's own; anything else as it is, for the field to judge. */
export function fromJson(field: ModelField, value: unknown): unknown {
  if (typeof value !== 'string') return value
  switch (field.dataType.name) {
    case 'dateTime':
      return ISO.test(value) ? new Date(value) : value
    case 'bigInteger':
      return DIGITS.test(value) ? BigInt(value) : value
    case 'binary':
      return value.length % 4 === 0 && BASE64.test(value) ? new Uint8Array(Buffer.from(value, 'base64')) : value
    default:
      return value
  }
}
