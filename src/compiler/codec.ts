import type { ValueType } from '../ast/data-type.js'

/** How a database stores one data type. Values are canonical (`ValueType.check`) on one side, the driver's on the other. */
export interface Codec {
  /** The column type in DDL, and where a parameter needs a cast. */
  readonly columnType: string
  /** Canonical value → what is bound; null: bound as it is. Never called with null. */
  readonly encode: ((value: unknown) => unknown) | null
  /** What the driver gives → canonical value, or a StoredValueError; null: taken as it is. Never called with null. */
  readonly decode: ((raw: unknown) => unknown) | null
  /**
   * For generated hydrators: the JavaScript condition under which a driver's value is canonical as it is, and not NULL.
   * `name` gives the name that a function has there.
   */
  readonly plain: ((raw: string, name: (helper: unknown) => string) => string) | undefined
  /** The same for moments: an expression of their milliseconds since 1970, NaN for whatever is not plainly right. */
  readonly time: ((raw: string, name: (helper: unknown) => string) => string) | undefined
  /** `decode` as a JavaScript expression, for generated hydrators; `decode` is its name there, for whatever is not plainly right. */
  readonly inline: ((raw: string, decode: string) => string) | undefined
  /** How the column is read when the driver would lose something: wraps its SQL. */
  readonly read: ((sql: string) => string) | undefined
}

/** Codecs are made as `{ ...CODEC, columnType, … }`: each has all members, so that none is read from Object.prototype. */
export const CODEC: Readonly<Pick<Codec, 'plain' | 'time' | 'inline' | 'read'>> = Object.freeze({
  plain: undefined,
  time: undefined,
  inline: undefined,
  read: undefined,
})

/** The full way in: refuse or make canonical by the value's type, then as the database wants it. NULL passes. */
export function encoderFor(type: ValueType, codec: Codec): (value: unknown) => unknown {
  const { encode } = codec
  const nullIsValue = type.nullIsValue === true
  if (encode === null) return (value) => (value === null && !nullIsValue ? null : type.check(value))
  return (value) => (value === null && !nullIsValue ? null : encode(type.check(value)))
}
