import type { EncryptedOptions } from './encryption.js'
import type { Sql } from './expression.js'
import type { AnyField, Field, IN, OUT } from './field.js'
import type { ArrayOptions, DefaultValue, FieldOptions, JsonNullValue, JsonOptions, Mistake } from './field-options.js'

/** The facts of a field that follow from its options. `Filled`: corm fills it in. `Stamped`: corm sets it on each write. */
// true unless it is known to be false: a `boolean` that is not written in the call may be either
export type Marks<
  Nullable,
  Default,
  DbDefault,
  Generated,
  Guarded,
  Key,
  Hidden,
  Lazy,
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
  | Veiled<Hidden, Lazy>
  | ([Filled] extends [true] ? 'optional' : never)
  | (Mistake extends Stamped ? never : Stamped extends false ? never : 'optional' | 'guarded')
>
/** The facts of a field that say whether `toJSON` has it: never if hidden, perhaps if that depends, or if it is lazy. */
export type Veiled<Hidden, Lazy = false> =
  | (Mistake extends Hidden ? never : [Hidden] extends [false] ? never : [Hidden] extends [true] ? 'hidden' : 'unsure')
  | (Mistake extends Lazy ? never : [Lazy] extends [false] ? never : [Lazy] extends [true] ? 'lazy' : 'unsure')
type Some<Facts> = [Facts] extends [never] ? '' : Facts

/** A function that makes fields with values of type `T`. `Rules` are the options that only this kind of field has. */
export type Maker<T, I, Rules = unknown, Always = never> = <
  N extends boolean | Mistake = false,
  D extends DefaultValue<T> = never,
  B extends T | Sql = never,
  E extends Sql | Mistake = never,
  G extends boolean | Mistake = false,
  P extends boolean | Mistake = false,
  H extends boolean | Mistake = false,
  Z extends boolean | Mistake = false,
>(
  options?: FieldOptions<T, N, D, B, E, G, P, H, Z> & Rules,
) => Field<T, I, Marks<N, D, B, E, G, P, H, Z, Always>>

/** The types of the values that `decode` of a custom field receives, by the built-in type of the column. */
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

/** Defines a custom field type: how corm stores and reads its values. */
// one for each type of column, so that `type` says what `decode` receives
export type CustomField<T, I = T> = { [Type in keyof StoredValues]: CustomFieldOver<Type, T, I> }[keyof StoredValues]
/** Defines a custom field type that is stored in columns of this built-in type. */
export interface CustomFieldOver<Type extends keyof StoredValues, T, I> {
  /** The built-in type of the column. */
  type: Type
  /** Converts a value of the instance to the value that the column stores. */
  encode(value: I): unknown
  /** Converts a stored value to the value that the instance holds. */
  decode(raw: StoredValues[Type]): T
  /** The SQL type of the column. Default: that of `type`. */
  sql?: string
}

/** Makes fields of a custom type: `price: money({ nullable: true })`. */
export type CustomMaker<T, I = T> = Maker<T, I, unknown, 'number'>

/** The type of `Field.array`. */
export type ArrayMaker = <
  E extends AnyField,
  N extends boolean | Mistake = false,
  D extends DefaultValue<readonly E[typeof IN][]> = never,
  B extends readonly E[typeof IN][] | Sql = never,
  X extends Sql | Mistake = never,
  G extends boolean | Mistake = false,
  H extends boolean | Mistake = false,
  Z extends boolean | Mistake = false,
>(
  of: E,
  options?: ArrayOptions<E[typeof IN], N, D, B, X, G, H, Z>,
) => Field<E[typeof OUT][], readonly E[typeof IN][], Marks<N, D, B, X, G, false, H, Z>>

type JsonGiven<T> = { default: T | (() => T) } | { dbDefault: T | Sql }
/** The type of `Field.json`. */
export type JsonMaker = (<T = unknown>() => Field<T>) &
  JsonMakerOf<{ hidden: true }, 'hidden'> &
  JsonMakerOf<{ hidden?: false; lazy?: false }, never> &
  JsonMakerOf<{ hidden?: false; lazy: true }, 'lazy'> &
  JsonMakerOf<unknown, 'unsure'>
/** Makers of JSON fields whose options are also `O`. */
// an explicit type argument switches off the inference of the options, so overloads distinguish them
export interface JsonMakerOf<O, Facts> {
  <T = unknown>(
    options: JsonOptions<T> & O & { nullable: true; guarded: true },
  ): Field<T, T | JsonNullValue, 'null' | 'optional' | 'guarded' | Facts>
  <T = unknown>(options: JsonOptions<T> & O & { generated: Sql }): Field<T, T, 'optional' | 'generated' | Facts>
  <T = unknown>(
    options: JsonOptions<T> & O & { guarded: true } & JsonGiven<T>,
  ): Field<T, T, 'optional' | 'guarded' | Facts>
  <T = unknown>(options: JsonOptions<T> & O & { guarded: true }): Field<T, T, 'guarded' | Facts>
  <T = unknown>(
    options: JsonOptions<T> & O & { nullable: true },
  ): Field<T, T | JsonNullValue, 'null' | 'optional' | Facts>
  <T = unknown>(options: JsonOptions<T> & O & JsonGiven<T>): Field<T, T, 'optional' | Facts>
  <T = unknown>(options: JsonOptions<T> & O): Field<T, T, Some<Facts>>
}

/** The type of `Field.encrypted`. */
export interface EncryptedMaker {
  <T, I, Facts, H extends boolean = true>(
    field: Field<T, I, Facts>,
    options: EncryptedOptions<H> & { index: true | 'unique' },
  ): Field<T, I, Some<Exclude<Facts, 'hidden'> | Veiled<H>>>
  <T, I, Facts, H extends boolean = true>(
    field: Field<T, I, Facts>,
    options?: EncryptedOptions<H>,
  ): Field<T, I, Exclude<Facts, 'hidden'> | Veiled<H> | 'secret'>
}
