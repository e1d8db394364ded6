import type { Decimal } from 'decimal.js'
import type { VectorInput } from './call-options.js'
import type { Sql } from './expression.js'
import type { Field } from './field.js'
import type {
  BigIntegerRules,
  BooleanStorage,
  DateStorage,
  DateTimeRules,
  DecimalInput,
  DecimalRules,
  DefaultValue,
  FieldOptions,
  FloatRules,
  ForeignKeyRules,
  JsonNullValue,
  JsonOptions,
  KeyType,
  KeyValue,
  Mistake,
  MorphFieldOptions,
  SoftDeleteOptions,
  StringRules,
  UuidRules,
  VectorOptions,
} from './field-options.js'

/** What these options say of a field; `Filled`: it is filled in, `Stamped`: on each write. */
// true unless it is known to be false: a `boolean` that is not written in the call may be either
export type Marks<
  Nullable,
  Default,
  DbDefault,
  Generated,
  Guarded,
  Key,
  Always = never,
  Filled = false,
  Stamped = false,
> = Some<
  | Always
  | (Mistake extends Nullable ? never : Nullable extends false ? never : 'null' | 'optional')
  | ([Default, DbDefault] extends [never, never] ? never : 'optional')
  | (Mistake extends Generated ? never : [Generated] extends [never] ? never : 'optional' | 'generated')
  | (Mistake extends Guarded ? never : Guarded extends false ? never : 'guarded')
  | (Mistake extends Key ? never : Key extends false ? never : 'pk')
  | ([Filled] extends [true] ? 'optional' : never)
  | (Mistake extends Stamped ? never : Stamped extends false ? never : 'optional' | 'guarded')
>
type Some<Facts> = [Facts] extends [never] ? '' : Facts

/** Makes fields whose value is `T`; `Rules` are the options that others do not have. */
export type Maker<T, I, Rules = unknown, Always = never> = <
  N extends boolean | Mistake = false,
  D extends DefaultValue<T> = never,
  B extends T | Sql = never,
  E extends Sql | Mistake = never,
  G extends boolean | Mistake = false,
  P extends boolean | Mistake = false,
>(
  options?: FieldOptions<T, N, D, B, E, G, P> & Rules,
) => Field<T, I, Marks<N, D, B, E, G, P, Always>>

// what `as` or `key` says; all of it where it is not known until it runs
type BigOut<As> = [As] extends [never] ? bigint : As extends 'number' ? number : string
type BigIn<As> = 'string' extends As ? bigint | number | string : bigint | number
type DecimalOut<As> = [As] extends [never] ? Decimal : As extends 'string' ? string : number

type JsonGiven<T> = { default: T | (() => T) } | { dbDefault: T | Sql }

type KeyNamed<Key> = Key extends 'bigint' ? bigint : Key extends 'uuid' | 'string' ? string : number

type MorphFields<P extends string, Key, N> = {
  readonly [K in `${P}Id`]: Field<KeyNamed<Key>, KeyNamed<Key>, 'fk' | NullableMark<N>>
} & { readonly [K in `${P}Type`]: Field<string, string, 'fk' | NullableMark<N>> }
type NullableMark<N> = Mistake extends N ? never : N extends false ? never : 'null' | 'optional'

/** A list of texts, a TypeScript enum, or an `as const` object. */
export type EnumSource = readonly string[] | Readonly<Record<string, string | number>>

type EnumValue<V> = V extends readonly (infer S)[] ? S : V[keyof V]

/** What `decode` of a custom field receives, by the built-in type that its column has. */
export interface StoredValues {
  smallInteger: number
  integer: number
  bigInteger: bigint
  float: number
  decimal: string
  boolean: boolean
  string: string
  text: string
  uuid: string
  json: unknown
  date: string
  time: string
  dateTime: Date
  binary: Uint8Array
}

/** How a custom field type is stored. */
// one for each type of column, so that `type` says what `decode` receives
export type CustomField<T, I = T> = { [Type in keyof StoredValues]: CustomFieldOver<Type, T, I> }[keyof StoredValues]
/** How a custom field type is stored in columns of this type. */
export interface CustomFieldOver<Type extends keyof StoredValues, T, I> {
  /** The built-in type that the column has. */
  type: Type
  /** The value as the column stores it. */
  encode(value: I): unknown
  /** The value as the instance holds it. */
  decode(raw: StoredValues[Type]): T
  /** The column's type in SQL, when not that of `type`. */
  sql?: string
}

