export type DataTypeName =
  | 'smallInteger'
  | 'integer'
  | 'bigInteger'
  | 'float'
  | 'decimal'
  | 'boolean'
  | 'string'
  | 'text'
  | 'char'
  | 'uuid'
  | 'enum'
  | 'json'
  | 'date'
  | 'time'
  | 'dateTime'
  | 'binary'
  | 'number'

/** What a value is, whatever database keeps it; the dialect says how it is stored, written and read. */
export interface DataType {
  readonly name: DataTypeName
  /** Characters of `string` and `char`. */
  readonly length?: number
  /** Digits of `decimal`; fraction digits of `dateTime` and `time`. */
  readonly precision?: number
  /** Digits after the point of a `decimal`. */
  readonly scale?: number
  /** The values of an `enum`. */
  readonly values?: readonly (string | number)[]
  /** The database numbers new rows itself. */
  readonly autoIncrement?: boolean
  /** A column type written by the user, used as it is. */
  readonly sql?: string
}

/** Whether a column of the type holds whole numbers. */
export const holdsIntegers = ({ name }: DataType): boolean =>
  name === 'integer' || name === 'bigInteger' || name === 'smallInteger'

/**
 * What a bound value must be. Fields are value types. Canonical values, which dialects store and give back:
 * integers as number, `bigInteger` as bigint, `float` as number, `decimal` as its digits with the full scale, `boolean`,
 * texts, `uuid`, `enum` as they are, `json` as JSON text, `date` `YYYY-MM-DD`, `time` `HH:MM:SS[.f…]` without trailing
 * zeros, `dateTime` as Date, or with a precision above 3 as `YYYY-MM-DD HH:MM:SS.ffffff` in UTC, `binary` as Uint8Array. `number` is no column's type: it is a plain finite number in
 * arithmetic, bound so that decimals stay exact and integers stay integers.
 */
export interface ValueType {
  readonly dataType: DataType
  /** The canonical value, or a ValidationError. */
  check(value: unknown): unknown
  /** Throws the ValidationError of a value that this database can't keep. */
  refuse(code: string, message: string): never
  /** The column of a table that it is the type of. */
  readonly column?: string
  /** null is a value of the type itself (JSON null in a column that is NOT NULL), not SQL NULL. */
  readonly nullIsValue?: boolean
}
