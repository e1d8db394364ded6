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
  | 'array'
  | 'number'

/** How another program stores the values in a SQLite file. */
export interface Storage {
  /** `milliseconds`, `numeric`, `hex` and so on. The possible forms depend on the type. */
  readonly form: string
  /** The time zone that follows a date-time as text. */
  readonly zone?: string
  /** The fraction digits of a date-time as text. */
  readonly digits?: number
  /** If true, a fraction of zeros is left out; with `zeros`, trailing zeros are. */
  readonly trim?: boolean | 'zeros'
  /** The texts for true and false. */
  readonly words?: readonly [yes: string, no: string]
}

/** The type of a value, independent of the database. The dialect decides how it is stored, written and read. */
export interface DataType {
  readonly name: DataTypeName
  /** The maximum characters of a `string` or `char`; the dimensions of a `vector`. */
  readonly length?: number
  /** Digits of `decimal`; fraction digits of `dateTime` and `time`. */
  readonly precision?: number
  /** Digits after the point of a `decimal`. */
  readonly scale?: number
  /** The number is computed and may have more digits than a column of the type. */
  readonly computed?: boolean
  /** The value is compared with decimals of this type, and may have this many digits after the point. */
  readonly compared?: number
  /** The values of an `enum`. */
  readonly values?: readonly (string | number)[]
  /** The database generates the number of new rows. */
  readonly autoIncrement?: boolean
  /** SQLite may give the number of a deleted last row to a new one. */
  readonly reuse?: boolean
  /** A column type that the user wrote, used unchanged. */
  readonly sql?: string
  /** Its values are secret: they are not compared, and nothing shows them. */
  readonly secret?: 'password' | 'encrypted'
  /** How another program stores it; undefined means corm's own form. */
  readonly storage?: Storage
  /** What an `array` consists of. */
  readonly element?: ElementType
}

/** The type of the elements of an array. */
export interface ElementType {
  readonly dataType: DataType
  readonly nullable: boolean
  /** Returns the canonical value, or calls `refuse`. */
  check(value: unknown, refuse: (code: string, message: string) => never): unknown
  readonly load: ValueType['load']
  cast?(value: unknown): unknown
}

/** Types whose values are texts of any content. */
export const TEXT_TYPES: ReadonlySet<DataTypeName> = new Set<DataTypeName>(['string', 'text', 'char'])

/** Whether a column of the type holds whole numbers. */
export const holdsIntegers = ({ name }: DataType): boolean =>
  name === 'integer' || name === 'bigInteger' || name === 'smallInteger'

/**
 * The type of bound values. Fields are value types.
 * Canonical values, which dialects store and return: integers as number, `bigInteger` as bigint, `float` as number,
 * `decimal` as its digits with the full scale, `boolean`, texts, `uuid` and `enum` unchanged, `json` as JSON text, `date`
 * as `YYYY-MM-DD`, `time` as `HH:MM:SS[.f…]` without trailing zeros, `dateTime` as Date, or with a precision above 3 as
 * `YYYY-MM-DD HH:MM:SS.ffffff` in UTC, `binary` as Uint8Array, `vector` as Float32Array, `array` as a list of canonical
 * values and nulls.
 * `number` is not the type of a column. It is a plain finite number in arithmetic, bound so that decimals stay exact and
 * integers stay integers.
 */
export interface ValueType {
  readonly dataType: DataType
  /** Returns the canonical value, or throws a ValidationError. */
  check(value: unknown): unknown
  /** Throws the ValidationError for a value that this database can't store. */
  refuse(code: string, message: string): never
  /** The column of a table if it is the type of one. */
  readonly column: string | undefined
  /** Canonical value → the value that instances hold; null means no conversion. */
  readonly load: ((canonical: unknown) => unknown) | null
  /** null is a value of the type itself (JSON null in a NOT NULL column), not SQL NULL. */
  readonly nullIsValue: boolean | undefined
  /** The columns of a translated field, in an order that depends on the current language. */
  readonly languages: Languages | undefined
}

/** In which order the columns of a translated field are looked at. */
export interface Languages {
  /** Equal for equal orders. */
  key(): string
  /** The places of the columns. */
  order(): readonly number[]
  /** Each order has an index. */
  readonly indexed: boolean
}

const computed = new WeakMap<ValueType, ValueType>()

/** The type of values computed from this one. They have corm's own form, whatever the storage of the column. */
export function ownForm(type: ValueType): ValueType {
  if (type.dataType.storage === undefined) return type
  return memo(computed, type, withoutStorage)
}

function withoutStorage(type: ValueType): ValueType {
  const { storage: _, ...dataType } = type.dataType
  // if the type is a field, its kind and options must be kept too
  const { kind, options }: ValueType & { readonly kind?: object; readonly options?: unknown } = type
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
    languages: undefined,
  }
}

const elements = new WeakMap<ValueType, ValueType>()

/** The type of one element of an array, whose values are refused as those of the array are. */
export function elementOf(type: ValueType): ValueType | null {
  return type.dataType.element === undefined ? null : memo(elements, type, elementType)
}

function elementType(type: ValueType): ValueType {
  const element = type.dataType.element as ElementType
  const refuse = (code: string, message: string): never => type.refuse(code, message)
  const kind = { cast: element.cast }
  return {
    ...{ kind },
    dataType: element.dataType,
    column: type.column,
    nullIsValue: undefined,
    load: element.load,
    check: (value) => element.check(value, refuse),
    refuse,
    languages: undefined,
  }
}