/** Makes fields of a custom type: `price: money({ nullable: true })`. */
export type CustomMaker<T, I = T> = Maker<T, I, unknown, 'number'>

/** The type of `Field`: one maker per kind of field. */
export interface FieldMakers {
  /** An auto-incremented integer key. A model without a key gets `id: Field.id()`. */
  id(options?: { column?: string; description?: string }): Field<number, number, 'optional' | 'id' | 'guarded'>
  /** An auto-incremented 64-bit key: bigint. */
  bigId(options?: {
    column?: string
    description?: string
  }): Field<bigint, bigint | number, 'optional' | 'id' | 'guarded'>
  /** A 16-bit integer. */
  smallInteger: Maker<number, number, unknown, 'number'>
  /** A 32-bit integer. */
  integer: Maker<number, number, unknown, 'number'>
  /** A 64-bit integer: bigint, or what `as` says. */
  bigInteger<
    As extends 'number' | 'string' = never,
    N extends boolean | Mistake = false,
    D extends DefaultValue<bigint | number | string> = never,
    B extends bigint | number | string | Sql = never,
    E extends Sql | Mistake = never,
    G extends boolean | Mistake = false,
    P extends boolean | Mistake = false,
  >(
    options?: FieldOptions<bigint | number | string, N, D, B, E, G, P> & BigIntegerRules<As>,
  ): Field<BigOut<As>, BigIn<As>, Marks<N, D, B, E, G, P, 'number'>>
  /** A double-precision number. NaN and the infinities are refused unless allowed. */
  float: Maker<number, number, FloatRules, 'number'>
  /** An exact decimal number: `Decimal`, or what `as` says. */
  decimal<
    As extends 'number' | 'string' = never,
    N extends boolean | Mistake = false,
    D extends DefaultValue<DecimalInput> = never,
    B extends DecimalInput | Sql = never,
    E extends Sql | Mistake = never,
    G extends boolean | Mistake = false,
    P extends boolean | Mistake = false,
  >(
    options?: FieldOptions<DecimalInput, N, D, B, E, G, P> & DecimalRules<As>,
  ): Field<DecimalOut<As>, DecimalInput, Marks<N, D, B, E, G, P, 'number'>>
  boolean: Maker<boolean, boolean, BooleanStorage>
  /** A text of limited length. */
  string: Maker<string, string, StringRules>
  /** A text of any length. */
  text: Maker<string, string, StringRules>
  /** A text of exactly this length. */
  char<
    N extends boolean | Mistake = false,
    D extends DefaultValue<string> = never,
    B extends string | Sql = never,
    E extends Sql | Mistake = never,
    G extends boolean | Mistake = false,
    P extends boolean | Mistake = false,
  >(length: number, options?: FieldOptions<string, N, D, B, E, G, P>): Field<string, string, Marks<N, D, B, E, G, P>>
  /** A UUID as text; the database's own type where it has one. */
  uuid<
    A extends boolean | Mistake = false,
    N extends boolean | Mistake = false,
    D extends DefaultValue<string> = never,
    B extends string | Sql = never,
    E extends Sql | Mistake = never,
    G extends boolean | Mistake = false,
    P extends boolean | Mistake = false,
  >(
    options?: FieldOptions<string, N, D, B, E, G, P> & UuidRules<A>,
  ): Field<string, string, Marks<N, D, B, E, G, P, never, A>>
  /** One of a fixed set of values, checked by the database as well. */
  enum<
    const V extends EnumSource,
    N extends boolean | Mistake = false,
    D extends DefaultValue<EnumValue<V>> = never,
    B extends EnumValue<V> | Sql = never,
    E extends Sql | Mistake = never,
    G extends boolean | Mistake = false,
    P extends boolean | Mistake = false,
  >(
    values: V,
    options?: FieldOptions<EnumValue<V>, N, D, B, E, G, P>,
  ): Field<EnumValue<V>, EnumValue<V>, Marks<N, D, B, E, G, P>>
  /**
   * Any JSON value, typed: `Field.json<Settings>({ default: { theme: 'dark' } })`.
   * In a nullable field null is SQL's NULL, and `JsonNull` JSON's.
   */
  // an explicit type argument switches off the inference of the options, so overloads distinguish them
  json<T = unknown>(
    options: JsonOptions<T> & { nullable: true; guarded: true },
  ): Field<T, T | JsonNullValue, 'null' | 'optional' | 'guarded'>
  json<T = unknown>(options: JsonOptions<T> & { generated: Sql }): Field<T, T, 'optional' | 'generated'>
  json<T = unknown>(options: JsonOptions<T> & { guarded: true } & JsonGiven<T>): Field<T, T, 'optional' | 'guarded'>
  json<T = unknown>(options: JsonOptions<T> & { guarded: true }): Field<T, T, 'guarded'>
  json<T = unknown>(options: JsonOptions<T> & { nullable: true }): Field<T, T | JsonNullValue, 'null' | 'optional'>
  json<T = unknown>(options: JsonOptions<T> & JsonGiven<T>): Field<T, T, 'optional'>
  json<T = unknown>(options?: JsonOptions<T>): Field<T>
  /** A day as `YYYY-MM-DD`: no time zone, ever. */
  date: Maker<string, string, DateStorage>
  /** A time of day as `HH:MM:SS[.ffffff]`. */
  time: Maker<string, string>
  /** A moment: a Date, stored in UTC. */
  dateTime<
    A extends boolean | Mistake = false,
    AA extends boolean | Mistake = false,
    N extends boolean | Mistake = false,
    D extends DefaultValue<Date> = never,
    B extends Date | 'now' | Sql = never,
    E extends Sql | Mistake = never,
    G extends boolean | Mistake = false,
    P extends boolean | Mistake = false,
  >(
    options?: FieldOptions<Date, N, D, B, E, G, P> & DateTimeRules<A, AA>,
  ): Field<Date, Date, Marks<N, D, B, E, G, P, never, false, A | AA>>
  /**
   * When the row was deleted; null while it is not. `delete()` sets it, `restore()` clears it, and queries leave deleted rows
   * out, unless they say `withTrashed()` or `onlyTrashed()`.
   */
  softDelete(options?: SoftDeleteOptions): Field<Date, Date, 'null' | 'optional' | 'soft' | 'guarded'>
  /** Bytes. */
  binary: Maker<Uint8Array, Uint8Array>
  /**
   * A vector of so many numbers, for `nearest`: `embedding: Field.vector(384, { index: { method: 'hnsw' } })`.
   * It is read as a Float32Array; arrays of numbers are taken too.
   */
  vector<
    N extends boolean | Mistake = false,
    D extends DefaultValue<VectorInput> = never,
    B extends VectorInput | Sql = never,
    E extends Sql | Mistake = never,
    G extends boolean | Mistake = false,
  >(
    dimensions: number,
    options?: VectorOptions<N, D, B, E, G>,
  ): Field<Float32Array, VectorInput, Marks<N, D, B, E, G, false>>
  /**
   * The key of another model's row: `authorId: Field.foreignKey(() => Author)`.
   * The column's type follows the target's key; a `key` that disagrees is a `DefinitionError`.
   */
  foreignKey: ForeignMaker
  /** A foreign key that at most one row may have. */
  oneToOne: ForeignMaker
  /**
   * The two fields of a `morphTo`: `commentableId` holds the key of a row, `commentableType` the name of its model.
   *
   *     class Comment extends Model({ body: Field.text(), ...Field.morphs('commentable') }) { … }
   */
  morphs<const P extends string, K extends KeyType = 'integer', N extends boolean | Mistake = false>(
    name: P,
    options?: MorphFieldOptions<K, N>,
  ): MorphFields<P, K, N>
  /** A maker for fields of a custom type. */
  custom<T, I = T>(definition: CustomField<T, I>): CustomMaker<T, I>
}

/** Makes foreign keys. */
// `object`, not a function type: else the thunk's body is looked at while the class is still being resolved
export type ForeignMaker = <
  K extends KeyType = 'integer',
  N extends boolean | Mistake = false,
  D extends DefaultValue<KeyValue> = never,
  B extends KeyValue | Sql = never,
  E extends Sql | Mistake = never,
  G extends boolean | Mistake = false,
  P extends boolean | Mistake = false,
>(
  target: object,
  options?: FieldOptions<KeyNamed<K>, N, D, B, E, G, P> & ForeignKeyRules<K>,
) => Field<KeyNamed<K>, KeyNamed<K>, Marks<N, D, B, E, G, P, 'fk'>>
