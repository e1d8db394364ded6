import { memo } from '../util/memo.js'
import { own } from '../util/own.js'

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
  | 'vector'
  | 'number'

/** How another program keeps values in a file of SQLite. */
export interface Storage {
  /** `milliseconds`, `numeric`, `hex` …: what the forms are depends on the type. */
  readonly form: string
  /** What follows a moment as text. */
  readonly zone?: string
  /** Digits of the second of a moment as text. */
  readonly digits?: number
  /** A fraction of zeros is left out; `zeros`: those at its end are. */
  readonly trim?: boolean | 'zeros'
  /** The texts for true and false. */
  readonly words?: readonly [yes: string, no: string]
}

/** What a value is, whatever database keeps it; the dialect says how it is stored, written and read. */
export interface DataType {
  readonly name: DataTypeName
  /** Characters of `string` and `char`; dimensions of a `vector`. */
  readonly length?: number
  /** Digits of `decimal`; fraction digits of `dateTime` and `time`. */
  readonly precision?: number
  /** Digits after the point of a `decimal`. */
  readonly scale?: number
  /** Of a number that is computed, and may have more digits than a column of the type. */
  readonly computed?: boolean
  /** A value that decimals of this type are compared with; it may have so many digits after the point. */
  readonly compared?: number
  /** The values of an `enum`. */
  readonly values?: readonly (string | number)[]
  /** The database numbers new rows itself. */
  readonly autoIncrement?: boolean
  /** A column type written by the user, used as it is. */
  readonly sql?: string
  /** How a program other than corm keeps it; undefined: as corm does. */
  readonly storage?: Storage
}

/** Whether a column of the type holds whole numbers. */
export const holdsIntegers = ({ name }: DataType): boolean =>
  name === 'integer' || name === 'bigInteger' || name === 'smallInteger'

/**
 * What a bound value must be. Fields are value types. Canonical values, which dialects store and give back:
 * integers as number, `bigInteger` as bigint, `float` as number, `decimal` as its digits with the full scale, `boolean`,
 * texts, `uuid`, `enum` as they are, `json` as JSON text, `date` `YYYY-MM-DD`, `time` `HH:MM:SS[.f…]` without trailing
 * zeros, `dateTime` as Date, or with a precision above 3 as `YYYY-MM-DD HH:MM:SS.ffffff` in UTC, `binary` as Uint8Array, `vector` as Float32Array. `number` is no column's type: it is a plain finite number in
 * arithmetic, bound so that decimals stay exact and integers stay integers.
 */
export interface ValueType {
  readonly dataType: DataType
  /** The canonical value, or a ValidationError. */
  check(value: unknown): unknown
  /** Throws the ValidationError of a value that this database can't keep. */
  refuse(code: string, message: string): never
  /** The column of a table that it is the type of. */
  readonly column: string | undefined
  /** Canonical value → what instances hold; null: they are the same. */
  readonly load: ((canonical: unknown) => unknown) | null
  /** null is a value of the type itself (JSON null in a column that is NOT NULL), not SQL NULL. */
  readonly nullIsValue: boolean | undefined
}

const computed = new WeakMap<ValueType, ValueType>()

/** The type of what is computed from values of this one: whatever the column's storage, it has corm's own form. */
export function ownForm(type: ValueType): ValueType {
  if (type.dataType.storage === undefined) return type
  return memo(computed, type, withoutStorage)
}

function withoutStorage(type: ValueType): ValueType {
  const { storage: _, ...dataType } = type.dataType
  // fields know more of their values than dialects ask for
  const { kind, options } = type as ValueType & { readonly kind?: object; readonly options?: unknown }
  const more = kind === undefined ? {} : { kind: { ...kind, dataType }, options }
  const { nullIsValue = false } = type
  return {
    ...more,
    dataType: own(dataType),
    column: undefined,
    nullIsValue,
    load: type.load,
    check: (value) => type.check(value),
    refuse: type.refuse,
  }
}
