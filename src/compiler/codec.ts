import type { ValueType } from '../ast/data-type.js'

/** How a database stores one data type: converts between canonical values (`ValueType.check`) and the values of the driver. */
export interface Codec {
  /** The column type, for DDL and for casts of parameters. */
  readonly columnType: string
  /** Canonical value → bound value; null means no conversion. Never called with null. */
  readonly encode: ((value: unknown) => unknown) | null
  /** Driver's value → canonical value, or throws a StoredValueError; null means no conversion. Never called with null. */
  readonly decode: ((raw: unknown) => unknown) | null
  /**
   * For generated hydrators: a JavaScript condition that is true if a driver's value is already canonical and not NULL.
   * `name` returns the name of a helper function in the generated code.
   */
  readonly plain: ((raw: string, name: (helper: unknown) => string) => string) | undefined
  /** The same for date-times: an expression for the milliseconds since 1970, NaN if the slow path has to decide. */
  readonly time: ((raw: string, name: (helper: unknown) => string) => string) | undefined
  /**
   * `decode` as a JavaScript expression for generated hydrators. The expression calls `decode` by its name for anything
   * unusual.
   */
  readonly inline: ((raw: string, decode: string) => string) | undefined
  /** Wraps the SQL of the column if the driver would lose precision otherwise. */
  readonly read: ((sql: string) => string) | undefined
}

/**
 * Codecs are made as `{ ...CODEC, columnType, … }`. All members are own properties, so that reading one never looks at
 * Object.prototype.
 */
export const CODEC: Readonly<Pick<Codec, 'plain' | 'time' | 'inline' | 'read'>> = Object.freeze({
  plain: undefined,
  time: undefined,
  inline: undefined,
  read: undefined,
})

/** Checks a value, makes it canonical by its type, and encodes it for the database. NULL passes unchanged. */
export function encoderFor(type: ValueType, codec: Codec): (value: unknown) => unknown {
  const { encode } = codec
  const nullIsValue = type.nullIsValue === true
  if (encode === null) return (value) => (value === null && !nullIsValue ? null : type.check(value))
  return (value) => (value === null && !nullIsValue ? null : encode(type.check(value)))
}
